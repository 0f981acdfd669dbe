import { Place } from "../arena/place.js";
import { equalBetween } from "../arena/segment-bytes.js";
import type { Segment } from "../arena/segment.js";
import { FaultCode } from "../base/fault.js";
import { BIT, VOID } from "../wire/element.js";
import { LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { capabilityAt, faultAt, finishList, finishStruct, locateAt } from "./follow.js";
import type { StructReader } from "./struct-reader.js";

// Equality of content: structs may differ in size where the rest of the longer one is zero or null; lists must have the
// same element size code. Capabilities are equal when they are the same hook.

/** Whether the content is the same. Allocates. */
export function structsEqual(a: StructReader, b: StructReader): boolean {
	return equalPlaces(a.at, b.at);
}

function equalPlaces(a: Place, b: Place): boolean {
	return equalStructs(
		a.segment,
		a.data,
		a.dataBytes,
		a.pointers,
		a.pointerCount,
		a.depth,
		b.segment,
		b.data,
		b.dataBytes,
		b.pointers,
		b.pointerCount,
		b.depth,
	);
}

function isNullAt(segment: Segment, pointer: number): boolean {
	return segment.view.getUint32(pointer, true) === 0 && segment.view.getUint32(pointer + 4, true) === 0;
}

function equalStructs(
	a: Segment,
	aData: number,
	aBytes: number,
	aPointers: number,
	aCount: number,
	aDepth: number,
	b: Segment,
	bData: number,
	bBytes: number,
	bPointers: number,
	bCount: number,
	bDepth: number,
): boolean {
	const bytes = aBytes < bBytes ? aBytes : bBytes;
	if (bytes > 0 && !equalBetween(a, aData, b, bData, bytes)) return false;
	for (let i = bytes; i < aBytes; i++) if (a.bytes[aData + i] !== 0) return false;
	for (let i = bytes; i < bBytes; i++) if (b.bytes[bData + i] !== 0) return false;
	const count = aCount < bCount ? aCount : bCount;
	for (let i = count; i < aCount; i++) if (!isNullAt(a, aPointers + i * 8)) return false;
	for (let i = count; i < bCount; i++) if (!isNullAt(b, bPointers + i * 8)) return false;
	for (let i = 0; i < count; i++)
		if (!equalAt(a, aPointers + i * 8, aDepth - 1, b, bPointers + i * 8, bDepth - 1)) return false;
	return true;
}

function equalAt(a: Segment, aPointer: number, aDepth: number, b: Segment, bPointer: number, bDepth: number): boolean {
	// Places of their own, since both sides can be one message. Comparing is no per-message operation, so it may allocate.
	const x = new Place();
	const y = new Place();
	const there = locateAt(a, aPointer, aDepth, x);
	if (there !== locateAt(b, bPointer, bDepth, y)) return false;
	if (!there) return true;
	const kind = x.step & 3;
	if (kind !== (y.step & 3)) return false;
	if (kind === STRUCT) {
		finishStruct(a, aPointer, x);
		finishStruct(b, bPointer, y);
		return equalPlaces(x, y);
	}
	if (kind === LIST) return equalLists(a, aPointer, x, b, bPointer, y);
	if (x.step !== OTHER || y.step !== OTHER) faultAt(a, aPointer, FaultCode.KIND, "unknown pointer");
	if (a.arena === null || b.arena === null) return false;
	return capabilityAt(a, aPointer, x.length) === capabilityAt(b, bPointer, y.length);
}

function equalLists(a: Segment, aPointer: number, x: Place, b: Segment, bPointer: number, y: Place): boolean {
	const code = x.length & 7;
	if (code !== (y.length & 7)) return false;
	finishList(a, aPointer, code, x);
	finishList(b, bPointer, code, y);
	const length = x.length;
	if (length !== y.length) return false;
	if (code === VOID || length === 0) return true;
	if (code === BIT) return equalBits(x, y, length);
	for (let i = 0; i < length; i++) {
		const p = i * x.step;
		const q = i * y.step;
		if (
			!equalStructs(
				x.segment,
				x.data + p,
				x.dataBytes,
				x.pointers + p,
				x.pointerCount,
				x.depth,
				y.segment,
				y.data + q,
				y.dataBytes,
				y.pointers + q,
				y.pointerCount,
				y.depth,
			)
		)
			return false;
	}
	return true;
}

function equalBits(x: Place, y: Place, length: number): boolean {
	const whole = length >> 3;
	for (let i = 0; i < whole; i++) if (x.segment.bytes[x.data + i] !== y.segment.bytes[y.data + i]) return false;
	const mask = (1 << (length & 7)) - 1;
	return mask === 0 || ((x.segment.bytes[x.data + whole]! ^ y.segment.bytes[y.data + whole]!) & mask) === 0;
}
