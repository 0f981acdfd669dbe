import type { Seeded } from "../support/seeded.js";
import type { Draft } from "./draft.js";

/** Halves of words that have broken readers before. */
const HALVES = [
	0, 1, 2, 3, 4, 6, 7, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0x00010000,
	0x00010001, 0xffff0000,
];

/** Small steps mostly, now and then as large as the bits allow. */
function step(random: Seeded, bits: number): number {
	const size = random.below(8);
	if (size < 5) return random.below(5) - 2;
	return size === 5 ? random.below(64) - 32 : random.next() >>> (32 - bits);
}

/**
 * Changes some words of a frame by what they are: kinds, sizes, offsets and targets of pointers, landing pads and tags
 * (`sites`), data between them, sizes of segments.
 */
export function mutateDraft(draft: Draft, sites: Uint16Array, random: Seeded): void {
	for (let changes = 1 + random.below(3); changes > 0; changes--) {
		const words = draft.words;
		if (words === 0) {
			draft.grow(0, 1 + random.below(3));
			return;
		}
		const choice = random.below(16);
		if (choice === 0) mutateTable(draft, random);
		else if (choice < 4 || sites.length === 0) mutateData(draft, random.below(words), random);
		else {
			const at = sites[random.below(sites.length)]!;
			if (at < words) mutatePointer(draft, at, sites, random);
		}
	}
}

function mutateTable(draft: Draft, random: Seeded): void {
	const segment = random.below(draft.segments);
	const size = draft.sizes[segment]!;
	switch (random.below(6)) {
		case 0:
			// Everything behind moves, so that pointers lead elsewhere.
			if (size > 0) draft.sizes[segment] = size - 1;
			break;
		case 1:
			draft.grow(segment, 1 + random.below(4));
			break;
		case 2: {
			// A segment more, of words that were the end of this one.
			if (draft.segments === 24 || size < 2) break;
			const cut = 1 + random.below(size - 1);
			draft.sizes.copyWithin(segment + 2, segment + 1, draft.segments);
			draft.sizes[segment] = size - cut;
			draft.sizes[segment + 1] = cut;
			draft.segments++;
			break;
		}
		case 3:
			if (segment + 1 < draft.segments) {
				draft.sizes[segment] = size + draft.sizes[segment + 1]!;
				draft.sizes.copyWithin(segment + 1, segment + 2, draft.segments);
				draft.segments--;
			}
			break;
		case 4:
			if (draft.segments < 24) draft.sizes[draft.segments++] = 0;
			break;
		default:
			if (draft.segments > 1) draft.segments--;
	}
}

function mutateData(draft: Draft, at: number, random: Seeded): void {
	const halves = draft.halves;
	const half = at * 2 + random.below(2);
	switch (random.below(4)) {
		case 0:
			halves[half] = HALVES[random.below(HALVES.length)]!;
			break;
		case 1:
			halves[half] = 0;
			break;
		case 2:
			halves[half] = halves[half]! ^ (1 << random.below(32));
			break;
		default:
			halves[half] = (halves[half]! & ~(0xff << ((half & 3) * 8))) | (random.below(256) << ((half & 3) * 8));
	}
}

function mutatePointer(draft: Draft, at: number, sites: Uint16Array, random: Seeded): void {
	const halves = draft.halves;
	const low = halves[at * 2]!;
	const high = halves[at * 2 + 1]!;
	switch (random.below(12)) {
		case 0:
			halves[at * 2] = ((low & ~3) | random.below(4)) >>> 0;
			break;
		case 1:
			halves[at * 2] = ((low & 3) | (((low >> 2) + step(random, 30)) << 2)) >>> 0;
			break;
		case 2:
			mutateSizes(halves, at, low, high, random);
			break;
		case 3:
			mutateSizes(halves, at, low, high, random);
			break;
		case 4:
			toFar(draft, at, random.chance(3), random);
			break;
		case 5: {
			// The same target twice, or a pointer to something that contains it.
			const other = sites[random.below(sites.length)]!;
			if (other < draft.words) copyPointer(draft, other, at);
			break;
		}
		case 6:
			halves[at * 2] = halves[at * 2 + 1] = 0;
			break;
		case 7:
			halves[at * 2] = ((random.below(draft.words) << 3) | (random.below(2) << 2) | 2) >>> 0;
			halves[at * 2 + 1] = random.below(draft.segments + 1);
			break;
		case 8:
			halves[at * 2] = 3 | (random.chance(4) ? 4 : 0);
			halves[at * 2 + 1] = random.below(4);
			break;
		case 9:
			grownTarget(draft, at, random);
			break;
		case 10:
			// A struct that is itself, in the word before its pointer.
			halves[at * 2] = (((-1 - random.below(3)) << 2) | (random.below(8) === 0 ? 1 : 0)) >>> 0;
			halves[at * 2 + 1] = random.below(2) | ((1 + random.below(2)) << 16);
			break;
		default:
			halves[at * 2 + random.below(2)] = HALVES[random.below(HALVES.length)]!;
	}
}

/** Sizes of a struct, code and count of a list, or the target of a far pointer. */
function mutateSizes(halves: Uint32Array, at: number, low: number, high: number, random: Seeded): void {
	const kind = low & 3;
	if (kind === 1) {
		const code = random.chance(2) ? random.below(8) : high & 7;
		halves[at * 2 + 1] = (code | (((high >>> 3) + step(random, 29)) << 3)) >>> 0;
	} else if (kind === 2) {
		if (random.chance(2)) halves[at * 2] = (low ^ (random.chance(3) ? 4 : random.below(8) << 3)) >>> 0;
		else halves[at * 2 + 1] = (high + step(random, 32)) >>> 0;
	} else if (random.chance(2)) halves[at * 2 + 1] = ((high & 0xffff0000) | ((high + step(random, 16)) & 0xffff)) >>> 0;
	else halves[at * 2 + 1] = ((high & 0xffff) | (((high >>> 16) + step(random, 16)) << 16)) >>> 0;
}

/** Lets pointer `to` lead where pointer `from` does. */
function copyPointer(draft: Draft, from: number, to: number): void {
	const halves = draft.halves;
	const low = halves[from * 2]!;
	const near = (low & 3) < 2 && (low | halves[from * 2 + 1]!) !== 0;
	halves[to * 2] = near ? (low + ((from - to) << 2)) >>> 0 : low;
	halves[to * 2 + 1] = halves[from * 2 + 1]!;
}

/** The same target behind a landing pad in some segment, which the pointer's own or the target's need not be. */
function toFar(draft: Draft, at: number, double: boolean, random: Seeded): void {
	const halves = draft.halves;
	const low = halves[at * 2]!;
	const high = halves[at * 2 + 1]!;
	if ((low & 3) > 1 || (low | high) === 0) return;
	const own = draft.segmentOf(at);
	const segment = double ? random.below(draft.segments) : own;
	const content = at + 1 + ((low | 0) >> 2) - draft.start(own);
	// The pad goes to the end of its segment, so words of later segments move, and what this pointer is with them.
	const pad = draft.grow(segment, double ? 2 : 1);
	if (pad < 0) return;
	const moved = segment < own ? at + (double ? 2 : 1) : at;
	const offset = pad - draft.start(segment);
	if (double) {
		halves[pad * 2] = ((content << 3) | 2) >>> 0;
		halves[pad * 2 + 1] = own;
		halves[pad * 2 + 2] = low & 3;
		halves[pad * 2 + 3] = high;
	} else {
		halves[pad * 2] = (((content - offset - 1) << 2) | (low & 3)) >>> 0;
		halves[pad * 2 + 1] = high;
	}
	halves[moved * 2] = ((offset << 3) | (double ? 4 : 0) | 2) >>> 0;
	halves[moved * 2 + 1] = segment;
}

/** A new target at the end of the segment: a list of any kind or a struct, with random words in it. */
function grownTarget(draft: Draft, at: number, random: Seeded): void {
	const segment = draft.segmentOf(at);
	const words = 1 + random.below(6);
	const start = draft.grow(segment, words);
	if (start < 0) return;
	const halves = draft.halves;
	const offset = (start - at - 1) << 2;
	const code = random.below(9);
	for (let i = start * 2; i < (start + words) * 2; i++)
		if (random.chance(3)) halves[i] = random.next() >>> random.below(32);
	if (code === 8) {
		const dataWords = random.below(words + 1);
		halves[at * 2] = offset >>> 0;
		halves[at * 2 + 1] = (dataWords | ((words - dataWords) << 16)) >>> 0;
		return;
	}
	halves[at * 2] = (offset | 1) >>> 0;
	if (code === 7) {
		const count = words === 1 ? random.below(3) : 1 + random.below(words - 1);
		const each = words === 1 ? 0 : Math.floor((words - 1) / count);
		const dataWords = random.below(each + 1);
		halves[start * 2] = count << 2;
		halves[start * 2 + 1] = (dataWords | ((each - dataWords) << 16)) >>> 0;
		halves[at * 2 + 1] = (7 | ((words - 1) << 3)) >>> 0;
		return;
	}
	const perWord = [random.below(50), 64, 8, 4, 2, 1, 1][code]!;
	const count = code === 0 ? perWord : (words - 1) * perWord + 1 + random.below(perWord);
	halves[at * 2 + 1] = (code | (count << 3)) >>> 0;
	// Text as often as not: printable, with its NUL.
	if (code === 2 && random.chance(2)) terminate(halves, start * 4 * 2, count, random);
}

function terminate(halves: Uint32Array, at: number, count: number, random: Seeded): void {
	for (let i = 0; i < count; i++) {
		const byte = i === count - 1 ? 0 : random.chance(6) ? 0x80 + random.below(128) : 0x41 + random.below(26);
		const shift = ((at + i) & 3) * 8;
		const half = (at + i) >> 2;
		halves[half] = ((halves[half]! & ~(0xff << shift)) | (byte << shift)) >>> 0;
	}
}

/** Any bytes, anywhere; counts of runs and tags among them. Returns the new length, at most that of `bytes`. */
export function mutateBytes(bytes: Uint8Array, length: number, random: Seeded): number {
	if (length === 0) return 0;
	for (let changes = 1 + random.below(3); changes > 0; changes--) {
		const at = random.below(length);
		switch (random.below(6)) {
			case 0:
				bytes[at] = 0xff;
				break;
			case 1:
				bytes[at] = 0;
				break;
			case 2:
				bytes[at] = bytes[at]! ^ (1 << random.below(8));
				break;
			case 3:
				length = at + 1;
				break;
			case 4:
				if (length < bytes.length) {
					bytes.copyWithin(at + 1, at, length++);
					bytes[at] = random.chance(2) ? 0 : random.below(256);
				}
				break;
			default:
				bytes[at] = random.below(256);
		}
	}
	return length;
}
