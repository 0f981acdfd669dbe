import type { Call } from "./call.js";
import type { Hook } from "./hook.js";
import { Path } from "./path.js";

/** Walks the pointer fields of results that are not there yet: `path.of(call).field(1).field(0).take()`. Used again and again. */
export class PipelinePath {
	readonly #path = new Path();
	#call: Call | null = null;

	/** `call` is held by the caller. */
	of(call: Call): this {
		this.#call = call;
		this.#path.clear();
		return this;
	}

	/** The struct or capability in pointer field `index`. */
	field(index: number): this {
		if (!this.#path.add(index)) throw new RangeError("more than " + Path.LENGTH_MAX + " nested fields");
		return this;
	}

	/** The capability there: a reference for the caller. Without fields: the results are a capability themselves (bootstrap). */
	take(): Hook {
		return this.#call!.takePipelined(this.#path);
	}
}
