import { awaitResults } from "./awaiting.js";
import type { Call } from "./call.js";
import { type Hook, HookKind } from "./hook.js";
import { Path } from "./path.js";
import { PromiseHook } from "./promise.js";
import type { Pools } from "./pools.js";

/**
 * A capability in the results of a call that has not returned. One per call and path.
 *
 * Life: taken with `Call.takePipelined`: keeps the call wanted (`pinned`) → released before the call returns: back to the
 * pool, unless calls went through it; then it stays with the call, unpinned, since whoever takes that path again means the
 * same reference and must not overtake those → its call returns: it resolves, now or when an embargo is lifted, and
 * leaves the call → the last reference is released, back to the pool.
 */
export class PipelinedHook extends PromiseHook {
	readonly path = new Path();
	/** The call whose list it is in; null once resolved. */
	call: Call | null = null;
	/** Counts among those who want the results. */
	pinned = false;
	/** The call has ended and has settled this one. */
	settled = false;
	nextPipelined: PipelinedHook | null = null;
	private readonly pools: Pools;

	constructor(pools: Pools) {
		super(HookKind.PIPELINED);
		this.pools = pools;
	}

	override deliver(call: Call): void {
		const awaited = this.settled ? null : this.call;
		const refusal = awaited === null ? null : awaitResults(call, awaited);
		if (refusal === null) super.deliver(call);
		else call.fail(refusal);
	}

	override resolve(hook: Hook): void {
		// Stays in the list while what waits is delivered: nobody may overtake that.
		super.resolve(hook);
		this.leave();
	}

	/** Out of its call's list. */
	leave(): void {
		const call = this.call;
		if (call === null) return;
		this.call = null;
		let at = call.pipelines!;
		if (at === this) call.pipelines = this.nextPipelined;
		else {
			while (at.nextPipelined !== this) at = at.nextPipelined!;
			at.nextPipelined = this.nextPipelined;
		}
		this.nextPipelined = null;
	}

	/** Back to the pool; nobody holds it. */
	dispose(): void {
		this.leave();
		this.settled = false;
		this.reset();
		this.refs = 1;
		this.pools.pipelined.give(this);
	}

	protected override unreferenced(): void {
		const call = this.call;
		const pinned = this.pinned;
		this.pinned = false;
		if (call === null || this.settled || !this.used) this.dispose();
		if (call !== null && pinned) call.unpin();
	}
}
