import type { StructBuilder } from "../layout/struct-builder.js";
import type { CapHook } from "../arena/cap-slots.js";
import type { Call } from "./call.js";
import type { ReturnHandler } from "./call-roles.js";
import { BrokenHook } from "./broken.js";
import { Exception } from "./exception.js";
import type { Hook } from "./hook.js";
import type { Pools } from "./pools.js";

/**
 * Owner of one reference to a capability; generated clients add the methods. Can be aimed at one capability after
 * another. Its calls use the memory of `pools`.
 */
export class Client {
	readonly pools: Pools;
	/** Never null: a null capability is one whose calls fail. Borrowed. */
	hook: Hook;

	constructor(pools: Pools, hook: Hook | null = null) {
		this.pools = pools;
		this.hook = hook ?? pools.nullHook;
		if (hook === null) this.hook.addRef();
	}

	get isNull(): boolean {
		return this.hook === this.pools.nullHook;
	}

	/** Takes the caller's reference to `hook`, releases its own to what it was aimed at. */
	aim(hook: Hook | null): this {
		const old = this.hook;
		if (hook === null) this.pools.nullHook.addRef();
		this.hook = hook ?? this.pools.nullHook;
		old.release();
		return this;
	}

	/** Aims at `hook` with a reference of its own: what a reader's `take…` does. */
	adopt(hook: CapHook | null): this {
		if (hook !== null) hook.addRef();
		return this.aim(hook as Hook | null);
	}

	/** Releases the reference; the client is null then. */
	release(): void {
		this.aim(null);
	}

	/** Aims another client at the same capability, with a reference of its own. No check: calls of methods that it does not have fail. */
	castAs<C extends Client>(into: C): C {
		into.adopt(this.hook);
		return into;
	}

	/** Aims at a capability that breaks every call. */
	aimBroken(type: number, reason: string): this {
		return this.aim(new BrokenHook(new Exception(type, reason)));
	}

	/** Makes `request` a call of this capability, with params of that size for `params`. An unsent one that it still holds is dropped. */
	protected begin<R extends Request>(
		request: R,
		params: StructBuilder,
		interfaceHigh: number,
		interfaceLow: number,
		methodId: number,
		dataWords: number,
		pointerCount: number,
	): R {
		request.drop();
		const call = this.pools.takeCall();
		call.start(this.hook, interfaceHigh, interfaceLow, methodId);
		call.initParams(params, dataWords, pointerCount);
		request.call = call;
		return request;
	}
}

/**
 * A call being built. Generated requests add `params`. One object per client and method, used again: it is to be sent
 * (or dropped) before the next call of that method through that client is started.
 */
export class Request {
	/** Null unless being built. */
	call: Call | null = null;

	/** Sends the call; `handler` is told once, perhaps before this returns. */
	send(handler: ReturnHandler | null): void {
		this.take().send(handler);
	}

	/** Sends the call and gives it to the caller, who may take pipelined capabilities out of it and must `release` it; releasing before the end cancels. */
	sendAndHold(handler: ReturnHandler | null): Call {
		return this.take().sendAndHold(handler);
	}

	/** Gives the unsent call up. */
	drop(): void {
		const call = this.call;
		if (call === null) return;
		this.call = null;
		call.drop();
	}

	/** The built call becomes the caller's. */
	take(): Call {
		const call = this.call;
		if (call === null) throw new Error("request was not started or is already sent");
		this.call = null;
		return call;
	}
}
