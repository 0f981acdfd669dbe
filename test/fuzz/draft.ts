/** The halves of a frame being changed: its table is apart, its segments lie behind each other. */
export class Draft {
	/** Room for segments that grow. */
	readonly halves: Uint32Array;
	readonly sizes = new Uint32Array(64);
	segments = 0;

	constructor(wordsMax: number) {
		this.halves = new Uint32Array(wordsMax * 2);
	}

	get words(): number {
		let words = 0;
		for (let i = 0; i < this.segments; i++) words += this.sizes[i]!;
		return words;
	}

	/** The first word of a segment. */
	start(segment: number): number {
		let words = 0;
		for (let i = 0; i < segment; i++) words += this.sizes[i]!;
		return words;
	}

	segmentOf(word: number): number {
		let segment = 0;
		for (let end = this.sizes[0]!; segment + 1 < this.segments && word >= end; end += this.sizes[segment]!) segment++;
		return segment;
	}

	/** False where the bytes are no frame that fits. */
	load(bytes: Uint8Array): boolean {
		if (bytes.length < 8) return false;
		const count = word(bytes, 0) + 1;
		const header = ((count + 2) >> 1) * 8;
		if (count > 64 || bytes.length < header || bytes.length - header > this.halves.length * 4) return false;
		let words = 0;
		for (let i = 0; i < count; i++) words += this.sizes[i] = word(bytes, 4 + i * 4);
		if (header + words * 8 > bytes.length) return false;
		this.segments = count;
		for (let i = 0; i < words * 2; i++) this.halves[i] = word(bytes, header + i * 4);
		return true;
	}

	/** Writes the frame; `into` has room. Returns its length. */
	store(into: Uint8Array): number {
		let at = put(into, 0, this.segments - 1);
		for (let i = 0; i < this.segments; i++) at = put(into, at, this.sizes[i]!);
		if (at % 8 !== 0) at = put(into, at, 0);
		const halves = this.words * 2;
		for (let i = 0; i < halves; i++) at = put(into, at, this.halves[i]!);
		return at;
	}

	/** Adds `count` zero words to the end of a segment and returns the first; -1 where there is no room. */
	grow(segment: number, count: number): number {
		const words = this.words;
		if ((words + count) * 2 > this.halves.length) return -1;
		const at = this.start(segment) + this.sizes[segment]!;
		this.halves.copyWithin((at + count) * 2, at * 2, words * 2);
		this.halves.fill(0, at * 2, (at + count) * 2);
		this.sizes[segment] = this.sizes[segment]! + count;
		return at;
	}
}

function word(bytes: Uint8Array, at: number): number {
	return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function put(into: Uint8Array, at: number, value: number): number {
	into[at] = value;
	into[at + 1] = value >>> 8;
	into[at + 2] = value >>> 16;
	into[at + 3] = value >>> 24;
	return at + 4;
}

/** Words that are pointers, landing pads or tags: a reader of its own, that follows what it can and checks nothing twice. */
export function findSites(draft: Draft): Uint16Array {
	const found = new Set<number>();
	const total = draft.words;
	if (total > 0) visit(draft, 0, found, total);
	return Uint16Array.from(found);
}

const SITES_MAX = 96;

function visit(draft: Draft, at: number, found: Set<number>, total: number): void {
	if (at < 0 || at >= total || found.has(at) || found.size >= SITES_MAX) return;
	found.add(at);
	const low = draft.halves[at * 2]!;
	const high = draft.halves[at * 2 + 1]!;
	if (low === 0 && high === 0) return;
	if ((low & 3) === 2) {
		if (high >= draft.segments) return;
		const pad = draft.start(high) + (low >>> 3);
		if ((low & 4) === 0) return visit(draft, pad, found, total);
		if (pad + 1 >= total) return;
		found.add(pad).add(pad + 1);
		const target = draft.halves[pad * 2 + 1]!;
		if (target >= draft.segments) return;
		const content = draft.start(target) + (draft.halves[pad * 2]! >>> 3);
		return object(draft, content, draft.halves[pad * 2 + 2]!, draft.halves[pad * 2 + 3]!, found, total);
	}
	object(draft, at + 1 + ((low | 0) >> 2), low, high, found, total);
}

function object(draft: Draft, start: number, low: number, high: number, found: Set<number>, total: number): void {
	if (start < 0 || start >= total) return;
	if ((low & 3) === 0) return pointers(draft, start + (high & 0xffff), high >>> 16, found, total);
	if ((low & 3) !== 1) return;
	if ((high & 7) === 6) return pointers(draft, start, high >>> 3, found, total);
	if ((high & 7) !== 7) return;
	found.add(start);
	const tagHigh = draft.halves[start * 2 + 1]!;
	const step = (tagHigh & 0xffff) + (tagHigh >>> 16);
	const count = Math.min(draft.halves[start * 2]! >>> 2, 8);
	for (let i = 0; i < count && step > 0; i++)
		pointers(draft, start + 1 + i * step + (tagHigh & 0xffff), tagHigh >>> 16, found, total);
}

function pointers(draft: Draft, at: number, count: number, found: Set<number>, total: number): void {
	for (let i = 0; i < count && i < 16; i++) visit(draft, at + i, found, total);
}
