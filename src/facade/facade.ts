import type { CapHook } from "../arena/cap-slots.js";
import type { InterfaceType } from "../cap/descriptor.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import { Client } from "../cap/client.js";
import { type InterfaceKey, interfaceKey } from "../cap/plain.js";
import type { Implementation } from "../cap/remote-types.js";
import { Server } from "../cap/server.js";
import { InterfaceTable } from "./interface-table.js";
import { LocalServer } from "./local-server.js";
import { Decision, Resolver } from "./resolver.js";
import { createRemoteClass, Remote, type RemoteClass, type RemoteHome } from "./remote.js";

export interface FacadeOptions {
	/** Called when the garbage collector found a reference that nobody released. `madeAt` is a stack, if `traceReferences` is on. */
	onLeak?: ((interfaceName: string, madeAt: string | null) => void) | undefined;
	/** Remembers where each reference was made. Slow. */
	traceReferences?: boolean | undefined;
	/** Bytes of streaming calls that a reference has on the way before the next one waits (default 65,536, as in C++). */
	streamWindowBytes?: number | undefined;
}

interface Leak {
	readonly hook: Hook;
	readonly name: string;
	readonly madeAt: string | null;
}

/** Where references and local objects of one vat meet their messages: promises and plain objects above, hooks and views below. */
export class Facade implements RemoteHome {
	readonly pools: Pools;
	readonly streamWindowBytes: number | undefined;
	readonly #options: FacadeOptions;
	readonly #classes = new Map<InterfaceKey | null, RemoteClass>();
	readonly #tables = new Map<InterfaceKey, InterfaceTable>();
	/** One server for each object and interface, so that the same object is the same capability. */
	readonly #servers = new WeakMap<object, Map<InterfaceKey, LocalServer>>();
	readonly #forgotten = new FinalizationRegistry<Leak>((leak) => {
		leak.hook.release();
		this.#options.onLeak?.(leak.name, leak.madeAt);
	});

	readonly #undecided = new FinalizationRegistry<Decision>((decision) => decision.abandon());

	constructor(pools: Pools, options: FacadeOptions = {}) {
		this.pools = pools;
		this.streamWindowBytes = options.streamWindowBytes;
		this.#options = options;
		this.#classes.set(null, Remote);
	}

	/** Makes `implementation` a capability: a reference to it. The same object and interface is the same capability. */
	serve<T, Methods>(type: InterfaceType<T, Methods>, implementation: Implementation<Methods>): T {
		const { hook } = this.#serverOf(implementation as object, type);
		hook.addRef();
		return this.wrap(hook, type) as T;
	}

	/** A reference that is decided later. */
	promise<T>(type: InterfaceType<T>): Resolver<T> {
		const decision = new Decision();
		const promise = this.wrap(decision.take(), type) as T;
		const resolver = new Resolver(
			promise,
			decision,
			(target) => (this.hook(target, type) ?? this.pools.nullHook) as Hook,
		);
		this.#undecided.register(resolver, decision);
		return resolver;
	}

	/** Settles when the last reference to `implementation` as a `type` is gone, here and at every peer; at once where there is none. */
	whenReleased<T, Methods>(type: InterfaceType<T, Methods>, implementation: Implementation<Methods>): Promise<void> {
		return this.#serverOf(implementation as object, type).whenReleased();
	}

	/** A reference object. Takes the reference to `hook`. */
	wrap(hook: Hook, type: InterfaceType<unknown> | null): unknown {
		const remote = new (this.classOf(type))(this, hook);
		const madeAt = this.#options.traceReferences ? (new Error("made here").stack ?? null) : null;
		this.#forgotten.register(remote, { hook, name: type?.name ?? "capability", madeAt }, remote);
		return remote;
	}

	released(remote: Remote): void {
		this.#forgotten.unregister(remote);
	}

	classOf(type: InterfaceType<unknown> | null): RemoteClass {
		const key = type === null ? null : interfaceKey(type);
		let made = this.#classes.get(key);
		if (made === undefined) {
			made = createRemoteClass(type!);
			this.#classes.set(key, made);
		}
		return made;
	}

	capability(hook: CapHook | null, type: InterfaceType<unknown> | null): unknown {
		if (hook === null) return null;
		hook.addRef();
		return this.wrap(hook as Hook, type);
	}

	hook(capability: unknown, type: InterfaceType<unknown> | null): CapHook | null {
		if (capability === null || capability === undefined) return null;
		if (capability instanceof Remote) return Remote.hookOf(capability);
		if (capability instanceof Server || capability instanceof Client) return capability.hook;
		if (typeof capability !== "object" && typeof capability !== "function")
			throw new TypeError(
				`a capability is an object with methods, not ${typeof capability === "string" ? "a string" : String(capability)}`,
			);
		if (capability instanceof Promise || capability instanceof Resolver)
			throw new TypeError(
				`a capability is a reference or an object with methods, not ${capability instanceof Promise ? "a promise: await it, or take the capability from its field" : "a resolver: pass its promise"}`,
			);
		if (type === null)
			throw new TypeError("this field takes any interface: pass vat.serve(Interface, object), which says which");
		return this.#serverOf(capability, type).hook;
	}

	#serverOf(implementation: object, type: InterfaceType<unknown>): LocalServer {
		if (implementation === null || (typeof implementation !== "object" && typeof implementation !== "function"))
			throw new TypeError(`an object with the methods of ${type.name} is needed, not ${String(implementation)}`);
		let servers = this.#servers.get(implementation);
		if (servers === undefined) this.#servers.set(implementation, (servers = new Map()));
		const key = interfaceKey(type);
		let server = servers.get(key);
		if (server === undefined) {
			const table = this.#tableOf(type);
			if (typeof implementation === "function" && table.methods.length !== 1)
				throw new TypeError(
					`${type.name} has ${table.methods.length} methods: a function can only stand for one (a class has to be made an object with new)`,
				);
			server = new LocalServer(table, implementation, this);
			servers.set(key, server);
		}
		return server;
	}

	#tableOf(type: InterfaceType<unknown>): InterfaceTable {
		const key = interfaceKey(type);
		let table = this.#tables.get(key);
		if (table === undefined) this.#tables.set(key, (table = new InterfaceTable(type)));
		return table;
	}
}
