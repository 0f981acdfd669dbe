import type { Segment } from "../arena/segment.js";
import { FAR, farLow, nearLow, OTHER, STRUCT } from "../wire/pointer.js";

/**
 * Writes at byte `pointer` of `segment` a pointer to an object that is already in the message: near, or through a landing
 * pad beside the object, or through one of two words where the object's segment is full.
 */
export function link(
	segment: Segment,
	pointer: number,
	target: Segment,
	content: number,
	kind: number,
	high: number,
): void {
	const view = segment.view;
	if (kind === STRUCT && high === 0) {
		view.setInt32(pointer, -4, true);
		view.setUint32(pointer + 4, 0, true);
	} else if (segment === target) {
		view.setInt32(pointer, nearLow(kind, pointer, content), true);
		view.setUint32(pointer + 4, high, true);
	} else if (target.endByte + 8 <= target.limitByte) {
		const pad = target.endByte;
		target.endByte = pad + 8;
		target.view.setInt32(pad, nearLow(kind, pad, content), true);
		target.view.setUint32(pad + 4, high, true);
		view.setUint32(pointer, farLow(pad - target.startByte, false), true);
		view.setUint32(pointer + 4, target.id, true);
	} else linkDouble(segment, pointer, target, content, kind, high);
}

function linkDouble(
	segment: Segment,
	pointer: number,
	target: Segment,
	content: number,
	kind: number,
	high: number,
): void {
	const arena = segment.arena!;
	const pad = arena.allocate(2);
	const padSegment = arena.shared.allocated!;
	padSegment.view.setUint32(pad, farLow(content - target.startByte, false), true);
	padSegment.view.setUint32(pad + 4, target.id, true);
	padSegment.view.setUint32(pad + 8, kind, true);
	padSegment.view.setUint32(pad + 12, high, true);
	segment.view.setUint32(pointer, farLow(pad - padSegment.startByte, true), true);
	segment.view.setUint32(pointer + 4, padSegment.id, true);
}

/** Moves a pointer within its message; the old place becomes null. The object stays where it is. The new place is null. */
export function movePointer(source: Segment, from: number, target: Segment, to: number): void {
	const view = source.view;
	const low = view.getInt32(from, true);
	const high = view.getUint32(from + 4, true);
	if (low === 0 && high === 0) return;
	view.setUint32(from, 0, true);
	view.setUint32(from + 4, 0, true);
	const kind = low & 3;
	if (kind === FAR || kind === OTHER) {
		// These do not depend on where they are.
		target.view.setInt32(to, low, true);
		target.view.setUint32(to + 4, high, true);
	} else link(target, to, source, from + 8 + (low >> 2) * 8, kind, high);
}
