import type { Place } from "../arena/place.js";
import { copyBetween } from "../arena/segment-bytes.js";
import type { Segment } from "../arena/segment.js";
import { FaultCode } from "../base/fault.js";
import { BIT, COMPOSITE, elementWords, POINTER, VOID } from "../wire/element.js";
import { LIST, STRUCT } from "../wire/pointer.js";
import { reserve } from "./build.js";
import { faultAt, finishList, finishStruct, locateAt } from "./follow.js";

// The canonical form (encoding specification, "Canonicalization"): one segment, objects in pre-order, data sections
// without trailing zero words, pointer sections without trailing nulls, padding zero, no capabilities.

/** Words of the data section up to the last that is not zero. */
function usedDataWords(segment: Segment, data: number, dataBytes: number): number {
	let bytes = dataBytes;
	while (bytes > 0 && segment.bytes[data + bytes - 1] === 0) bytes--;
	return (bytes + 7) >>> 3;
}

function usedPointers(segment: Segment, pointers: number, count: number): number {
	while (
		count > 0 &&
		segment.view.getUint32(pointers + count * 8 - 8, true) === 0 &&
		segment.view.getUint32(pointers + count * 8 - 4, true) === 0
	)
		count--;
	return count;
}

/** Copies the struct at `from` in canonical form to be what the null pointer at byte `pointer` of `target` leads to. */
export function canonicalStruct(from: Place, target: Segment, pointer: number, scratch: Place): void {
	const source = from.segment;
	const data = from.data;
	const dataBytes = from.dataBytes;
	const pointers = from.pointers;
	const depth = from.depth;
	const dataWords = usedDataWords(source, data, dataBytes);
	const pointerCount = usedPointers(source, pointers, from.pointerCount);
	const words = dataWords + pointerCount;
	const start = reserve(target, pointer, words, STRUCT, dataWords | (pointerCount << 16), scratch);
	if (scratch.segment !== target)
		faultAt(source, data, FaultCode.OTHER, "canonical form does not fit into one segment");
	if (words === 0) target.view.setInt32(pointer, -4, true);
	if (dataWords > 0) copyBetween(source, data, target, start, dataBytes < dataWords * 8 ? dataBytes : dataWords * 8);
	canonicalPointers(source, pointers, pointerCount, depth, target, start + dataWords * 8, scratch);
}

function canonicalPointers(
	source: Segment,
	from: number,
	count: number,
	depth: number,
	target: Segment,
	to: number,
	scratch: Place,
): void {
	for (let i = 0; i < count; i++) canonicalAt(source, from + i * 8, depth - 1, target, to + i * 8, scratch);
}

function canonicalAt(
	source: Segment,
	position: number,
	depth: number,
	target: Segment,
	pointer: number,
	scratch: Place,
): void {
	if (!locateAt(source, position, depth, scratch)) return;
	const kind = scratch.step & 3;
	if (kind === STRUCT) {
		finishStruct(source, position, scratch);
		canonicalStruct(scratch, target, pointer, scratch);
	} else if (kind === LIST) {
		const high = scratch.length;
		finishList(source, position, high & 7, scratch);
		if ((high & 7) === COMPOSITE) canonicalComposite(scratch, target, pointer, scratch);
		else canonicalList(scratch, high, target, pointer, scratch);
	} else faultAt(source, position, FaultCode.KIND, "a capability has no canonical form");
}

function canonicalList(from: Place, high: number, target: Segment, pointer: number, scratch: Place): void {
	const code = high & 7;
	const length = from.length;
	const source = from.segment;
	const data = from.data;
	const step = from.step;
	const depth = from.depth;
	const start = reserve(target, pointer, elementWords(code, length), LIST, high, scratch);
	if (scratch.segment !== target)
		faultAt(source, data, FaultCode.OTHER, "canonical form does not fit into one segment");
	if (code === POINTER) canonicalPointers(source, data, length, depth, target, start, scratch);
	else if (code === BIT) {
		copyBetween(source, data, target, start, (length + 7) >>> 3);
		if ((length & 7) !== 0) target.bytes[start + (length >>> 3)]! &= (1 << (length & 7)) - 1;
	} else if (code !== VOID) copyBetween(source, data, target, start, length * step);
}

function canonicalComposite(from: Place, target: Segment, pointer: number, scratch: Place): void {
	const source = from.segment;
	const data = from.data;
	const dataBytes = from.dataBytes;
	const pointerCount = from.pointerCount;
	const step = from.step;
	const length = from.length;
	const depth = from.depth;
	let dataWords = 0;
	let count = 0;
	for (let i = 0; i < length; i++) {
		dataWords = Math.max(dataWords, usedDataWords(source, data + i * step, dataBytes));
		count = Math.max(count, usedPointers(source, data + i * step + dataBytes, pointerCount));
	}
	const wordsEach = dataWords + count;
	const words = wordsEach * length;
	const tag = reserve(target, pointer, words + 1, LIST, COMPOSITE | (words << 3), scratch);
	if (scratch.segment !== target)
		faultAt(source, data, FaultCode.OTHER, "canonical form does not fit into one segment");
	target.view.setUint32(tag, length << 2, true);
	target.view.setUint32(tag + 4, dataWords | (count << 16), true);
	if (wordsEach === 0) return;
	for (let i = 0; i < length; i++) {
		const to = tag + 8 + i * wordsEach * 8;
		copyBetween(source, data + i * step, target, to, dataWords * 8);
		canonicalPointers(source, data + i * step + dataBytes, count, depth, target, to + dataWords * 8, scratch);
	}
}

/** Whether what the root pointer at `pointer` leads to is in canonical form and ends where the segment does. */
export function isCanonical(segment: Segment, pointer: number, depth: number, scratch: Place): boolean {
	return canonicalEnd(segment, pointer, depth, pointer + 8, scratch) === segment.endByte;
}

/** Where the objects behind the pointer end when they start at byte `next` in canonical form; -1 where they do not. */
function canonicalEnd(segment: Segment, pointer: number, depth: number, next: number, scratch: Place): number {
	const low = segment.view.getInt32(pointer, true);
	const kind = low & 3;
	if (!locateAt(segment, pointer, depth, scratch)) return next;
	if (kind > LIST) return -1;
	if (kind === LIST) return canonicalListEnd(segment, pointer, depth, next, scratch);
	finishStruct(segment, pointer, scratch);
	const dataBytes = scratch.dataBytes;
	const pointers = scratch.pointers;
	const count = scratch.pointerCount;
	if (dataBytes + count === 0) return low === -4 ? next : -1;
	if (scratch.data !== next) return -1;
	if (usedDataWords(segment, next, dataBytes) * 8 !== dataBytes || usedPointers(segment, pointers, count) !== count)
		return -1;
	return canonicalPointersEnd(segment, pointers, count, depth, pointers + count * 8, scratch);
}

function canonicalPointersEnd(
	segment: Segment,
	pointers: number,
	count: number,
	depth: number,
	next: number,
	scratch: Place,
): number {
	for (let i = 0; i < count && next >= 0; i++) next = canonicalEnd(segment, pointers + i * 8, depth - 1, next, scratch);
	return next;
}

function canonicalListEnd(segment: Segment, pointer: number, depth: number, next: number, scratch: Place): number {
	const high = scratch.length;
	const code = high & 7;
	if (scratch.data !== next) return -1;
	finishList(segment, pointer, code, scratch);
	const length = scratch.length;
	const step = scratch.step;
	if (code === COMPOSITE) return canonicalCompositeEnd(segment, high >>> 3, depth, scratch);
	const end = next + elementWords(code, length) * 8;
	if (code === POINTER) return canonicalPointersEnd(segment, next, length, depth, end, scratch);
	let used = next + (code === BIT ? (length + 7) >>> 3 : length * step);
	if (code === BIT && (length & 7) !== 0 && segment.bytes[used - 1]! >> (length & 7) !== 0) return -1;
	for (; used < end; used++) if (segment.bytes[used] !== 0) return -1;
	return end;
}

function canonicalCompositeEnd(segment: Segment, words: number, depth: number, scratch: Place): number {
	const data = scratch.data;
	const dataBytes = scratch.dataBytes;
	const count = scratch.pointerCount;
	const step = scratch.step;
	const length = scratch.length;
	if ((length * step) / 8 !== words) return -1;
	let dataWords = 0;
	let used = 0;
	for (let i = 0; i < length; i++) {
		dataWords = Math.max(dataWords, usedDataWords(segment, data + i * step, dataBytes));
		used = Math.max(used, usedPointers(segment, data + i * step + dataBytes, count));
	}
	if (dataWords * 8 !== dataBytes || used !== count) return -1;
	let next = data + words * 8;
	if (count > 0)
		for (let i = 0; i < length && next >= 0; i++)
			next = canonicalPointersEnd(segment, data + i * step + dataBytes, count, depth, next, scratch);
	return next;
}
