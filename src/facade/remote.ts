import type { Call } from "../cap/call.js";
import type { CapabilitySink, FieldType, InterfaceType } from "../cap/descriptor.js";
import { Request } from "../cap/client.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import { type Hook, HookListener } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import type { CallOptions, RemoteObject } from "../cap/remote-types.js";
import { InterfaceTable, type TableMethod } from "./interface-table.js";
import { Invocation, type Wrapper } from "./invocation.js";
import { RpcError } from "./rpc-error.js";
import { Streaming } from "./streaming.js";

/** What a reference needs of its surroundings. */
export interface RemoteHome extends Wrapper, CapabilitySink {
	readonly pools: Pools;
	/** Bytes of streaming calls that a reference has on the way before the next one waits. */
	readonly streamWindowBytes: number | undefined;
	/** Nobody has to clean up after `remote` any more. */
	released(remote: Remote): void;
	classOf(type: InterfaceType<unknown> | null): RemoteClass;
}

/** A reference class: `Remote` with the methods of one interface. Takes the reference to `hook`. */
export type RemoteClass = new (home: RemoteHome, hook: Hook) => Remote;

const RELEASED = Object.freeze(new Exception(ExceptionType.FAILED, "This reference was released"));

/** Holds one reference, until `release` or, where that is forgotten, until the garbage collector finds it. */
export class Remote implements RemoteObject {
	readonly #home: RemoteHome;
	#hook: Hook | null;
	readonly #watches = new Set<Watch>();
	#streaming: Streaming | null = null;
	/** What `whenDone` was asked for last. */
	#finishing: Promise<void> = Promise.resolve();

	constructor(home: RemoteHome, hook: Hook) {
		this.#home = home;
		this.#hook = hook;
	}

	/** The hook of `remote`, borrowed; throws when it was released. Static, so that no schema's method can hide it. */
	static hookOf(remote: Remote): Hook {
		if (remote.#hook === null) throw new RpcError("failed", RELEASED.reason);
		return remote.#hook;
	}

	/** Calls `method`: params are copied before this returns. */
	static call(
		remote: Remote,
		method: TableMethod,
		params: unknown,
		options: CallOptions | undefined,
	): Promise<unknown> {
		const home = remote.#home;
		const signal = options?.signal;
		const types = options?.types;
		const bound = types === undefined ? method : bindMethod(method, types);
		if (method.type.streaming) return remote.#stream(bound, params, signal);
		const invocation = new Invocation(bound, home, signal);
		try {
			if (types !== undefined && bound === method) throw new TypeError(`${method.type.name} has no type parameters`);
			invocation.send(remote.#build(bound, params, signal));
		} catch (error) {
			invocation.refuse(error);
		}
		return invocation.promise;
	}

	/** A streaming call cannot be taken back: `signal` only ends the wait for room. */
	async #stream(method: TableMethod, params: unknown, signal: AbortSignal | undefined): Promise<void> {
		const request = new Request();
		request.call = this.#build(method, params, signal);
		this.#streaming ??= new Streaming(this.#home.streamWindowBytes);
		const room = this.#streaming.send(request);
		return signal === undefined ? room : unlessAborted(room, signal);
	}

	/** Throws what is wrong with the params, or the reason why nothing is to be sent. */
	#build(method: TableMethod, params: unknown, signal: AbortSignal | undefined): Call {
		signal?.throwIfAborted();
		const home = this.#home;
		const call = home.pools.takeCall();
		call.start(Remote.hookOf(this), method.interfaceHigh, method.interfaceLow, method.type.ordinal);
		try {
			const type = method.type.params;
			call.initParams(method.paramsBuilder, type.dataWords, type.pointerCount);
			if (params !== undefined) type.fromObject(params, method.paramsBuilder, home);
		} catch (error) {
			call.drop();
			throw error;
		}
		return call;
	}

	as<T>(type: InterfaceType<T>): T {
		const hook = Remote.hookOf(this);
		hook.addRef();
		return this.#home.wrap(hook, type) as T;
	}

	release(): void {
		const hook = this.#hook;
		if (hook === null) return;
		this.#hook = null;
		for (const watch of this.#watches) watch.stop(RELEASED);
		this.#watches.clear();
		this.#home.released(this);
		hook.release();
	}

	[Symbol.dispose](): void {
		this.release();
	}

	whenResolved(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#watch(
				(target) => {
					if (target.broken === null && target.promise) return false;
					if (target.broken === null) resolve();
					else reject(RpcError.from(target.broken));
					return true;
				},
				(reason) => reject(RpcError.from(reason)),
			);
		});
	}

	whenBroken(): Promise<RpcError> {
		return new Promise((resolve, reject) => {
			this.#watch(
				(target) => {
					if (target.broken !== null) resolve(RpcError.from(target.broken));
					return target.broken !== null;
				},
				(reason) => reject(RpcError.from(reason)),
			);
		});
	}

	whenDone(): Promise<void> {
		const streaming = this.#streaming;
		if (streaming === null) return this.#finishing;
		// A stream that failed stays: the rest fails too.
		if (!streaming.failed) this.#streaming = null;
		const before = this.#finishing;
		const all = streaming.done().then(() => before);
		// Only whoever asks is to hear of a failure.
		all.catch(() => {});
		this.#finishing = all;
		return all;
	}

	same(other: RemoteObject): boolean {
		return other instanceof Remote && Remote.hookOf(this).resolved() === Remote.hookOf(other).resolved();
	}

	#watch(look: (target: Hook) => boolean, stopped: (reason: Exception) => void): void {
		if (this.#hook === null) {
			stopped(RELEASED);
			return;
		}
		const watch = new Watch(look, stopped, this.#watches, this);
		watch.start(this.#hook);
	}
}

/** Settles as `promise` does, or rejects when `signal` is aborted before. */
function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const onAbort = (): void => reject(signal.reason as Error);
		signal.addEventListener("abort", onAbort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
	});
}

/** Looks at a capability whenever it becomes another, until it has seen enough. */
class Watch extends HookListener {
	readonly #look: (target: Hook) => boolean;
	readonly #stopped: (reason: Exception) => void;
	readonly #all: Set<Watch>;
	/** Not to be collected while somebody waits to hear of it. */
	readonly remote: Remote;

	constructor(look: (target: Hook) => boolean, stopped: (reason: Exception) => void, all: Set<Watch>, remote: Remote) {
		super();
		this.remote = remote;
		this.#look = look;
		this.#stopped = stopped;
		this.#all = all;
	}

	start(hook: Hook): void {
		const target = hook.resolved();
		if (this.#look(target)) {
			this.#all.delete(this);
			return;
		}
		this.#all.add(this);
		target.listen(this);
	}

	stop(reason: Exception): void {
		if (this.listensTo !== null) this.listensTo.unlisten(this);
		this.#stopped(reason);
	}

	override hookResolved(hook: Hook): void {
		this.start(hook);
	}
}

/** A generic method with what its caller says its type parameters stand for; one that is not generic as it is. */
function bindMethod(method: TableMethod, types: readonly FieldType[]): TableMethod {
	const { type } = method;
	if (type.bind === undefined) return method;
	return { ...method, type: { ...type, ...type.bind(...types) } };
}

/** Makes the reference class of an interface; methods of the schema hide those of `Remote` that have the same name. */
export function createRemoteClass(type: InterfaceType<unknown>): RemoteClass {
	const table = new InterfaceTable(type);
	class TypedRemote extends Remote {}
	for (const method of table.methods) {
		Object.defineProperty(TypedRemote.prototype, method.type.name, {
			configurable: true,
			writable: true,
			value: function (this: Remote, params?: unknown, options?: CallOptions): Promise<unknown> {
				return Remote.call(this, method, params, options);
			},
		});
	}
	Object.defineProperty(TypedRemote, "name", { value: type.name.slice(type.name.lastIndexOf(":") + 1) });
	return TypedRemote;
}
