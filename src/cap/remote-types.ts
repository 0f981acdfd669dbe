/** Types that the desktop side of generated interfaces is made of. No code: the facade supplies the objects. */

import type { AnyValue } from "./any-value.js";
import type { FieldType, InterfaceType } from "./descriptor.js";

export interface CallOptions {
	/**
	 * Aborting it rejects the promise with its reason, and cancels the call on the other side too: at once, or once the capabilities that
	 * were taken from its results to be called before they came are released.
	 */
	signal?: AbortSignal | undefined;
	/** What the method's own type parameters stand for: `{ types: ["text", { struct: () => Point }] }`. AnyPointer if not given. */
	types?: readonly FieldType[] | undefined;
}

/** What the caller can do about it: nothing, try later, connect again, do without. */
export type RpcErrorType = "failed" | "overloaded" | "disconnected" | "unimplemented";

/** Why a call, or a capability, is of no use. Its message is the reason that was given where it began. */
export interface RemoteError extends Error {
	readonly type: RpcErrorType;
	/** Where it happened on the other side; "" unless that side tells. */
	readonly remoteTrace: string;
}

/** What a local method is told about the call it serves. */
export interface CallContext {
	/** Aborted when the caller wants no results any more, or is gone. */
	readonly signal: AbortSignal;
}

/** A reference to a capability, here or anywhere. Every interface type of generated code extends it. */
export interface RemoteObject extends Disposable {
	/** The same capability seen as another interface, with a reference of its own. Not checked: calls of methods that it lacks fail as `unimplemented`. */
	as<Remote>(type: InterfaceType<Remote>): Remote;
	/** Gives the reference up; calls in flight go on. Idempotent. `using` does the same. */
	release(): void;
	/** Settles when it is known which capability it is; rejects with why it is broken. */
	whenResolved(): Promise<void>;
	/** Settles with the error that every call must fail with from then on; rejects when the reference is released before. */
	whenBroken(): Promise<RemoteError>;
	/**
	 * Settles when every streaming call made through this reference was answered; rejects with the first failure. A streaming call itself
	 * settles as soon as there is room for another, and rejects once one before it has failed.
	 */
	whenDone(): Promise<void>;
	/** Whether both lead to the same capability, as far as is known now. */
	same(other: RemoteObject): boolean;
}

/** The capabilities in results, for calls before the results are there. */
export type Pipelined<T> = {
	readonly [
		K in keyof T as NonNullable<T[K]> extends RemoteObject
			? K
			: NonNullable<T[K]> extends readonly unknown[] | string | number | bigint | boolean | Uint8Array | AnyValue
				? never
				: K
	]: NonNullable<T[K]> extends RemoteObject ? NonNullable<T[K]> : Pipelined<NonNullable<T[K]>>;
};

/**
 * Results that will come, and the capabilities in them that can be called at once. Those that are called like a member of a promise
 * (`then`) have to be waited for.
 */
export type Answer<T> = Promise<T> & Omit<Pipelined<T>, keyof Promise<unknown>>;

declare const METHODS: unique symbol;

/** What every generated interface type is; `Methods` is what a server of it implements. */
export interface Capability<Methods = unknown> extends RemoteObject {
	/** Never there; carries the type. */
	readonly [METHODS]?: Methods;
}

/** The methods of a superclass; its marker is of its own methods, and every interface has one. */
export type Inherited<T> = Omit<T, keyof Capability>;

/** What a server's method may return; nothing stands for results of defaults. */
export type Result<R> = Input<R> | void | Promise<Input<R> | void>;

/** An object that answers calls; methods that it lacks fail as unimplemented. An interface of one method may be a function. */
export type Implementation<Methods> = Partial<Methods> | OnlyMethod<Methods>;

/** The method of an interface that has one; never where it has more. */
type OnlyMethod<Methods> = {
	[K in keyof Methods]: [keyof Methods] extends [K] ? Methods[K] : never;
}[keyof Methods];

/** What people may pass for a `T`: fields left out keep their default, capabilities may be servers. */
export type Input<T> =
	T extends Capability<infer Methods>
		? // Not `T`: its methods take what callers pass, and an object's own methods would not get their params' types.
			Capability<Methods> | Implementation<Methods> | null
		: T extends Uint8Array | AnyValue | string | number | bigint | boolean | null | undefined
			? T
			: T extends readonly (infer E)[]
				? readonly Input<E>[]
				: { readonly [K in keyof T]?: Input<T[K]> | undefined };
