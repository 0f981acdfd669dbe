import type { Arena } from "./arena.js";
import type { Block } from "./block.js";

/**
 * A range of a buffer. All offsets in views are absolute byte offsets into `view`, so that nothing has to be added per access.
 * `arena` is null for constants: they have neither budget nor other segments.
 *
 * The fields are only declared, and made by the constructor: V8 takes one that is defined without a value and set later for
 * one that can hold anything, and asks at every use. Native code knows their order.
 */
export class Segment {
	declare view: DataView;
	declare bytes: Uint8Array;
	/** First byte of the segment. */
	declare startByte: number;
	/** Behind the last byte in use: the bound for reading, the place of the next object when building. */
	declare endByte: number;
	/** Behind the last byte that building may use. */
	declare limitByte: number;
	declare id: number;
	declare arena: Arena | null;
	declare block: Block | null;
	/** Where the last object without words lies: what is given back must not reach behind it. */
	declare emptyByte: number;

	constructor(arena: Arena | null, id: number, bytes: Uint8Array, view: DataView) {
		this.view = view;
		this.bytes = bytes;
		this.startByte = 0;
		this.endByte = 0;
		this.limitByte = 0;
		this.id = id;
		this.arena = arena;
		this.block = null;
		this.emptyByte = 0;
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
	const segment = new Segment(null, 0, bytes, view);
	segment.endByte = segment.limitByte = bytes.length;
	return segment;
}
