import type { InterfaceType } from "../cap/descriptor.js";
import type { Exception } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { RemoteObject } from "../cap/remote-types.js";
import type { Reconnecting, ReconnectingHandler } from "../vat/reconnecting.js";
import type { Facade } from "./facade.js";
import { RpcError } from "./rpc-error.js";
import { told } from "./told.js";

export interface LiveEvents<T> {
	/** The service is there (again): what it was told before, it has forgotten. The reference is the live one's: do not release it. */
	onConnected?: ((service: T) => void) | undefined;
	/** It went away or could not be had; the next attempt is in `retryMs`: never (Infinity) where this vat was closed. */
	onDisconnected?: ((error: RpcError, retryMs: number) => void) | undefined;
}

/**
 * A reference that comes back after its vat, or the network, went away. Calls in flight fail as `disconnected`: whether they happened
 * nobody knows, so they are not made again; the program says what happens then.
 */
export class LiveReference<T extends RemoteObject> implements Disposable {
	readonly #facade: Facade;
	readonly #type: InterfaceType<T>;
	readonly #events: LiveEvents<T>;
	readonly #reconnecting: Reconnecting;
	#current: T | null = null;
	#waiting: { resolve(service: T): void; reject(error: Error): void }[] = [];
	#ended: RpcError | null = null;

	constructor(
		facade: Facade,
		type: InterfaceType<T>,
		events: LiveEvents<T>,
		create: (handler: ReconnectingHandler) => Reconnecting,
	) {
		this.#facade = facade;
		this.#type = type;
		this.#events = events;
		this.#reconnecting = create({
			connected: (hook) => this.#connect(hook),
			disconnected: (reason, retryMs) => this.#disconnect(reason, retryMs),
		});
		this.#reconnecting.start();
	}

	/** The service, or null while it is away. Its reference is this object's. */
	get current(): T | null {
		return this.#current;
	}

	/** The service, as soon as it is there; rejects once it will not be: the reference was released, or this vat closed. */
	connected(): Promise<T> {
		if (this.#current !== null) return Promise.resolve(this.#current);
		if (this.#ended !== null) return Promise.reject(this.#ended);
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	/** Gives it up, for good. */
	release(): void {
		if (this.#ended !== null) return;
		this.#reconnecting.stop();
		this.#drop();
		this.#end(new RpcError("failed", "This reference was released"));
	}

	[Symbol.dispose](): void {
		this.release();
	}

	#connect(hook: Hook): void {
		hook.addRef();
		const service = this.#facade.wrap(hook, this.#type) as T;
		this.#current = service;
		for (const { resolve } of this.#waiting.splice(0)) resolve(service);
		told(() => this.#events.onConnected?.(service));
	}

	#disconnect(reason: Exception, retryMs: number): void {
		this.#drop();
		const error = RpcError.from(reason);
		if (retryMs === Infinity) this.#end(error);
		told(() => this.#events.onDisconnected?.(error, retryMs));
	}

	#end(error: RpcError): void {
		this.#ended = error;
		for (const { reject } of this.#waiting.splice(0)) reject(error);
	}

	#drop(): void {
		const current = this.#current;
		this.#current = null;
		current?.release();
	}
}
