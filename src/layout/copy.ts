import type { Place } from "../arena/place.js";
import { copyBetween } from "../arena/segment-bytes.js";
import type { Segment } from "../arena/segment.js";
import { FaultCode } from "../base/fault.js";
import { BIT, COMPOSITE, POINTER, VOID } from "../wire/element.js";
import { LIST, OTHER, STRUCT } from "../wire/pointer.js";
import { clear, initBlob, initList, initStructList, pointerAt, reserve } from "./build.js";
import { blobRoom } from "./near.js";
import { eraseAt } from "./erase.js";
import { capabilityAt, faultAt, finishList, finishStruct, locateAt } from "./follow.js";

// Deep copies. The source is checked and charged like any other reading, and the depth limit bounds the recursion.
// Sizes are kept as they are, so that fields of a newer schema survive.

/** Copies what pointer `index` of `from` leads to, whatever it is, into pointer `toIndex` of `to`. */
export function copyPointer(from: Place, index: number, to: Place, toIndex: number): void {
	const pointer = pointerAt(to, toIndex);
	const segment = to.segment;
	clear(to, toIndex);
	if (index >= from.pointerCount) return;
	copyAt(from.segment, from.pointers + index * 8, from.depth - 1, segment, pointer, segment.arena!.shared.place);
}

/** The target pointer is null. `scratch` carries results only between two statements, so that all levels can share it. */
function copyAt(
	source: Segment,
	position: number,
	depth: number,
	target: Segment,
	pointer: number,
	scratch: Place,
): void {
	if (!locateAt(source, position, depth, scratch)) return;
	const low = scratch.step;
	const kind = low & 3;
	if (kind === STRUCT) {
		finishStruct(source, position, scratch);
		copyStructAt(scratch, target, pointer, scratch);
	} else if (kind === LIST) {
		const high = scratch.length;
		finishList(source, position, high & 7, scratch);
		copyListAt(scratch, high, target, pointer, scratch);
	} else copyCapability(source, position, low, scratch.length, target, pointer);
}

function copyCapability(
	source: Segment,
	position: number,
	low: number,
	index: number,
	target: Segment,
	pointer: number,
): void {
	if (low !== OTHER) faultAt(source, position, FaultCode.KIND, "unknown pointer");
	if (source.arena === null) return;
	const slot = target.arena!.caps.add(capabilityAt(source, position, index));
	target.view.setUint32(pointer, OTHER, true);
	target.view.setUint32(pointer + 4, slot, true);
}

function copyStructAt(from: Place, target: Segment, pointer: number, scratch: Place): void {
	const source = from.segment;
	const data = from.data;
	const dataBytes = from.dataBytes;
	const pointers = from.pointers;
	const pointerCount = from.pointerCount;
	const depth = from.depth;
	const dataWords = (dataBytes + 7) >>> 3;
	const words = dataWords + pointerCount;
	const start = reserve(target, pointer, words, STRUCT, dataWords | (pointerCount << 16), scratch);
	const into = scratch.segment;
	if (words === 0) {
		// An empty struct points at itself: all zeroes would be null.
		if (into === target) target.view.setInt32(pointer, -4, true);
		return;
	}
	if (dataBytes > 0) copyBetween(source, data, into, start, dataBytes);
	copyPointers(source, pointers, pointerCount, depth, into, start + dataWords * 8, scratch);
}

function copyPointers(
	source: Segment,
	from: number,
	count: number,
	depth: number,
	target: Segment,
	to: number,
	scratch: Place,
): void {
	for (let i = 0; i < count; i++) copyAt(source, from + i * 8, depth - 1, target, to + i * 8, scratch);
}

/** `high`: the high half of the list's pointer on the wire. */
function copyListAt(from: Place, high: number, target: Segment, pointer: number, scratch: Place): void {
	const code = high & 7;
	const source = from.segment;
	const data = from.data;
	const depth = from.depth;
	const length = from.length;
	if (code !== COMPOSITE) {
		const bytes = code === BIT ? (length + 7) >>> 3 : code === VOID ? 0 : length * from.step;
		const start = reserve(target, pointer, Math.ceil(bytes / 8), LIST, high, scratch);
		const into = scratch.segment;
		if (code === POINTER) copyPointers(source, data, length, depth, into, start, scratch);
		else if (bytes > 0) copyBetween(source, data, into, start, bytes);
		return;
	}
	const dataBytes = from.dataBytes;
	const pointerCount = from.pointerCount;
	const step = from.step;
	const words = (length * step) / 8;
	const tag = reserve(target, pointer, words + 1, LIST, COMPOSITE | (words << 3), scratch);
	const into = scratch.segment;
	into.view.setUint32(tag, length << 2, true);
	into.view.setUint32(tag + 4, (dataBytes >>> 3) | (pointerCount << 16), true);
	const start = tag + 8;
	if (step === 0) return;
	if (pointerCount === 0) {
		copyBetween(source, data, into, start, words * 8);
		return;
	}
	for (let i = 0; i < length; i++) {
		const offset = i * step;
		if (dataBytes > 0) copyBetween(source, data + offset, into, start + offset, dataBytes);
		copyPointers(source, data + offset + dataBytes, pointerCount, depth, into, start + offset + dataBytes, scratch);
	}
}

/** Copies the struct at `from` into pointer `index` of `to`. */
export function copyStruct(from: Place, to: Place, index: number): void {
	const pointer = pointerAt(to, index);
	clear(to, index);
	copyStructAt(from, to.segment, pointer, to.segment.arena!.shared.place);
}

/** Copies as much of the struct at `from` as fits over the struct at `to`; the rest of that becomes default. */
export function copyStructInPlace(from: Place, to: Place): void {
	const target = to.segment;
	const data = to.data;
	const dataBytes = to.dataBytes;
	const pointers = to.pointers;
	const pointerCount = to.pointerCount;
	const kept = from.dataBytes < dataBytes ? from.dataBytes : dataBytes;
	if (kept > 0) copyBetween(from.segment, from.data, target, data, kept);
	if (kept < dataBytes) target.bytes.fill(0, data + kept, data + dataBytes);
	for (let i = 0; i < pointerCount; i++) eraseAt(target, pointers + i * 8);
	const count = from.pointerCount < pointerCount ? from.pointerCount : pointerCount;
	copyPointers(from.segment, from.pointers, count, from.depth, target, pointers, target.arena!.shared.place);
}

/** Copies bytes; `text` adds the NUL. Null reads as empty. */
export function copyBlob(from: Place, text: boolean, to: Place, index: number): void {
	const length = from.length;
	const start = blobRoom(to, index, length, text);
	if (start >= 0) {
		if (length > 0) copyBetween(from.segment, from.data, to.segment, start, length);
		return;
	}
	const scratch = to.segment.arena!.shared.place;
	initBlob(to, index, length, text, scratch);
	if (length > 0) copyBetween(from.segment, from.data, scratch.segment, scratch.data, length);
}

/**
 * Copies the list at `from` as what the schema calls it: elements that are wider on the wire are narrowed, elements that
 * became structs later are too, and older ones widened.
 */
export function copyList(from: Place, elementSize: number, to: Place, index: number): void {
	const scratch = to.segment.arena!.shared.place;
	const length = from.length;
	const source = from.segment;
	if (elementSize === COMPOSITE) {
		const dataBytes = from.dataBytes;
		const dataWords = (dataBytes + 7) >>> 3;
		initStructList(to, index, length, dataWords, from.pointerCount, scratch);
		const into = scratch.segment;
		const step = scratch.step;
		let target = scratch.data;
		for (let i = 0; i < length; i++, target += step) {
			const offset = i * from.step;
			if (dataBytes > 0) copyBetween(source, from.data + offset, into, target, dataBytes);
			copyPointers(
				source,
				from.pointers + offset,
				from.pointerCount,
				from.depth,
				into,
				target + dataWords * 8,
				scratch,
			);
		}
		return;
	}
	initList(to, index, elementSize, length, scratch);
	const into = scratch.segment;
	const start = scratch.data;
	if (elementSize === POINTER) {
		if (from.pointerCount === 0) return;
		for (let i = 0; i < length; i++)
			copyPointers(source, from.pointers + i * from.step, 1, from.depth, into, start + i * 8, scratch);
		return;
	}
	const bytes = elementSize === BIT ? (length + 7) >>> 3 : length * scratch.step;
	if (bytes === 0 || (elementSize !== BIT && from.dataBytes === 0)) return;
	const step = scratch.step;
	if (elementSize === BIT || from.step === step) copyBetween(source, from.data, into, start, bytes);
	else for (let i = 0; i < length; i++) copyBetween(source, from.data + i * from.step, into, start + i * step, step);
}
