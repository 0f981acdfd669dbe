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
	/** Where the last object without words lies: what is given back must not reach behind it. */
	emptyByte = 0;

	constructor(arena: Arena | null, bytes: Uint8Array, view: DataView) {
		this.arena = arena;
		this.bytes = bytes;
		this.view = view;
	}

	/** Eight bytes for turning bits into floats. Constants bring their own. */
	get scratch(): DataView {
		return this.arena === null ? new DataView(new ArrayBuffer(8)) : this.arena.shared.scratch;
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
