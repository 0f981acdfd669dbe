import type { Segment } from "../arena/segment.js";
import { STRUCT } from "../wire/pointer.js";
import type { CallHeader } from "./call-header.js";
import { CALL, PAYLOAD, SendResultsTo, Tag, TARGET, TargetTag } from "./schema.js";

// The usual Call in one piece, as layout/near.ts is the usual pointer. Hosts with native code replace this file
// (modules/codec/usual-call.ts).

/**
 * Reads the Call whose root pointer `segment` starts with. Checks and charges all that following its pointers one by one does, and
 * says false, with nothing changed, for whatever is not a usual Call: the general way knows all cases and names the faults.
 */
export function readCallHeader(segment: Segment, into: CallHeader): boolean {
	const view = segment.view;
	const arena = segment.arena;
	const start = segment.startByte;
	if (arena === null || segment.endByte - start < 8) return false;
	const root = structAt(segment, start);
	if (root < 0 || wordsAt(view, start) === 0 || view.getUint16(root, true) !== Tag.CALL) return false;
	const bodyPointer = root + wordsAt(view, start) * 8;
	const body = pointersAt(view, start) === 0 ? -1 : structAt(segment, bodyPointer);
	if (body < 0 || pointersAt(view, bodyPointer) <= CALL.PARAMS) return false;
	const bodyBytes = wordsAt(view, bodyPointer) * 8;
	if (bodyBytes < CALL.DATA_BYTES_MIN || view.getUint16(body + CALL.SEND_RESULTS_TO, true) !== SendResultsTo.CALLER)
		return false;
	if (bodyBytes > CALL.FLAGS && (view.getUint8(body + CALL.FLAGS) & CALL.ONLY_PROMISE_PIPELINE) !== 0) return false;
	const targetPointer = body + bodyBytes + CALL.TARGET * 8;
	const target = structAt(segment, targetPointer);
	if (target < 0 || wordsAt(view, targetPointer) === 0) return false;
	if (view.getUint16(target + TARGET.WHICH, true) !== TargetTag.IMPORTED_CAP) return false;
	const payloadPointer = body + bodyBytes + CALL.PARAMS * 8;
	const payload = structAt(segment, payloadPointer);
	if (payload < 0 || pointersAt(view, payloadPointer) === 0) return false;
	const content = payload + wordsAt(view, payloadPointer) * 8;
	if (pointersAt(view, payloadPointer) > PAYLOAD.CAP_TABLE) {
		const table = content + PAYLOAD.CAP_TABLE * 8;
		if (view.getInt32(table, true) !== 0 || view.getInt32(table + 4, true) !== 0) return false;
	}
	const left =
		arena.budgetWords -
		(sizeAt(view, start) + sizeAt(view, bodyPointer) + sizeAt(view, targetPointer) + sizeAt(view, payloadPointer));
	if (left < 0) return false;
	arena.budgetWords = left;
	into.questionId = view.getUint32(body + CALL.QUESTION_ID, true);
	into.interfaceLow = view.getUint32(body + CALL.INTERFACE_ID, true);
	into.interfaceHigh = view.getUint32(body + CALL.INTERFACE_ID + 4, true);
	into.methodId = view.getUint16(body + CALL.METHOD_ID, true);
	into.targetId = view.getUint32(target + TARGET.IMPORTED_CAP, true);
	into.content = content;
	return true;
}

/** Byte offset of the struct that the pointer at byte `pointer` leads to; -1 where it is no near pointer to one inside the segment. */
function structAt(segment: Segment, pointer: number): number {
	const view = segment.view;
	const low = view.getInt32(pointer, true);
	const size = sizeAt(view, pointer);
	const at = pointer + 8 + low * 2;
	return (low & 3) !== STRUCT || size === 0 || at < segment.startByte || at + size * 8 > segment.endByte ? -1 : at;
}

// What the pointer at byte `pointer` says of its struct, in words.

function wordsAt(view: DataView, pointer: number): number {
	return view.getUint16(pointer + 4, true);
}

function pointersAt(view: DataView, pointer: number): number {
	return view.getUint16(pointer + 6, true);
}

function sizeAt(view: DataView, pointer: number): number {
	return wordsAt(view, pointer) + pointersAt(view, pointer);
}
