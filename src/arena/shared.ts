import { CAPS_MAX, DEPTH_MAX, SEGMENTS_MAX, TRAVERSAL_WORDS } from "../base/limits.js";
import type { BlockPool } from "./block.js";
import { Place } from "./place.js";
import type { Segment } from "./segment.js";

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
}
