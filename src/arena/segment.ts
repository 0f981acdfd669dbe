import { copyLong } from "../base/bytes.js";
import type { Arena } from "./arena.js";
import type { Block } from "./block.js";

/**
 * A range of a buffer. All offsets in views are absolute byte offsets into `view`, so that nothing has to be added per access.
 * `arena` is null for constants: they have neither budget nor other segments.
 */
export class Segment {
	view: DataView;
	bytes: Uint8Array;
	/** First byte of the segment. */
	startByte = 0;
	/** Behind the last byte in use: the bound for reading, the place of the next object when building. */
	endByte = 0;
	/** Behind the last byte that building may use. */
	limitByte = 0;
	id = 0;
	arena: Arena | null;
	block: Block | null = null;

	constructor(arena: Arena | null, bytes: Uint8Array, view: DataView) {
		this.arena = arena;
		this.bytes = bytes;
		this.view = view;
	}

	/** Eight bytes for turning bits into floats. Constants bring their own. */
	get scratch(): DataView {
		return this.arena === null ? new DataView(new ArrayBuffer(8)) : this.arena.scratch;
	}

	get lengthWords(): number {
		return (this.endByte - this.startByte) / 8;
	}
}

/** A message inside a program: words as 32-bit halves, low half first; pointer defaults are read from it. Never written. */
export function constantSegment(halves: readonly number[]): Segment {
	const bytes = new Uint8Array(halves.length * 4);
	const view = new DataView(bytes.buffer);
	for (let i = 0; i < halves.length; i++) view.setUint32(i * 4, halves[i]!, true);
	const segment = new Segment(null, bytes, view);
	segment.endByte = segment.limitByte = bytes.length;
	return segment;
}

/** From here on a view of the range pays for itself. */
const LONG_BYTES = 256;

/** Copies `length` bytes from one segment to another or the same; both offsets are absolute, the ranges do not overlap. */
export function copyBetween(source: Segment, from: number, target: Segment, to: number, length: number): void {
	if (length > LONG_BYTES) {
		copyLong(source.bytes, from, target.bytes, to, length);
		return;
	}
	const input = source.view;
	const output = target.view;
	const halves = length & ~3;
	let i = 0;
	for (; i < halves; i += 4) output.setInt32(to + i, input.getInt32(from + i, true), true);
	for (; i < length; i++) output.setUint8(to + i, input.getUint8(from + i));
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
