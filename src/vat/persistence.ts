import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import type { Call } from "../cap/call.js";
import type { ReturnHandler } from "../cap/call-roles.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import { Server } from "../cap/server.js";
import {
	PersistentClient,
	type PersistentSaveCall,
	PersistentSaveResultsReader,
	PersistentServer,
} from "../gen/persistent.capnp.js";
import type { CapnpUri } from "../net/address.js";
import { readSturdyRef, writeSturdyRef } from "./sturdy-ref.js";

const PERSISTENT_HIGH = 0xc8cb212f;
const PERSISTENT_LOW = 0xcd9f5691;

/**
 * A server that can be saved: it answers `Persistent.save` with the URI that brings it back, and everything else as `inner` does. Use its
 * `hook`, not `inner`'s. `sealFor` is not looked at: whoever knows the URI may use it.
 */
export class WithSturdyRef extends Server {
	readonly #inner: Server;
	readonly #persistent: SaveServer;

	constructor(inner: Server, uri: CapnpUri) {
		super();
		this.#inner = inner;
		this.#persistent = new SaveServer(uri);
	}

	override dispatch(call: Call, interfaceHigh: number, interfaceLow: number, methodId: number): number {
		const server =
			interfaceHigh === PERSISTENT_HIGH && interfaceLow === PERSISTENT_LOW ? this.#persistent : this.#inner;
		return server.dispatch(call, interfaceHigh, interfaceLow, methodId);
	}

	override released(): void {
		this.#inner.released();
	}
}

class SaveServer extends PersistentServer {
	readonly #uri: CapnpUri;
	readonly #any = new AnyBuilder();

	constructor(uri: CapnpUri) {
		super();
		this.#uri = uri;
	}

	override save(call: PersistentSaveCall): void {
		writeSturdyRef(this.#uri, call.results.initSturdyRef(this.#any));
		call.done();
	}
}

/** Exactly one of the two, once, perhaps before `save` returns. */
export interface SaveHandler {
	/** The reference that outlives the connection. A secret: who knows it may use the service. */
	saved(uri: CapnpUri): void;
	/** `unimplemented` where that capability cannot be saved. */
	failed(exception: Exception): void;
}

/** Asks a capability (borrowed) for its sturdy ref. */
export function save(pools: Pools, hook: Hook, handler: SaveHandler): void {
	hook.addRef();
	const client = new PersistentClient(pools).aim(hook);
	client.startSave().send(new SaveReturn(handler));
	client.release();
}

class SaveReturn implements ReturnHandler {
	readonly #handler: SaveHandler;

	constructor(handler: SaveHandler) {
		this.#handler = handler;
	}

	returned(call: Call): void {
		let uri: CapnpUri;
		try {
			uri = readSturdyRef(call.readResults(new PersistentSaveResultsReader()).readSturdyRef(new AnyReader()));
		} catch (error) {
			this.#handler.failed(
				new Exception(ExceptionType.FAILED, "The peer's sturdy ref cannot be read: " + (error as Error).message),
			);
			return;
		}
		this.#handler.saved(uri);
	}

	failed(_call: Call, exception: Exception): void {
		this.#handler.failed(exception);
	}
}
