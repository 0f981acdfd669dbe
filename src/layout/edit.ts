import type { Place } from "../arena/place.js";
import { copyBetween } from "../arena/segment-bytes.js";
import type { Segment } from "../arena/segment.js";
import { BIT, COMPOSITE, elementWords } from "../wire/element.js";
import { LIST, STRUCT } from "../wire/pointer.js";
import { initStruct, initStructList, pointerAt, reserve, tooLong } from "./build.js";
import { eraseAt, zeroPointer } from "./erase.js";
import { faultAt, finishList, finishStruct, locateAt } from "./follow.js";
import { movePointer } from "./move.js";
import { FaultCode } from "../base/fault.js";

// Editing what is there. An object that an older schema made too small (it can only have been copied in) is replaced by
// one with room for all fields; its pointers move over, their targets stay.

/** Aims `into` at the struct behind pointer `index`, made where it is null. */
export function editStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): void {
	const pointer = pointerAt(from, index);
	const segment = from.segment;
	if (!locateAt(segment, pointer, from.depth - 1, into)) {
		initStruct(from, index, dataWords, pointerCount, into);
		return;
	}
	finishStruct(segment, pointer, into);
	if (into.dataBytes < dataWords * 8 || into.pointerCount < pointerCount)
		growStruct(segment, pointer, dataWords, pointerCount, into);
}

function growStruct(
	segment: Segment,
	pointer: number,
	dataWordsMin: number,
	pointerCountMin: number,
	into: Place,
): void {
	const old = into.segment;
	const data = into.data;
	const dataBytes = into.dataBytes;
	const pointers = into.pointers;
	const pointerCount = into.pointerCount;
	const newDataWords = Math.max(dataWordsMin, dataBytes >> 3);
	const newPointerCount = Math.max(pointerCountMin, pointerCount);
	zeroPointer(segment, pointer);
	const start = reserve(
		segment,
		pointer,
		newDataWords + newPointerCount,
		STRUCT,
		newDataWords | (newPointerCount << 16),
		into,
	);
	into.data = start;
	into.dataBytes = newDataWords * 8;
	into.pointerCount = newPointerCount;
	moveStruct(old, data, dataBytes, pointers, pointerCount, into.segment, start, start + newDataWords * 8);
}

/** Moves one struct's content and leaves zeroes. */
function moveStruct(
	source: Segment,
	data: number,
	dataBytes: number,
	pointers: number,
	pointerCount: number,
	target: Segment,
	toData: number,
	toPointers: number,
): void {
	if (dataBytes > 0) {
		copyBetween(source, data, target, toData, dataBytes);
		source.bytes.fill(0, data, data + dataBytes);
	}
	for (let i = 0; i < pointerCount; i++) movePointer(source, pointers + i * 8, target, toPointers + i * 8);
}

/** Aims `into` at the list of structs behind pointer `index`; an empty one is made where it is null. */
export function editStructList(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): void {
	const pointer = pointerAt(from, index);
	const segment = from.segment;
	if (!locateAt(segment, pointer, from.depth - 1, into)) {
		initStructList(from, index, 0, dataWords, pointerCount, into);
		return;
	}
	const composite = (into.length & 7) === COMPOSITE;
	finishList(segment, pointer, COMPOSITE, into);
	if (!composite || into.dataBytes < dataWords * 8 || into.pointerCount < pointerCount)
		growList(segment, pointer, composite, dataWords, pointerCount, into);
}

function growList(
	segment: Segment,
	pointer: number,
	composite: boolean,
	dataWordsMin: number,
	pointerCountMin: number,
	into: Place,
): void {
	const old = into.segment;
	const data = into.data;
	const dataBytes = into.dataBytes;
	const pointers = into.pointers;
	const pointerCount = into.pointerCount;
	const step = into.step;
	const length = into.length;
	const newDataWords = Math.max(dataWordsMin, (dataBytes + 7) >> 3);
	const newPointerCount = Math.max(pointerCountMin, pointerCount);
	const wordsEach = newDataWords + newPointerCount;
	const words = length * wordsEach;
	zeroPointer(segment, pointer);
	const tag = reserve(segment, pointer, words + 1, LIST, COMPOSITE | (words << 3), into);
	const target = into.segment;
	target.view.setUint32(tag, length << 2, true);
	target.view.setUint32(tag + 4, newDataWords | (newPointerCount << 16), true);
	const start = tag + 8;
	for (let i = 0; i < length; i++) {
		const to = start + i * wordsEach * 8;
		moveStruct(old, data + i * step, dataBytes, pointers + i * step, pointerCount, target, to, to + newDataWords * 8);
	}
	if (composite) old.bytes.fill(0, data - 8, data);
	into.data = start;
	into.dataBytes = newDataWords * 8;
	into.pointerCount = newPointerCount;
	into.length = length;
	into.step = wordsEach * 8;
}

/**
 * Shortens the list or data behind pointer `index` to `length` elements. The words come back where the list is the last
 * object of its segment, and no empty one lies behind it.
 */
export function truncate(from: Place, index: number, length: number): void {
	shorten(from, index, length, false);
}

/** The same for a text, to `lengthBytes` bytes without the NUL. */
export function truncateText(from: Place, index: number, lengthBytes: number): void {
	shorten(from, index, lengthBytes, true);
}

function shorten(from: Place, index: number, length: number, text: boolean): void {
	const pointer = pointerAt(from, index);
	const segment = from.segment;
	const scratch = segment.arena!.shared.place;
	if (!locateAt(segment, pointer, from.depth - 1, scratch)) {
		if (length > 0) tooLong(length);
		return;
	}
	const code = scratch.length & 7;
	if ((scratch.step & 3) !== LIST) faultAt(segment, pointer, FaultCode.KIND, "expected a list");
	finishList(segment, pointer, code, scratch);
	const count = text ? length + 1 : length;
	if (count > scratch.length) throw new RangeError("truncating a list of " + scratch.length + " to " + count);
	const target = scratch.segment;
	const start = code === COMPOSITE ? scratch.data - 8 : scratch.data;
	const wasWords = code === COMPOSITE ? (scratch.length * scratch.step) / 8 + 1 : elementWords(code, scratch.length);
	const words = code === COMPOSITE ? (count * scratch.step) / 8 + 1 : elementWords(code, count);
	dropElements(target, code, scratch, count, text);
	writeCount(segment, pointer, code === COMPOSITE ? COMPOSITE | ((words - 1) << 3) : code | (count << 3));
	if (code === COMPOSITE) target.view.setUint32(start, count << 2, true);
	if (words === 0 && start > target.emptyByte) target.emptyByte = start;
	if (start + wasWords * 8 === target.endByte) target.endByte = Math.max(start + words * 8, target.emptyByte);
}

/** Zeroes what is cut off, and erases where it pointed. */
function dropElements(target: Segment, code: number, list: Place, count: number, text: boolean): void {
	const data = list.data;
	const step = list.step;
	const length = list.length;
	const pointers = list.pointers;
	const pointerCount = list.pointerCount;
	if (code === BIT) {
		const first = data + (count >> 3);
		const end = data + ((length + 7) >> 3);
		if ((count & 7) !== 0) target.bytes[first]! &= (1 << (count & 7)) - 1;
		target.bytes.fill(0, (count & 7) !== 0 ? first + 1 : first, end);
		return;
	}
	for (let i = count; i < length; i++)
		for (let p = 0; p < pointerCount; p++) eraseAt(target, pointers + i * step + p * 8);
	target.bytes.fill(0, data + count * step - (text ? 1 : 0), data + length * step);
}

/** Rewrites the size half of a list's pointer, behind landing pads where there are some. */
function writeCount(segment: Segment, pointer: number, high: number): void {
	const low = segment.view.getUint32(pointer, true);
	if ((low & 3) === LIST) {
		segment.view.setUint32(pointer + 4, high, true);
		return;
	}
	const padSegment = segment.arena!.segmentAt(segment.view.getUint32(pointer + 4, true));
	const pad = padSegment.startByte + (low >>> 3) * 8;
	padSegment.view.setUint32((low & 4) !== 0 ? pad + 12 : pad + 4, high, true);
}
