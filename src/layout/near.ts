import type { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { BYTE, COMPOSITE } from "../wire/element.js";
import { LIST, STRUCT } from "../wire/pointer.js";

// The usual case in one piece: a near pointer to what is expected, in order. Each function checks all that `follow` checks
// and says false, with nothing changed, for whatever is not that; `follow` knows all cases and names the faults. Hosts
// with native code replace this file (modules/codec/near.ts).

export function nearStruct(from: Place, index: number, into: Place): boolean {
	if (index >= from.pointerCount) return false;
	const view = from.view;
	const position = from.data + from.dataBytes + index * 8;
	const low = view.getInt32(position, true);
	const high = view.getInt32(position + 4, true);
	if ((low & 3) !== STRUCT || high === 0) return false;
	const segment = from.segment;
	const depth = from.depth;
	const start = position + 8 + low * 2;
	const words = (high & 0xffff) + (high >>> 16);
	if (start < segment.startByte || start + words * 8 > segment.endByte || depth <= 0 || !charged(segment, words))
		return false;
	if (into.source !== null || into.element !== null) into.leave();
	into.data = start;
	into.dataBytes = (high & 0xffff) << 3;
	into.view = view;
	into.pointerCount = high >>> 16;
	into.depth = depth - 1;
	into.segment = segment;
	return true;
}

/** A list of structs whose elements are not empty. */
export function nearStructList(from: Place, index: number, into: Place): boolean {
	if (index >= from.pointerCount) return false;
	const view = from.view;
	const position = from.data + from.dataBytes + index * 8;
	const low = view.getInt32(position, true);
	const high = view.getInt32(position + 4, true);
	if ((low & 3) !== LIST || (high & 7) !== COMPOSITE) return false;
	const segment = from.segment;
	const depth = from.depth;
	const words = high >>> 3;
	const start = position + 16 + (low - 1) * 2;
	if (start < segment.startByte + 8 || start + words * 8 > segment.endByte || depth <= 0) return false;
	const tagLow = view.getInt32(start - 8, true);
	const tagHigh = view.getInt32(start - 4, true);
	const wordsEach = (tagHigh & 0xffff) + (tagHigh >>> 16);
	const count = tagLow >>> 2;
	if ((tagLow & 3) !== STRUCT || wordsEach === 0 || count * wordsEach > words || !charged(segment, words + 1))
		return false;
	if (into.source !== null || into.element !== null) into.leave();
	into.data = start;
	into.dataBytes = (tagHigh & 0xffff) << 3;
	into.view = view;
	into.length = count;
	into.step = wordsEach << 3;
	into.pointerCount = tagHigh >>> 16;
	into.depth = depth - 1;
	into.segment = segment;
	return true;
}

export function nearBlob(from: Place, index: number, text: boolean, into: Place): boolean {
	if (index >= from.pointerCount) return false;
	const view = from.view;
	const position = from.data + from.dataBytes + index * 8;
	const low = view.getInt32(position, true);
	const high = view.getInt32(position + 4, true);
	if ((low & 3) !== LIST || (high & 7) !== BYTE) return false;
	const segment = from.segment;
	const depth = from.depth;
	const start = position + 8 + (low - 1) * 2;
	const length = (high >>> 3) - (text ? 1 : 0);
	const end = start + (high >>> 3);
	if (start < segment.startByte || end > segment.endByte || length < 0 || depth <= 0) return false;
	if ((text && view.getUint8(end - 1) !== 0) || !charged(segment, (length + 8) >> 3)) return false;
	if (into.source !== null || into.element !== null) into.leave();
	into.data = start;
	into.dataBytes = 1;
	into.view = view;
	into.length = length;
	into.step = 1;
	into.pointerCount = 0;
	into.depth = depth - 1;
	into.segment = segment;
	return true;
}

/** Takes `words` off the read budget where it has them. */
function charged(segment: Segment, words: number): boolean {
	const arena = segment.arena;
	if (arena === null) return true;
	const left = arena.budgetWords - words;
	if (left < 0) return false;
	arena.budgetWords = left;
	return true;
}

// The same for building: the pointer is null and its segment has room.

/** `dataWords` and `pointerCount` are not both 0. */
export function newStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): boolean {
	const words = dataWords + pointerCount;
	const start = words === 0 ? -1 : room(from, index, words, STRUCT, dataWords | (pointerCount << 16));
	if (start < 0) return false;
	aim(from, start, dataWords * 8, pointerCount, into);
	return true;
}

export function newStructList(
	from: Place,
	index: number,
	count: number,
	dataWords: number,
	pointerCount: number,
	into: Place,
): boolean {
	const wordsEach = dataWords + pointerCount;
	const words = count * wordsEach;
	const tag = count > COUNT_MAX ? -1 : room(from, index, words + 1, LIST, COMPOSITE | (words << 3));
	if (tag < 0) return false;
	from.view.setInt32(tag, count << 2, true);
	from.view.setInt32(tag + 4, dataWords | (pointerCount << 16), true);
	aim(from, tag + 8, dataWords * 8, pointerCount, into);
	into.length = count;
	into.step = wordsEach * 8;
	return true;
}

/** The byte offset of `length` new bytes behind pointer `index`, `text` with a NUL behind them; -1 where the general way is needed. */
export function blobRoom(from: Place, index: number, length: number, text: boolean): number {
	const count = text ? length + 1 : length;
	return count === 0 || count > COUNT_MAX ? -1 : room(from, index, (count + 7) >>> 3, LIST, BYTE | (count << 3));
}

export function newBlob(from: Place, index: number, length: number, text: boolean, into: Place): boolean {
	const start = blobRoom(from, index, length, text);
	if (start < 0) return false;
	aim(from, start, 1, 0, into);
	into.length = length;
	into.step = 1;
	return true;
}

/** List pointers count elements in 29 bits. */
const COUNT_MAX = 0x1fffffff;

/** Takes `words` from the end of the segment for pointer `index` and writes that; -1 where the general way is needed. */
function room(from: Place, index: number, words: number, kind: number, high: number): number {
	if (index >= from.pointerCount) return -1;
	const segment = from.segment;
	const start = segment.endByte;
	const end = start + words * 8;
	if (end > segment.limitByte) return -1;
	const view = from.view;
	const pointer = from.data + from.dataBytes + index * 8;
	if ((view.getInt32(pointer, true) | view.getInt32(pointer + 4, true)) !== 0) return -1;
	segment.endByte = end;
	view.setInt32(pointer, ((start - pointer - 8) >> 1) | kind, true);
	view.setInt32(pointer + 4, high, true);
	return start;
}

function aim(from: Place, data: number, dataBytes: number, pointerCount: number, into: Place): void {
	if (into.source !== null || into.element !== null) into.leave();
	into.data = data;
	into.dataBytes = dataBytes;
	into.view = from.view;
	into.pointerCount = pointerCount;
	into.depth = from.depth;
	into.segment = from.segment;
}
