import { BrokenHook } from "../cap/broken.js";
import { ABANDONED, type Exception } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { PromiseHook } from "../cap/promise.js";
import type { Input } from "../cap/remote-types.js";
import { exceptionOf } from "./rpc-error.js";

/** A reference that is decided later, and the means to decide it: once. Dropped undecided, it breaks. */
export class Resolver<T> implements Disposable {
	/** Can be called and passed on at once: calls wait, in order. */
	readonly promise: T;
	readonly #decision: Decision;
	readonly #hookOf: (target: unknown) => Hook;

	/** `hookOf` borrows. */
	constructor(promise: T, decision: Decision, hookOf: (target: unknown) => Hook) {
		this.promise = promise;
		this.#decision = decision;
		this.#hookOf = hookOf;
	}

	/** It is `target` from now on: a reference, or an object to serve. */
	resolve(target: Input<T>): void {
		const hook = this.#hookOf(target);
		hook.addRef();
		this.#decision.settle(hook);
	}

	/** Every call fails with `error`. */
	reject(error: unknown): void {
		this.#decision.fail(exceptionOf(error));
	}

	[Symbol.dispose](): void {
		this.#decision.abandon();
	}
}

/** What outlives a forgotten `Resolver`: its hold on the promise. */
export class Decision {
	#hook: PromiseHook | null = new PromiseHook();

	/** A reference for the caller, once, before it is settled. */
	take(): Hook {
		this.#hook!.addRef();
		return this.#hook!;
	}

	/** Takes the reference. */
	settle(target: Hook): void {
		const hook = this.#hook;
		if (hook === null) {
			target.release();
			throw new Error("this promise is resolved already");
		}
		this.#hook = null;
		hook.resolve(target);
		hook.release();
	}

	fail(exception: Exception): void {
		this.settle(new BrokenHook(exception));
	}

	/** Nobody will decide it. */
	abandon(): void {
		if (this.#hook !== null) this.fail(ABANDONED);
	}
}
