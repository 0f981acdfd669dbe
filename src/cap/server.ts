import type { Call } from "./call.js";
import type { CancelHandler } from "./call-roles.js";
import { Exception } from "./exception.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import { LocalHook } from "./local.js";
import type { Request } from "./client.js";

/** A call as its server sees it. */
export type ServerCall = Call;

/**
 * What answers calls; generated classes derive from it. Few members, since schemas bring their own names.
 * `hook` is the capability: the server lives as long as somebody holds it.
 */
export abstract class Server {
	readonly hook: LocalHook = new LocalHook(this);

	/** Calls the method; it must end `call`, now or later, exactly once. */
	abstract dispatch(call: ServerCall, interfaceHigh: number, interfaceLow: number, methodId: number): number;

	/** The last reference is gone, here and on all connections. It may be passed on again afterwards. */
	released(): void {}
}

/** Base of the generated call objects: typed views over a call, taken from their server's free list, given back at its end. */
export abstract class TypedCall {
	/** Null while free. */
	call: ServerCall | null = null;

	/** Gives this object back to its server's free list. */
	protected abstract recycle(): void;

	/** Ends the call with the results built so far. */
	done(): void {
		this.give().done();
	}

	/** Ends the call; types in `ExceptionType`. */
	fail(type: number, reason: string): void {
		this.give().fail(new Exception(type, reason));
	}

	/** Ends the call by making another instead, whose outcome is the answer: `request`, built and not sent. Takes the request. */
	tailCall(request: Request): void {
		this.give().tailCall(request.take());
	}

	/** Gives the params' memory and capabilities back before the end. */
	releaseParams(): void {
		this.call!.releaseParams();
	}

	/** The caller wants no results any more; the call must still be ended, and what it ends with is dropped. */
	get canceled(): boolean {
		return this.call!.canceled;
	}

	/** Wants to know when the call is canceled. */
	onCancel(handler: CancelHandler | null): void {
		this.call!.cancelHandler = handler;
	}

	private give(): ServerCall {
		const call = this.call;
		if (call === null) throw new Error("call ended twice");
		this.call = null;
		this.recycle();
		return call;
	}
}

/** A call of one method: its params, and its results once they are touched. Generated classes give the types and sizes. */
export abstract class MethodCall<P extends StructReader, R extends StructBuilder> extends TypedCall {
	readonly params: P;
	/** The next free one while free. */
	next: this | null = null;
	readonly #home: FreeCalls<MethodCall<P, R>>;
	readonly #results: R;
	readonly #dataWords: number;
	readonly #pointerCount: number;
	#begun = false;

	constructor(home: FreeCalls<MethodCall<P, R>>, params: P, results: R, dataWords: number, pointerCount: number) {
		super();
		this.params = params;
		this.#home = home;
		this.#results = results;
		this.#dataWords = dataWords;
		this.#pointerCount = pointerCount;
	}

	/** Only for `dispatch`. */
	begin(call: ServerCall): this {
		this.call = call;
		call.readParams(this.params);
		return this;
	}

	/** Made at the first touch; a call that touches none returns a struct of defaults. */
	get results(): R {
		if (!this.#begun) {
			this.#begun = true;
			this.call!.initResults(this.#results, this.#dataWords, this.#pointerCount);
		}
		return this.#results;
	}

	protected override recycle(): void {
		this.#begun = false;
		this.#home.give(this);
	}
}

/** The call objects of one method that are free: its server takes them from here. */
export class FreeCalls<C extends { next: C | null }> {
	#top: C | null = null;

	/** Null where all are out: then another is made. */
	take(): C | null {
		const top = this.#top;
		if (top !== null) {
			this.#top = top.next;
			top.next = null;
		}
		return top;
	}

	give(call: C): void {
		call.next = this.#top;
		this.#top = call;
	}
}
