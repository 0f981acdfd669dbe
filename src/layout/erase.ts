import type { Segment } from "../arena/segment.js";
import { BIT, COMPOSITE, POINTER, VOID } from "../wire/element.js";
import { FAR, LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { finishList, finishStruct, locateAt } from "./follow.js";

/**
 * Makes the pointer at byte `pointer` null. What it led to is zeroed, so that nothing overwritten leaves with the message
 * and the object packs to nothing; its capabilities are released. Only for messages being built.
 */
export function eraseAt(segment: Segment, pointer: number): void {
	erase(segment, pointer, segment.arena!.depthMax);
}

/** Below the depth that anybody could read, objects stay behind until the message is reset. */
function erase(segment: Segment, pointer: number, depth: number): void {
	const arena = segment.arena!;
	const scratch = arena.shared.place;
	if (depth >= 0 && locateAt(segment, pointer, depth, scratch)) {
		const low = scratch.step;
		const high = scratch.length;
		const kind = low & 3;
		if (kind === STRUCT) {
			finishStruct(segment, pointer, scratch);
			eraseStructs(scratch.segment, scratch.data, 1, scratch.dataBytes, scratch.pointerCount, depth);
		} else if (kind === LIST) {
			finishList(segment, pointer, high & 7, scratch);
			eraseList(
				scratch.segment,
				high & 7,
				scratch.data,
				scratch.length,
				scratch.step,
				scratch.dataBytes,
				scratch.pointerCount,
				depth,
			);
		} else if (low === OTHER) arena.caps.replace(high, null);
	}
	zeroPointer(segment, pointer);
}

/** Zeroes a pointer and its landing pad, not the object. */
export function zeroPointer(segment: Segment, pointer: number): void {
	const view = segment.view;
	const low = view.getUint32(pointer, true);
	if ((low & 3) === FAR) {
		const padSegment = segment.arena!.segmentAt(view.getUint32(pointer + 4, true));
		const pad = padSegment.startByte + (low >>> 3) * 8;
		padSegment.bytes.fill(0, pad, pad + ((low & 4) !== 0 ? 16 : 8));
	}
	view.setUint32(pointer, 0, true);
	view.setUint32(pointer + 4, 0, true);
}

function eraseStructs(
	segment: Segment,
	start: number,
	count: number,
	dataBytes: number,
	pointerCount: number,
	depth: number,
): void {
	const step = dataBytes + pointerCount * 8;
	if (pointerCount > 0)
		for (let i = 0; i < count; i++)
			for (let p = 0; p < pointerCount; p++) erase(segment, start + i * step + dataBytes + p * 8, depth - 1);
	segment.bytes.fill(0, start, start + count * step);
}

function eraseList(
	segment: Segment,
	code: number,
	start: number,
	length: number,
	step: number,
	dataBytes: number,
	pointerCount: number,
	depth: number,
): void {
	if (code === COMPOSITE) {
		eraseStructs(segment, start, length, dataBytes, pointerCount, depth);
		segment.bytes.fill(0, start - 8, start);
	} else if (code === POINTER) eraseStructs(segment, start, length, 0, 1, depth);
	else if (code !== VOID) segment.bytes.fill(0, start, start + (code === BIT ? (length + 7) >>> 3 : length * step));
}
