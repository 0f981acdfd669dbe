import { Fault, FaultCode } from "../base/fault.js";
import { DEPTH_MAX } from "../base/limits.js";
import { decodeUtf8 } from "../base/utf8.js";
import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { BIT, BYTE, COMPOSITE, elementBits, EIGHT_BYTES, POINTER, VOID } from "../wire/element.js";
import { FAR, LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { nearBlob, nearStruct, nearStructList } from "./near.js";
import { Place } from "../arena/place.js";

export function faultAt(segment: Segment, position: number, code: FaultCode, message: string): never {
	throw new Fault(code, message, segment.id, (position - segment.startByte) / 8);
}

/** The same for a view that was half aimed: whoever catches the Fault must find it aimed at nothing, not at the target. */
function refuse(into: Place, segment: Segment, position: number, code: FaultCode, message: string): never {
	into.clear();
	faultAt(segment, position, code, message);
}

/** Charged by target size; nothing is free, or one word could be read for ever. */
function charge(into: Place, segment: Segment, position: number, words: number): void {
	const arena = segment.arena;
	if (arena === null) return;
	const left = arena.budgetWords - (words > 0 ? words : 1);
	if (left < 0) refuse(into, segment, position, FaultCode.TRAVERSAL, "read budget used up");
	arena.budgetWords = left;
}

/** The segment that the far pointer at byte `position` names. */
function segmentOf(segment: Segment, position: number, id: number, into: Place): Segment {
	const arena = segment.arena!;
	if (id >= arena.segmentCount)
		refuse(into, segment, position, FaultCode.FAR, "far pointer to segment " + id + " of " + arena.segmentCount);
	return arena.segmentAt(id);
}

/**
 * Follows a far pointer to where the content is described. Leaves in `into`: the segment, `data` the byte offset of the
 * content, `step` and `length` the low and high half of the pointer that describes it.
 */
function followFar(segment: Segment, position: number, low: number, high: number, into: Place): void {
	if (segment.arena === null) refuse(into, segment, position, FaultCode.FAR, "far pointer in a constant");
	const padSegment = segmentOf(segment, position, high, into);
	const double = (low & 4) !== 0;
	const pad = padSegment.startByte + (low >>> 3) * 8;
	if (pad + (double ? 16 : 8) > padSegment.endByte)
		refuse(into, segment, position, FaultCode.FAR, "landing pad outside its segment");
	charge(into, segment, position, 1);
	const padLow = padSegment.view.getInt32(pad, true);
	const padHigh = padSegment.view.getUint32(pad + 4, true);
	if (!double) {
		if ((padLow & 3) === FAR) refuse(into, padSegment, pad, FaultCode.FAR, "far pointer leads to a far pointer");
		into.segment = padSegment;
		into.view = padSegment.view;
		into.data = pad + 8 + (padLow >> 2) * 8;
		into.step = padLow;
		into.length = padHigh;
		return;
	}
	if ((padLow & 7) !== FAR)
		refuse(into, padSegment, pad, FaultCode.FAR, "double-far landing pad does not start with a far pointer");
	const tagLow = padSegment.view.getInt32(pad + 8, true);
	if ((tagLow & 3) > LIST) refuse(into, padSegment, pad + 8, FaultCode.FAR, "double-far landing pad has no tag");
	const target = segmentOf(padSegment, pad, padHigh, into);
	into.segment = target;
	into.view = target.view;
	into.data = target.startByte + (padLow >>> 3) * 8;
	into.step = tagLow & 3;
	into.length = padSegment.view.getUint32(pad + 12, true);
}

function kindName(low: number): string {
	const kind = low & 3;
	return kind === STRUCT ? "a struct" : kind === LIST ? "a list" : low === 3 ? "a capability" : "an unknown pointer";
}

/**
 * Aims `into` at the content of pointer `index` of `from`, whatever it is: `data` its byte offset, `step` and `length` the
 * halves of the pointer, depth lowered. False for null. Bounds are not checked yet.
 */
export function locate(from: Place, index: number, into: Place): boolean {
	if (index >= from.pointerCount) return false;
	return locateAt(from.segment, from.pointers + index * 8, from.depth - 1, into);
}

/** The same for the pointer at byte `position`; `depth` is what the target will have. */
export function locateAt(segment: Segment, position: number, depth: number, into: Place): boolean {
	const view = segment.view;
	const low = view.getInt32(position, true);
	const high = view.getUint32(position + 4, true);
	if (low === 0 && high === 0) return false;
	if (depth < 0) refuse(into, segment, position, FaultCode.DEPTH, "pointers nest too deep");
	into.leave();
	into.depth = depth;
	if ((low & 3) === FAR) {
		followFar(segment, position, low, high, into);
		return true;
	}
	into.segment = segment;
	into.view = view;
	into.data = position + 8 + (low >> 2) * 8;
	into.step = low;
	into.length = high;
	return true;
}

// The usual case first, in one call: generated code comes here with the places of its views, so that every field is looked
// up in one class only, however many a schema has.

/** Aims `into` at the struct behind pointer `index`; at nothing where it is null. */
export function followStruct(from: Place, index: number, into: Place): void {
	if (!nearStruct(from, index, into)) followAnyStruct(from, index, into);
}

/** Aims `into` at the list of structs behind pointer `index`; at an empty list where it is null. */
export function followStructList(from: Place, index: number, into: Place): void {
	if (!nearStructList(from, index, into)) followAnyList(from, index, COMPOSITE, into);
}

/** Aims `into` at the text behind pointer `index`; at an empty one where it is null. */
export function followText(from: Place, index: number, into: Place): void {
	if (!nearBlob(from, index, true, into)) followAnyBlob(from, index, true, into);
}

/** Aims `into` at the bytes behind pointer `index`; at none where it is null. */
export function followData(from: Place, index: number, into: Place): void {
	if (!nearBlob(from, index, false, into)) followAnyBlob(from, index, false, into);
}

function followAnyStruct(from: Place, index: number, into: Place): void {
	if (locate(from, index, into)) finishStruct(from.segment, from.pointers + index * 8, into);
	else into.clear();
}

/** The rest of following, once `locate` has found the content. */
export function finishStruct(origin: Segment, pointer: number, into: Place): void {
	const low = into.step;
	const high = into.length;
	const segment = into.segment;
	const start = into.data;
	if ((low & 3) !== STRUCT) refuse(into, origin, pointer, FaultCode.KIND, "expected a struct, found " + kindName(low));
	const dataBytes = (high & 0xffff) * 8;
	const pointerCount = high >>> 16;
	const end = start + dataBytes + pointerCount * 8;
	if (start < segment.startByte || end > segment.endByte)
		refuse(into, origin, pointer, FaultCode.BOUNDS, "struct outside its segment");
	charge(into, segment, start, (end - start) / 8);
	into.dataBytes = dataBytes;
	into.pointerCount = pointerCount;
	into.length = 0;
	into.step = 0;
}

/** Aims `into` at the list behind pointer `index`, read as elements of code `expected`; at an empty list where it is null. */
export function followList(from: Place, index: number, expected: number, into: Place): void {
	if (expected !== COMPOSITE || !nearStructList(from, index, into)) followAnyList(from, index, expected, into);
}

function followAnyList(from: Place, index: number, expected: number, into: Place): void {
	if (locate(from, index, into)) finishList(from.segment, from.pointers + index * 8, expected, into);
	else into.clear();
}

/**
 * The same for a list that is built in. Structs have to be as large as their builder thinks: `editStructList` sees to that.
 * Elements without data are refused: the zeroes that they read as belong to all messages.
 */
export function followListToEdit(from: Place, index: number, expected: number, into: Place): void {
	if (expected === COMPOSITE)
		throw new TypeError("a list of structs is edited by editStructList, which knows how large they must be");
	followAnyList(from, index, expected, into);
	if (expected >= BYTE && expected <= EIGHT_BYTES && into.step === 0 && into.length > 0)
		refuse(into, from.segment, from.pointers + index * 8, FaultCode.ELEMENT, "list elements without data to be set");
}

export function finishList(origin: Segment, pointer: number, expected: number, into: Place): void {
	const low = into.step;
	const high = into.length;
	const segment = into.segment;
	const start = into.data;
	if ((low & 3) !== LIST) refuse(into, origin, pointer, FaultCode.KIND, "expected a list, found " + kindName(low));
	const code = high & 7;
	const count = high >>> 3;
	if (code === COMPOSITE) {
		compositeList(origin, pointer, count, into);
		if (expected === BIT) refuse(into, origin, pointer, FaultCode.ELEMENT, "list of structs read as a list of bits");
		// Written by an evolved schema without any data: reads as zeroes.
		if (into.dataBytes === 0 && expected >= BYTE && expected <= EIGHT_BYTES) aimZeroes(into);
		return;
	}
	const bits = elementBits(code);
	// Doubles: count * 64 is at most 2^35.
	const bytes = Math.ceil((count * bits) / 64) * 8;
	if (start < segment.startByte || start + bytes > segment.endByte)
		refuse(into, origin, pointer, FaultCode.BOUNDS, "list outside its segment");
	// Charged though empty: one word could otherwise claim half a billion elements.
	charge(into, segment, start, code === VOID ? count : bytes / 8);
	if (expected !== code && !readableAs(code, expected))
		refuse(into, origin, pointer, FaultCode.ELEMENT, "list elements of size code " + code + ", expected " + expected);
	into.length = count;
	into.step = bits >> 3;
	if (code === POINTER) {
		into.dataBytes = 0;
		into.pointerCount = 1;
	} else {
		into.dataBytes = bits >> 3;
		into.pointerCount = 0;
	}
}

function compositeList(origin: Segment, pointer: number, words: number, into: Place): void {
	const segment = into.segment;
	const tag = into.data;
	if (tag < segment.startByte || tag + 8 + words * 8 > segment.endByte)
		refuse(into, origin, pointer, FaultCode.BOUNDS, "list outside its segment");
	const tagLow = into.view.getUint32(tag, true);
	const tagHigh = into.view.getUint32(tag + 4, true);
	if ((tagLow & 3) !== STRUCT) refuse(into, segment, tag, FaultCode.ELEMENT, "composite list without a struct tag");
	const count = tagLow >>> 2;
	const dataWords = tagHigh & 0xffff;
	const pointerCount = tagHigh >>> 16;
	const wordsEach = dataWords + pointerCount;
	if (count * wordsEach > words)
		refuse(into, segment, tag, FaultCode.ELEMENT, "composite list overruns its word count");
	charge(into, segment, tag, words + 1 + (wordsEach === 0 ? count : 0));
	into.data = tag + 8;
	into.dataBytes = dataWords * 8;
	into.pointerCount = pointerCount;
	into.length = count;
	into.step = wordsEach * 8;
}

function aimZeroes(into: Place): void {
	const arena = into.segment.arena;
	if (arena === null) into.length = 0;
	else into.view = arena.shared.zeroes;
	into.data = 0;
	into.step = 0;
}

function readableAs(code: number, expected: number): boolean {
	if (expected === VOID) return true;
	if (expected === COMPOSITE) return code !== BIT;
	if (expected === BIT || code === BIT || code === VOID) return false;
	if (expected === POINTER || code === POINTER) return expected === code;
	return code > expected && code <= EIGHT_BYTES;
}

/** `length` is without the final NUL of `text`. */
function followAnyBlob(from: Place, index: number, text: boolean, into: Place): void {
	if (locate(from, index, into)) finishBlob(from.segment, from.pointers + index * 8, text, into);
	else into.clear();
}

export function finishBlob(origin: Segment, pointer: number, text: boolean, into: Place): void {
	const low = into.step;
	const high = into.length;
	const segment = into.segment;
	const start = into.data;
	if ((low & 3) !== LIST)
		refuse(into, origin, pointer, FaultCode.KIND, "expected a list of bytes, found " + kindName(low));
	if ((high & 7) !== BYTE)
		refuse(into, origin, pointer, FaultCode.ELEMENT, "list elements of size code " + (high & 7) + ", expected bytes");
	let count = high >>> 3;
	if (start < segment.startByte || start + count > segment.endByte)
		refuse(into, origin, pointer, FaultCode.BOUNDS, "list outside its segment");
	charge(into, segment, start, (count + 7) >> 3);
	if (text) {
		if (count === 0 || segment.bytes[start + count - 1] !== 0)
			refuse(into, segment, start, FaultCode.TEXT, "text without its final NUL");
		count--;
	}
	into.length = count;
	into.step = 1;
	into.dataBytes = 1;
	into.pointerCount = 0;
}

/** Whether pointer `index` of `from` is null or not there. */
export function absentAt(from: Place, index: number): boolean {
	if (index >= from.pointerCount) return true;
	const position = from.pointers + index * 8;
	return from.view.getUint32(position, true) === 0 && from.view.getUint32(position + 4, true) === 0;
}

/** Aims `into` at pointer `index` of `from` itself, as the only pointer of its own. */
export function aimAny(from: Place, index: number, into: Place): void {
	if (index >= from.pointerCount) into.clear();
	else into.aimPointer(from.segment, from.data + from.dataBytes + index * 8, from.depth);
}

/** Aims `into` at the root pointer of a constant. */
export function aimConstant(constant: Segment, into: Place): Place {
	return into.aimPointer(constant, constant.startByte, DEPTH_MAX);
}

/** The capability behind pointer `index`, borrowed; null where the pointer or its slot is. */
export function hookAt(from: Place, index: number): CapHook | null {
	if (index >= from.pointerCount) return null;
	const position = from.pointers + index * 8;
	const low = from.view.getInt32(position, true);
	const high = from.view.getUint32(position + 4, true);
	if (low === 0 && high === 0) return null;
	if (low !== OTHER) faultAt(from.segment, position, FaultCode.KIND, "expected a capability, found " + kindName(low));
	return capabilityAt(from.segment, position, high);
}

/** The capability that the pointer at byte `position` names, borrowed; null where its slot is. */
export function capabilityAt(segment: Segment, position: number, index: number): CapHook | null {
	if (segment.arena === null) return null;
	const caps = segment.arena.caps;
	if (index >= caps.length)
		faultAt(segment, position, FaultCode.CAPABILITY, "capability " + index + " of " + caps.length);
	return caps.at(index);
}

/** Makes a string of the text behind pointer `index`; "" where it is null. */
export function textAt(from: Place, index: number): string {
	if (index >= from.pointerCount) return "";
	const place = new Place();
	followText(from, index, place);
	return place.length === 0 ? "" : decodeUtf8(place.segment.bytes, place.data, place.length);
}
