/** A ROM heap as assembler text: header, slots, tables of names, the engine's references, chunks, texts. */
import {
	ChunkByte,
	FlashAddress,
	FlashText,
	header,
	headerWords,
	kinds,
	Slot,
	slotBytes,
	type RomSlots,
	type Value,
} from "./rom-slots.js";

export interface PlacedHeap {
	assembler: string;
	bytes: number;
	slots: number;
}

/** What the C of hosts/unikernel/rom calls it. */
const symbol = "gxRomHeap";
const textsSymbol = "romHeapTexts";
/** Slots of flash are marked, so that a collector passes them by. */
const markFlag = 0x80;
const wordsPerLine = 8;

/** `symbolAt` names what lies at an address of the capturing program, as the linker of the next will understand it. */
export function placeHeap(heap: RomSlots, symbolAt: (address: number) => string): PlacedHeap {
	const slots = heap.reachable();
	const slotsAt = headerWords * 4;
	const places = new Map(slots.map((slot, i) => [slot, slotsAt + (i + 1) * slotBytes]));
	const slotsEnd = slotsAt + (slots.length + 1) * slotBytes;
	const namesAt = slotsEnd + heap.keys.length * 4;
	const symbolsAt = namesAt + heap.names.length * 4;
	const stackAt = symbolsAt + heap.symbols.length * 4;
	const chunksAt = stackAt + heap.stack.length * slotBytes;
	const texts = new Texts();

	const here = (byte: number): string => `${symbol}+${byte}`;
	const word = (value: Value | null): string => {
		if (value instanceof ChunkByte) return here(chunksAt + value.offset);
		if (value instanceof Slot) return here(places.get(value)!);
		if (value instanceof FlashText) return `${textsSymbol}+${texts.place(value.text)}`;
		return value instanceof FlashAddress ? symbolAt(value.address) : String(value ?? 0);
	};
	const slotOf = (slot: Slot): string[] => [
		word(slot.next),
		String((slot.kind | (slot.flag << 8) | (slot.id << 16)) >>> 0),
		word(slot.values[0]),
		word(slot.values[1]),
	];
	const first = heap.header.map(String);
	first[header.arena] = here(slotsAt);
	first[header.arenaBytes] = String(chunksAt - slotsAt);
	first[header.chunks] = here(chunksAt);
	first[header.heapCount] = String(slots.length + 1);
	first[header.heap] = here(slotsAt);
	first[header.stack] = here(stackAt);
	first[header.keys] = here(slotsEnd);
	first[header.names] = here(namesAt);
	first[header.symbols] = here(symbolsAt);
	/** The engine's head of a run of slots. */
	const head = ["0", String(kinds.undefined | (markFlag << 8)), here(slotsEnd), "0"];
	const words = [
		...first,
		...head,
		...slots.flatMap(slotOf),
		...[heap.keys, heap.names, heap.symbols].flatMap((table) => table.map(word)),
		...heap.stack.flatMap(slotOf),
		...heap.chunks.map(word),
	];
	if (words.length * 4 !== chunksAt + heap.chunks.length * 4)
		throw new Error(`the ROM heap's parts are not where they should be (${words.length} words)`);
	const assembler = `/* Made from a captured heap. */
	.section .rodata.${symbol}, "a"
	.globl ${symbol}
	.balign 16
${symbol}:
${lines(words)}
	.section .rodata.${textsSymbol}, "a"
${textsSymbol}:
${texts.lines()}`;
	return { assembler, bytes: words.length * 4 + texts.bytes, slots: slots.length };
}

function lines(words: readonly string[]): string {
	let text = "";
	for (let i = 0; i < words.length; i += wordsPerLine) text += `\t.word ${words.slice(i, i + wordsPerLine).join()}\n`;
	return text;
}

/** Each text once. */
class Texts {
	bytes = 0;
	private readonly places = new Map<string, number>();

	place(text: string): number {
		let place = this.places.get(text);
		if (place === undefined) {
			place = this.bytes;
			this.places.set(text, place);
			this.bytes += text.length + 1;
		}
		return place;
	}

	lines(): string {
		const quoted = (text: string) => [...Buffer.from(text, "latin1")].map(escapeByte).join("");
		return [...this.places.keys()].map((text) => `\t.asciz "${quoted(text)}"\n`).join("");
	}
}

function escapeByte(byte: number): string {
	const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92;
	return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
}
