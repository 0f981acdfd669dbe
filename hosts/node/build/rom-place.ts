/** Gives each part of a ROM heap its place in flash: header, slots, tables of names, the engine's references, chunks. */
import { ChunkByte, header, headerWords, kinds, Slot, slotBytes, type RomSlots, type Value } from "./rom-slots.js";

export interface PlacedHeap {
	words: number[];
	slots: number;
}

/** Slots of flash are marked, so that a collector passes them by. */
const markFlag = 0x80;

/** The words of the heap as they lie from `address` on. */
export function placeHeap(heap: RomSlots, address: number): PlacedHeap {
	const slots = heap.reachable();
	const slotsAt = address + headerWords * 4;
	const places = new Map(slots.map((slot, i) => [slot, slotsAt + (i + 1) * slotBytes]));
	const keysAt = slotsAt + (slots.length + 1) * slotBytes;
	const namesAt = keysAt + heap.keys.length * 4;
	const symbolsAt = namesAt + heap.names.length * 4;
	const stackAt = symbolsAt + heap.symbols.length * 4;
	const chunksAt = stackAt + heap.stack.length * slotBytes;

	const word = (value: Value | null): number => {
		if (value instanceof ChunkByte) return chunksAt + value.offset;
		return value instanceof Slot ? places.get(value)! : (value ?? 0);
	};
	const slotOf = (slot: Slot): number[] => [
		word(slot.next),
		(slot.kind | (slot.flag << 8) | (slot.id << 16)) >>> 0,
		word(slot.values[0]),
		word(slot.values[1]),
	];
	const first = [...heap.header];
	first[header.arena] = slotsAt;
	first[header.arenaBytes] = chunksAt - slotsAt;
	first[header.chunks] = chunksAt;
	first[header.heapCount] = slots.length + 1;
	first[header.heap] = slotsAt;
	first[header.stack] = stackAt;
	first[header.keys] = keysAt;
	first[header.names] = namesAt;
	first[header.symbols] = symbolsAt;
	/** The engine's head of a run of slots. */
	const head = [0, kinds.undefined | (markFlag << 8), slotsAt + (slots.length + 1) * slotBytes, 0];
	const words = [
		...first,
		...head,
		...slots.flatMap(slotOf),
		...[heap.keys, heap.names, heap.symbols].flatMap((table) => table.map(word)),
		...heap.stack.flatMap(slotOf),
		...heap.chunks.map(word),
	];
	if (words.length * 4 !== chunksAt - address + heap.chunks.length * 4 || first.length !== headerWords)
		throw new Error(`the ROM heap's parts are not where they should be (${words.length} words)`);
	return { words, slots: slots.length };
}
