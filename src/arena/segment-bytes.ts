import { copyBytes } from "../base/bytes.js";
import type { Segment } from "./segment.js";

// Hosts with native code replace this file (modules/codec/segment-bytes.ts).

/** From here on copying bytes is faster than copying halves of words. */
const LONG_BYTES = 256;

/** Copies `length` bytes from one segment to another or the same; both offsets are absolute, the ranges do not overlap. */
export function copyBetween(source: Segment, from: number, target: Segment, to: number, length: number): void {
	if (length > LONG_BYTES) {
		copyBytes(source.bytes, from, target.bytes, to, length);
		return;
	}
	const input = source.view;
	const output = target.view;
	const halves = length & ~3;
	let i = 0;
	for (; i < halves; i += 4) output.setInt32(to + i, input.getInt32(from + i, true), true);
	for (; i < length; i++) output.setUint8(to + i, input.getUint8(from + i));
}

/** Copies `length` bytes out of a segment. */
export function copyFrom(source: Segment, from: number, target: Uint8Array, to: number, length: number): void {
	if (length > LONG_BYTES) {
		copyBytes(source.bytes, from, target, to, length);
		return;
	}
	const input = source.view;
	const end = from + (length & ~3);
	for (; from < end; from += 4, to += 4) {
		const half = input.getInt32(from, true);
		target[to] = half;
		target[to + 1] = half >> 8;
		target[to + 2] = half >> 16;
		target[to + 3] = half >> 24;
	}
	for (let i = 0; i < (length & 3); i++) target[to + i] = input.getUint8(from + i);
}

/** Whether `length` bytes are the same. */
export function equalBetween(a: Segment, aFrom: number, b: Segment, bFrom: number, length: number): boolean {
	const x = a.view;
	const y = b.view;
	const halves = length & ~3;
	let i = 0;
	for (; i < halves; i += 4) if (x.getInt32(aFrom + i, true) !== y.getInt32(bFrom + i, true)) return false;
	for (; i < length; i++) if (x.getUint8(aFrom + i) !== y.getUint8(bFrom + i)) return false;
	return true;
}
