import type { Call, CancelHandler } from "./call.js";
import { Exception } from "./exception.js";
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
		this.#give().done();
	}

	/** Ends the call; types in `ExceptionType`. */
	fail(type: number, reason: string): void {
		this.#give().fail(new Exception(type, reason));
	}

	/** Ends the call by making another instead, whose outcome is the answer: `request`, built and not sent. Takes the request. */
	tailCall(request: Request): void {
		this.#give().tailCall(request.take());
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

	#give(): ServerCall {
		const call = this.call;
		if (call === null) throw new Error("call ended twice");
		this.call = null;
		this.recycle();
		return call;
	}
}
