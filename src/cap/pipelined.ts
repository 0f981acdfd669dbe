import type { Call } from "./call.js";
import { HookKind } from "./hook.js";
import { Path } from "./path.js";
import { PromiseHook } from "./promise.js";
import type { Pools } from "./pools.js";

/**
 * A capability in the results of a call that has not returned. One per call and path; keeps the call wanted.
 *
 * Life: taken with `Call.takePipelined` → its call returns, it resolves → the last reference is released, back to the pool.
 */
export class PipelinedHook extends PromiseHook {
	readonly path = new Path();
	/** The call whose results it is in; null once they are there. Holds a reference. */
	call: Call | null = null;
	nextPipelined: PipelinedHook | null = null;
	readonly #pools: Pools;

	constructor(pools: Pools) {
		super(HookKind.PIPELINED);
		this.#pools = pools;
	}

	protected override unreferenced(): void {
		const call = this.call;
		this.call = null;
		this.reset();
		if (call !== null) {
			call.forget(this);
			call.unpin();
		}
		this.refs = 1;
		this.#pools.pipelined.give(this);
	}
}
