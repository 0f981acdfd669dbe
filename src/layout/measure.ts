import type { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { COMPOSITE, elementWords, POINTER } from "../wire/element.js";
import { LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { FaultCode } from "../base/fault.js";
import { faultAt, finishList, finishStruct, locateAt } from "./follow.js";

/** What a deep copy would take. */
export class Size {
	words = 0;
	caps = 0;

	clear(): this {
		this.words = 0;
		this.caps = 0;
		return this;
	}
}

// Charged like reading: the same words may be reachable many times over, and a copy would make them as many.

/** Adds what the struct at `from` and all behind it take. */
export function measureStruct(from: Place, size: Size, scratch: Place): void {
	size.words += ((from.dataBytes + 7) >>> 3) + from.pointerCount;
	measurePointers(from.segment, from.pointers, from.pointerCount, from.depth, size, scratch);
}

/** Adds what is behind pointer `index` of `from`. */
export function measurePointer(from: Place, index: number, size: Size, scratch: Place): void {
	if (index < from.pointerCount) measureAt(from.segment, from.pointers + index * 8, from.depth - 1, size, scratch);
}

function measurePointers(
	segment: Segment,
	pointers: number,
	count: number,
	depth: number,
	size: Size,
	scratch: Place,
): void {
	for (let i = 0; i < count; i++) measureAt(segment, pointers + i * 8, depth - 1, size, scratch);
}

function measureAt(segment: Segment, pointer: number, depth: number, size: Size, scratch: Place): void {
	if (!locateAt(segment, pointer, depth, scratch)) return;
	const low = scratch.step;
	const kind = low & 3;
	if (kind === STRUCT) {
		finishStruct(segment, pointer, scratch);
		measureStruct(scratch, size, scratch);
	} else if (kind === LIST) measureList(segment, pointer, depth, size, scratch);
	else if (low === OTHER) size.caps++;
	else faultAt(segment, pointer, FaultCode.KIND, "unknown pointer");
}

function measureList(segment: Segment, pointer: number, depth: number, size: Size, scratch: Place): void {
	const code = scratch.length & 7;
	finishList(segment, pointer, code, scratch);
	const target = scratch.segment;
	const length = scratch.length;
	const pointers = scratch.pointers;
	const pointerCount = scratch.pointerCount;
	const step = scratch.step;
	size.words += code === COMPOSITE ? (length * step) / 8 + 1 : elementWords(code, length);
	if (code === COMPOSITE || code === POINTER)
		for (let i = 0; i < length; i++) measurePointers(target, pointers + i * step, pointerCount, depth, size, scratch);
}
