import type { Arena } from "../arena/arena.js";
import { assert } from "../base/assert.js";
import { AnyBuilder } from "./any-builder.js";
import { clear, pointerAt } from "./build.js";
import { movePointer } from "./move.js";
import type { Place } from "../arena/place.js";

/**
 * An object of a message that nothing points to yet. Build it like any other pointer, then have it adopted once, by a
 * pointer of the same message. It costs one word of the message, in which its own pointer lives until then; what is never
 * adopted travels as dead weight, so `clear` it.
 */
export class Orphan extends AnyBuilder {
	/** Starts a new, empty orphan in `arena`. */
	open(arena: Arena): this {
		const position = arena.allocate(1);
		this.at.aimPointer(arena.shared.allocated!, position, arena.depthMax);
		return this;
	}

	/** Takes the object away from pointer `index` of `from`, which becomes null. */
	disown(from: Place, index: number): this {
		const pointer = pointerAt(from, index);
		this.open(from.segment.arena!);
		movePointer(from.segment, pointer, this.at.segment, this.at.pointers);
		return this;
	}

	/** Gives the object to pointer `index` of `to`, whose old object is erased. The orphan is empty afterwards. */
	adoptInto(to: Place, index: number): void {
		const pointer = pointerAt(to, index);
		assert(to.segment.arena === this.at.segment.arena, "an orphan can only be adopted in its own message");
		clear(to, index);
		movePointer(this.at.segment, this.at.pointers, to.segment, pointer);
	}
}
