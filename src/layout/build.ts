import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { copyBytes } from "../base/bytes.js";
import { BYTE, COMPOSITE, elementBits, elementWords, POINTER } from "../wire/element.js";
import { farLow, LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { encodeUtf8, utf8Length } from "../base/utf8.js";
import { blobRoom, newBlob, newStruct, newStructList } from "./near.js";
import { eraseAt } from "./erase.js";
import type { Place } from "../arena/place.js";

/** List pointers count elements in 29 bits. */
const COUNT_MAX = 0x1fffffff;

export function tooLong(count: number): never {
	throw new RangeError("a list of " + count + " elements");
}

/**
 * Reserves `words` for the target of the pointer at byte `pointer` of `segment` and writes that pointer; whatever it held is
 * erased. Aims `into` at the segment that took them and returns the byte offset.
 */
export function reserve(
	segment: Segment,
	pointer: number,
	words: number,
	kind: number,
	high: number,
	into: Place,
): number {
	const view = segment.view;
	if (view.getInt32(pointer, true) !== 0 || view.getInt32(pointer + 4, true) !== 0) eraseAt(segment, pointer);
	const start = segment.endByte;
	const end = start + words * 8;
	if (end > segment.limitByte) return reserveFar(segment, pointer, words, kind, high, into);
	segment.endByte = end;
	if (words === 0) segment.emptyByte = end;
	view.setInt32(pointer, ((start - pointer - 8) >> 1) | kind, true);
	view.setUint32(pointer + 4, high, true);
	if (into.source !== null || into.element !== null) into.leave();
	into.view = view;
	into.segment = segment;
	return start;
}

/** Another segment takes the object, behind a landing pad. */
function reserveFar(segment: Segment, pointer: number, words: number, kind: number, high: number, into: Place): number {
	const arena = segment.arena!;
	const view = segment.view;
	const pad = arena.allocate(words + 1);
	const other = arena.shared.allocated!;
	if (words === 0) other.emptyByte = other.endByte;
	// The object follows its landing pad directly: offset 0.
	other.view.setInt32(pad, kind, true);
	other.view.setUint32(pad + 4, high, true);
	view.setUint32(pointer, farLow(pad - other.startByte, false), true);
	view.setUint32(pointer + 4, other.id, true);
	into.leave();
	into.view = other.view;
	into.segment = other;
	return pad + 8;
}

export function pointerAt(from: Place, index: number): number {
	if (index >= from.pointerCount) throw new RangeError("pointer " + index + " of a struct with " + from.pointerCount);
	return from.pointers + index * 8;
}

export function initStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): void {
	if (!newStruct(from, index, dataWords, pointerCount, into)) initAnyStruct(from, index, dataWords, pointerCount, into);
}

function initAnyStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): void {
	const pointer = pointerAt(from, index);
	const words = dataWords + pointerCount;
	const start = reserve(from.segment, pointer, words, STRUCT, dataWords | (pointerCount << 16), into);
	// An empty struct points at itself, offset -1: all zeroes would be null.
	if (words === 0 && into.view === from.view) into.view.setInt32(pointer, -4, true);
	into.data = start;
	into.dataBytes = dataWords * 8;
	into.pointerCount = pointerCount;
	into.length = 0;
	into.step = 0;
	into.depth = from.depth;
}

export function initList(from: Place, index: number, code: number, count: number, into: Place): void {
	if (count > COUNT_MAX) tooLong(count);
	const pointer = pointerAt(from, index);
	const start = reserve(from.segment, pointer, elementWords(code, count), LIST, code | (count << 3), into);
	const bytes = elementBits(code) >> 3;
	into.data = start;
	into.length = count;
	into.step = bytes;
	into.depth = from.depth;
	if (code === POINTER) {
		into.dataBytes = 0;
		into.pointerCount = 1;
	} else {
		into.dataBytes = bytes;
		into.pointerCount = 0;
	}
}

export function initStructList(
	from: Place,
	index: number,
	count: number,
	dataWords: number,
	pointerCount: number,
	into: Place,
): void {
	if (!newStructList(from, index, count, dataWords, pointerCount, into))
		initAnyStructList(from, index, count, dataWords, pointerCount, into);
}

function initAnyStructList(
	from: Place,
	index: number,
	count: number,
	dataWords: number,
	pointerCount: number,
	into: Place,
): void {
	const wordsEach = dataWords + pointerCount;
	const words = count * wordsEach;
	if (count > COUNT_MAX || words > COUNT_MAX) tooLong(count);
	const pointer = pointerAt(from, index);
	const tag = reserve(from.segment, pointer, words + 1, LIST, COMPOSITE | (words << 3), into);
	into.view.setInt32(tag, count << 2, true);
	into.view.setUint32(tag + 4, dataWords | (pointerCount << 16), true);
	into.data = tag + 8;
	into.dataBytes = dataWords * 8;
	into.pointerCount = pointerCount;
	into.length = count;
	into.step = wordsEach * 8;
	into.depth = from.depth;
}

/** `length` bytes, zeroed; text gets one more for its NUL. */
export function initBlob(from: Place, index: number, length: number, text: boolean, into: Place): void {
	if (!newBlob(from, index, length, text, into)) initAnyBlob(from, index, length, text, into);
}

function initAnyBlob(from: Place, index: number, length: number, text: boolean, into: Place): void {
	const count = text ? length + 1 : length;
	if (count > COUNT_MAX) tooLong(count);
	const pointer = pointerAt(from, index);
	const start = reserve(from.segment, pointer, (count + 7) >>> 3, LIST, BYTE | (count << 3), into);
	into.data = start;
	into.length = length;
	into.step = 1;
	into.dataBytes = 1;
	into.pointerCount = 0;
	into.depth = from.depth;
}

export function setText(from: Place, index: number, text: string): void {
	const length = utf8Length(text);
	const start = blobRoom(from, index, length, true);
	if (start >= 0) {
		encodeUtf8(text, from.segment.bytes, start);
		return;
	}
	const scratch = from.segment.arena!.shared.place;
	initAnyBlob(from, index, length, true, scratch);
	encodeUtf8(text, scratch.segment.bytes, scratch.data);
}

/** Copies `length` bytes from `offset` on. */
export function setData(
	from: Place,
	index: number,
	bytes: Uint8Array,
	offset = 0,
	length: number = bytes.length - offset,
): void {
	if (offset + length > bytes.length)
		throw new RangeError("bytes " + offset + " to " + (offset + length) + " of " + bytes.length);
	const start = blobRoom(from, index, length, false);
	if (start >= 0) {
		copyBytes(bytes, offset, from.segment.bytes, start, length);
		return;
	}
	const scratch = from.segment.arena!.shared.place;
	initAnyBlob(from, index, length, false, scratch);
	copyBytes(bytes, offset, scratch.segment.bytes, scratch.data, length);
}

/** Takes a reference of its own; null makes a null pointer. */
export function setHook(from: Place, index: number, hook: CapHook | null): void {
	const pointer = pointerAt(from, index);
	const view = from.view;
	if (view.getUint32(pointer, true) !== 0 || view.getUint32(pointer + 4, true) !== 0) eraseAt(from.segment, pointer);
	if (hook === null) return;
	const slot = from.segment.arena!.caps.add(hook);
	view.setUint32(pointer, OTHER, true);
	view.setUint32(pointer + 4, slot, true);
}

export function clear(from: Place, index: number): void {
	if (index >= from.pointerCount) return;
	const pointer = from.pointers + index * 8;
	if (from.view.getUint32(pointer, true) !== 0 || from.view.getUint32(pointer + 4, true) !== 0)
		eraseAt(from.segment, pointer);
}
