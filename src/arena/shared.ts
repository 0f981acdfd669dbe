import { CAPS_MAX, DEPTH_MAX, SEGMENTS_MAX, TRAVERSAL_WORDS } from "../base/limits.js";
import type { Arena } from "./arena.js";
import type { BlockPool } from "./block.js";
import { Place } from "./place.js";
import { Segment } from "./segment.js";

const NO_BYTES = new Uint8Array(0);

/** What is made when a pool is sealed: for one message of four segments, or three of two. Each takes 160 bytes of XS. */
const SPARES = 3;

export interface ArenaLimits {
	/** Words that may be traversed while reading (default 8 Mi). */
	traversalWords?: number;
	/** Pointers inside pointers (default 64). */
	depth?: number;
	/** Segments of one message (default 512). */
	segments?: number;
	/** Capabilities of one message (default 512). */
	caps?: number;
}

/** What the arenas of one pool have in common, so that each of many messages stays small: limits, memory, room to work. */
export class ArenaShared {
	readonly blocks: BlockPool | null;
	/** Levels of pointers below the root. */
	readonly depthMax: number;
	readonly traversalWords: number;
	readonly segmentsMax: number;
	readonly capsMax: number;
	/** For operations that aim at something only for themselves: used up before the next one begins. */
	readonly place: Place = new Place();
	/**
	 * For the second segment of a message and those behind it: lent, since few messages have them at the same time, while each one has had them after
	 * a while. Beyond `#spareCount` are some that are out.
	 */
	readonly #spares: Segment[] = [];
	#spareCount = 0;
	/** Which segment took the last `allocate` of any of them. */
	allocated: Segment | null = null;
	/** The root pointer of the message that was asked last. */
	readonly root: Place = new Place();
	/** Eight zero bytes, for elements that a message leaves out. Never written. */
	readonly zeroes = new DataView(new ArrayBuffer(8));
	/** For float defaults: bits to float and back. */
	readonly scratch = new DataView(new ArrayBuffer(8));

	constructor(blocks: BlockPool | null, limits: ArenaLimits = {}) {
		this.blocks = blocks;
		this.depthMax = limits.depth ?? DEPTH_MAX;
		this.traversalWords = limits.traversalWords ?? TRAVERSAL_WORDS;
		this.segmentsMax = limits.segments ?? SEGMENTS_MAX;
		this.capsMax = limits.caps ?? CAPS_MAX;
	}

	/** Makes what is usually needed of spare segments now. */
	seal(): void {
		const count = this.segmentsMax <= SPARES ? this.segmentsMax - 1 : SPARES;
		while (this.#spareCount < count) this.giveSpare(new Segment(null, 0, NO_BYTES, this.zeroes));
	}

	/** A segment `id` for `arena`, until it is given back. One is made only where more are out than ever before. */
	takeSpare(arena: Arena, id: number, bytes: Uint8Array, view: DataView): Segment {
		if (this.#spareCount === 0) return new Segment(arena, id, bytes, view);
		const segment = this.#spares[--this.#spareCount]!;
		segment.arena = arena;
		segment.id = id;
		segment.bytes = bytes;
		segment.view = view;
		return segment;
	}

	giveSpare(segment: Segment): void {
		this.#spares[this.#spareCount++] = segment;
	}
}
