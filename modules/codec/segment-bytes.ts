import type { Segment } from "../../src/arena/segment.js";
import { copyBytes, equalBytes } from "./bytes.js";

// src/arena/segment-bytes.ts in C: one call for any length.

export function copyBetween(source: Segment, from: number, target: Segment, to: number, length: number): void {
	copyBytes(source.bytes, from, target.bytes, to, length);
}

export function copyFrom(source: Segment, from: number, target: Uint8Array, to: number, length: number): void {
	copyBytes(source.bytes, from, target, to, length);
}

export function equalBetween(a: Segment, aFrom: number, b: Segment, bFrom: number, length: number): boolean {
	return equalBytes(a.bytes, aFrom, b.bytes, bFrom, length);
}
