/**
 * The captured heap as what it is, slots of the engine that refer to each other, so that the build can leave out what no running
 * program can tell from nothing, and keep one of what it cannot tell apart. Layouts: sxSlot, sxPreparation and txKind of XS's xsAll.h.
 */

/** A capture: its words, and for each the byte of the capture it points to, or -1 for what is no pointer. */
export interface CapturedWords {
	words: Uint32Array;
	targets: Int32Array;
	/** The word from which on the chunks lie, up to the end. */
	chunkWord: number;
}

/** What a word of the ROM heap holds: a number, a slot, a byte of the chunks, a text, or something of the program's. */
export type Value = number | Slot | ChunkByte | FlashText | FlashAddress;

export class ChunkByte {
	constructor(readonly offset: number) {}
}

/** A text of the capturing program, which the program that starts from the heap need not have. */
export class FlashText {
	constructor(readonly text: string) {}
}

/** A function or a table of the capturing program. */
export class FlashAddress {
	constructor(readonly address: number) {}
}

export class Slot {
	next: Slot | null = null;
	values: [Value, Value] = [0, 0];
	constructor(
		readonly kind: number,
		public flag: number,
		public id: number,
	) {}
}

/** Words of struct rom_heap before the slots. */
export const headerWords = 37;
/** Its members, and those of its txPreparation, by word. */
export const header = {
	arena: 1,
	arenaBytes: 2,
	chunks: 3,
	aliasCount: 5,
	heapCount: 6,
	heap: 7,
	stackCount: 8,
	stack: 9,
	keyCount: 11,
	keys: 12,
	nameModulo: 13,
	names: 14,
	symbolModulo: 15,
	symbols: 16,
} as const;
export const slotBytes = 16;

export const kinds = {
	undefined: 0,
	null: 1,
	boolean: 2,
	integer: 3,
	number: 4,
	string: 5,
	stringX: 6,
	symbol: 7,
	bigintX: 9,
	reference: 10,
	closure: 11,
	instance: 13,
	callback: 18,
	code: 19,
	codeX: 20,
	host: 26,
	typedArray: 34,
	accessor: 38,
	home: 42,
	keyX: 44,
	callbackX: 49,
} as const;
/** Kinds whose value is the first word; the second, as both of a slot without a value, is what was there before. */
const oneWord: ReadonlySet<number> = new Set([
	kinds.boolean,
	kinds.integer,
	kinds.stringX,
	kinds.symbol,
	kinds.reference,
	kinds.closure,
]);
const texts: ReadonlySet<number> = new Set([kinds.stringX, kinds.keyX]);
const numbers: ReadonlySet<number> = new Set([kinds.integer, kinds.number]);
const callbacks = [kinds.callback, kinds.callbackX];
const flashWords: readonly [ReadonlySet<number>, ReadonlySet<number>] = [
	new Set([...callbacks, kinds.code, kinds.codeX, kinds.typedArray]),
	new Set([kinds.host, kinds.typedArray]),
];
export const internalFlag = 1;

/** The heap of a capture. */
export class RomSlots {
	readonly header: number[];
	/** The engine's own references, in the order of its stack. */
	readonly stack: Slot[] = [];
	/** By id. */
	readonly keys: (Slot | null)[];
	readonly names: (Slot | null)[];
	readonly symbols: readonly (Slot | null)[];
	/** Texts, and the items of arrays, word by word. */
	readonly chunks: Value[] = [];
	private readonly byByte = new Map<number, Slot>();

	/** `program` lies at `programAddress` in flash: names refer to their texts there. */
	constructor(
		private readonly capture: CapturedWords,
		private readonly program: Buffer,
		private readonly programAddress: number,
	) {
		const { words, targets, chunkWord } = capture;
		this.header = [...words.subarray(0, headerWords)];
		for (let heap = this.pointer(header.heap); heap >= 0; heap = targets[heap / 4]!)
			for (let byte = heap + slotBytes; byte < targets[heap / 4 + 2]!; byte += slotBytes)
				this.byByte.set(byte, emptySlot(words, byte / 4));
		for (const [byte, slot] of this.byByte) this.fill(slot, byte / 4);
		for (let i = 0; i < words[header.stackCount]!; i++) {
			const word = (this.pointer(header.stack) + i * slotBytes) / 4;
			const slot = emptySlot(words, word);
			this.fill(slot, word);
			this.stack.push(slot);
		}
		this.keys = this.table(header.keys, words[header.keyCount]!);
		this.names = this.table(header.names, words[header.nameModulo]!);
		this.symbols = this.table(header.symbols, words[header.symbolModulo]!);
		for (let word = chunkWord; word < words.length; word++) this.chunks.push(this.value(word));
	}

	/** The text of a name, undefined if it is not one that the program was linked with. */
	nameOf(id: number): string | undefined {
		const text = this.keys[id]?.values[0];
		return text instanceof FlashText ? text.text : undefined;
	}

	/** The id of one of the engine's own names. */
	idOf(name: string): number {
		for (let id = 0; id < this.keys.length; id++) if (this.nameOf(id) === name) return id;
		throw new Error(`the engine has no name "${name}"`);
	}

	private pointer(word: number): number {
		const target = this.capture.targets[word]!;
		if (target < 0) throw new Error("the captured heap is incomplete");
		return target;
	}

	private table(word: number, count: number): (Slot | null)[] {
		const first = this.pointer(word) / 4;
		return Array.from({ length: count }, (_, i) => this.slotAt(first + i));
	}

	private slotAt(word: number): Slot | null {
		const value = this.value(word);
		return value instanceof Slot ? value : null;
	}

	private fill(slot: Slot, word: number): void {
		slot.next = this.slotAt(word);
		if (slot.kind === kinds.home) slot.id = 0; // the engine's profiler counts by it
		if (slot.kind === kinds.undefined || slot.kind === kinds.null) return;
		const value = this.value(word + 2);
		// An id is half a word; in the other half is what was there before, an address of the program perhaps.
		if (slot.kind === kinds.symbol && typeof value === "number") slot.values[0] = value & 0xffff;
		else slot.values[0] = this.inFlash(slot.kind, 0, value);
		if (!oneWord.has(slot.kind)) slot.values[1] = this.inFlash(slot.kind, 1, this.value(word + 3));
	}

	/** Which words of which kinds may refer to the program; a number that only looks so is one. */
	private inFlash(kind: number, index: 0 | 1, value: Value): Value {
		if (typeof value !== "number" || value < this.programAddress) return value;
		const start = value - this.programAddress;
		if (start >= this.program.length) return value;
		if (index === 0 && texts.has(kind))
			return new FlashText(this.program.toString("latin1", start, this.program.indexOf(0, start)));
		if (flashWords[index].has(kind)) return new FlashAddress(value);
		if (numbers.has(kind)) return value;
		throw new Error(`a slot of kind ${kind} refers to the program: the ROM heap does not know how to keep that`);
	}

	private value(word: number): Value {
		const target = this.capture.targets[word]!;
		if (target < 0) return this.capture.words[word]!;
		if (target >= this.capture.chunkWord * 4) return new ChunkByte(target - this.capture.chunkWord * 4);
		// What points to neither slot nor chunk was of use to the capturing engine alone.
		return this.byByte.get(target) ?? 0;
	}

	/** Every slot that something refers to, in the order of the capture: what was made together stays together. */
	reachable(): Slot[] {
		const seen = new Set<Slot>();
		const waiting = this.roots();
		for (let slot = waiting.pop(); slot; slot = waiting.pop()) {
			if (seen.has(slot)) continue;
			seen.add(slot);
			waiting.push(...references(slot));
		}
		return [...this.byByte.values()].filter((slot) => seen.has(slot));
	}

	private roots(): Slot[] {
		const tables = [...this.keys, ...this.names, ...this.symbols, ...this.stack.flatMap(references), ...this.chunks];
		return tables.filter((value) => value instanceof Slot);
	}

	/** Replaces references; a slot without an entry stays what it is. */
	replace(by: ReadonlyMap<Slot, Slot>): void {
		const now = (value: Value): Value => (value instanceof Slot ? (by.get(value) ?? value) : value);
		for (const slot of [...this.byByte.values(), ...this.stack]) {
			slot.next = slot.next && (by.get(slot.next) ?? slot.next);
			slot.values = [now(slot.values[0]), now(slot.values[1])];
		}
		for (const [i, value] of this.chunks.entries()) this.chunks[i] = now(value);
	}
}

function emptySlot(words: Uint32Array, word: number): Slot {
	const head = words[word + 1]!;
	return new Slot(head & 0xff, (head >>> 8) & 0xff, head >>> 16);
}

export function references(slot: Slot): Slot[] {
	return [slot.next, ...slot.values].filter((value) => value instanceof Slot);
}

/** True for the slot after an instance that makes it a function. */
export function isCode(slot: Slot): boolean {
	return (
		(slot.flag & internalFlag) !== 0 &&
		(slot.kind === kinds.code ||
			slot.kind === kinds.codeX ||
			slot.kind === kinds.callback ||
			slot.kind === kinds.callbackX)
	);
}

/** A property of an object by the id of its name; null where it has none of its own. */
export function propertyOf(instance: Slot, id: number): Slot | null {
	let property = instance.next;
	while (property && (property.id !== id || property.flag & internalFlag)) property = property.next;
	return property;
}
