import { BrokenHook } from "./broken.js";
import type { Call } from "./call.js";
import { CANCELED, CYCLE } from "./exception.js";
import { Hook, HookKind } from "./hook.js";

/** Sends the calls of an unresolved promise on at once, to where the answer will come from. */
export interface Router {
	/** Takes over the call as its callee. */
	route(hook: PromiseHook, call: Call): void;
	/** Resolves a promise through which calls were routed: to `target` (takes the reference), now or when those have arrived. `detour`: those may come back through here before they go where `target` is. */
	settle(hook: PromiseHook, target: Hook, detour: boolean): void;
}

/**
 * Breaks every promise on the way from `hook` (takes the reference) to `end`, each by itself: in a knot they would hold each other
 * for ever, perhaps by way of a peer.
 */
export function untie(hook: Hook, end: Hook, broken: Hook): void {
	let at = hook;
	while (at !== end) {
		const next = at.next!;
		broken.addRef();
		at.next = broken;
		at.release();
		at = next;
	}
	at.release();
}

/**
 * A capability that is not known yet.
 *
 * Life: waiting (calls queue, in order) or routed (calls go to the peer that will resolve it) → perhaps embargoed (routed
 * before, now calls queue until those on the way have arrived) → resolved (`next`; the queue is delivered first, so that no
 * later call overtakes it). Resolving to itself breaks it.
 */
export class PromiseHook extends Hook {
	/** Where calls go meanwhile; null: they wait here. */
	router: Router | null = null;
	/** The last peer that would have resolved it; stays when it has. */
	home: object | null = null;
	/** Calls went through it to the peer: those may still be on their way when it resolves. */
	used = false;
	/** The queue of calls. */
	first: Call | null = null;
	last: Call | null = null;
	/** The queue is being delivered: calls made meanwhile go behind it. */
	flushing = false;

	constructor(kind: number = HookKind.PROMISE) {
		super(kind);
		this.promise = true;
	}

	deliver(call: Call): void {
		if (this.first !== null || this.flushing) queue(this, call);
		else if (this.next !== null) this.resolved().deliver(call);
		else if (this.router !== null) this.router.route(this, call);
		else queue(this, call);
	}

	override resolved(): Hook {
		// While the queue is being delivered a shortcut would overtake it.
		return this.next === null || this.flushing ? this : this.next.resolved();
	}

	/** Takes the caller's reference to `hook`. Once. */
	resolve(hook: Hook): void {
		if (this.next !== null) throw new Error("promise resolved twice");
		// Listeners and queued calls may drop the last reference.
		this.addRef();
		let target = hook.resolved();
		if (target === this) {
			target = new BrokenHook(CYCLE);
			untie(hook, this, target);
		} else if (target !== hook) {
			target.addRef();
			hook.release();
		}
		this.next = target;
		this.brand = null;
		this.router = null;
		// Remains a promise meanwhile: who gets it now hears of the rest afterwards.
		this.flush();
		this.promise = false;
		this.tellListeners();
		this.release();
	}

	/** Delivers what waits, to `next` or the router. */
	flush(): void {
		if (this.flushing) return;
		if (this.first === null) return;
		this.flushing = true;
		// A server that throws must not leave the promise in this state.
		try {
			for (;;) {
				const call = this.first;
				if (call === null) break;
				unlink(this, call);
				if (this.next !== null) this.next.resolved().deliver(call);
				else this.router!.route(this, call);
				this.release();
			}
		} finally {
			this.flushing = false;
		}
	}

	/** As callee: nobody waits for this queued call any more. */
	canceled(call: Call): void {
		unlink(this, call);
		call.fail(CANCELED);
		this.release();
	}

	/** As callee: nothing to give back. */
	finished(_call: Call): void {}

	protected override unreferenced(): void {
		this.reset();
	}

	/** Back to the state of a new promise. */
	protected reset(): void {
		const next = this.next;
		this.next = null;
		this.router = null;
		this.brand = null;
		this.promise = true;
		this.used = false;
		this.home = null;
		if (next !== null) next.release();
	}
}

function queue(promise: PromiseHook, call: Call): void {
	// The queue keeps the promise alive, or nobody would answer the call.
	promise.addRef();
	call.callee = promise;
	call.previousQueued = promise.last;
	call.nextQueued = null;
	if (promise.last === null) promise.first = call;
	else promise.last.nextQueued = call;
	promise.last = call;
}

function unlink(promise: PromiseHook, call: Call): void {
	const previous = call.previousQueued;
	const next = call.nextQueued;
	if (previous === null) promise.first = next;
	else previous.nextQueued = next;
	if (next === null) promise.last = previous;
	else next.previousQueued = previous;
	call.previousQueued = call.nextQueued = null;
	call.callee = null;
}
