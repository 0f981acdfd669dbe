import { BrokenHook } from "../cap/broken.js";
import type { InterfaceType } from "../cap/descriptor.js";
import type { LocalHook } from "../cap/local.js";
import type { RemoteObject } from "../cap/remote-types.js";
import type { Server } from "../cap/server.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import { Pools, type PoolsOptions } from "../cap/pools.js";
import type { Implementation } from "../cap/remote-types.js";
import { type CapnpUri, formatUri, parseUri } from "../net/address.js";
import type { KeepaliveTimes } from "../net/keepalive.js";
import { Tracer } from "../net/tracer.js";
import type { Clock } from "../ports/clock.js";
import type { Entropy } from "../ports/entropy.js";
import type { Endpoint, Network } from "../ports/network.js";
import type { Hashes, Identity } from "../ports/secure.js";
import type { TransportError } from "../ports/transport.js";
import type { ConnectionLimits } from "../rpc/limits.js";
import { Budgets, type Shares } from "../vat/budgets.js";
import { dump } from "../vat/dump.js";
import type { Peer } from "../vat/peer.js";
import { ChainRestorer, type LoadAnswer, LoaderRestorer } from "../vat/loader.js";
import { save, WithSturdyRef } from "../vat/persistence.js";
import { Reconnecting } from "../vat/reconnecting.js";
import { type Restorer, TableRestorer, unknownService } from "../vat/restorer.js";
import { derivedId, generateId, publicId } from "../vat/service-id.js";
import { Vat as CoreVat, type VatObserver } from "../vat/vat.js";
import { Facade, type FacadeOptions } from "./facade.js";
import { type LiveEvents, LiveReference } from "./live-reference.js";
import { Remote } from "./remote.js";
import type { Resolver } from "./resolver.js";
import { exceptionOf, RpcError } from "./rpc-error.js";
import { SturdyRef } from "./sturdy-ref.js";
import { told } from "./told.js";

/** What a program may want to know of its vat; every part is optional. */
export interface VatEvents {
	/** A conversation with a peer began; `name` is for people, `identity` its key's digest or null. */
	onPeerUp?: (name: string, identity: Uint8Array | null) => void;
	/** It ended; every capability of that peer is broken. */
	onPeerDown?: (name: string, reason: RpcError, identity: Uint8Array | null) => void;
	/** A peer could not be reached, or was not the one that was meant. */
	onDialFailed?: (error: TransportError) => void;
	/** A client was turned away before it became a peer. */
	onRejected?: (error: TransportError) => void;
}

/** A service that a loader made; `service(type, implementation)` makes one with its types checked. */
export interface LoadedService {
	readonly type: InterfaceType<unknown>;
	readonly implementation: object;
}

export function service<T, Local>(type: InterfaceType<T, Local>, implementation: Local): LoadedService {
	return { type, implementation: implementation as object };
}

export interface VatSettings extends FacadeOptions, VatEvents {
	/**
	 * Makes the service of an id that nobody published, from what was saved of it; null where there is none. Called once for all who ask, and
	 * again when nobody holds the service any more; its `[Symbol.dispose]` is called then.
	 */
	loader?: ((id: Uint8Array) => Promise<LoadedService | null> | LoadedService | null) | undefined;
	pools?: PoolsOptions | undefined;
	limits?: Partial<ConnectionLimits> | undefined;
	/** How much of the vat's pools one peer may hold (default: one identity a half, an anonymous connection a quarter, all of these together a half). */
	shares?: Partial<Shares> | undefined;
	/** For a whole dial, handshake included (default 10,000). */
	dialTimeoutMs?: number | undefined;
	/**
	 * When a silent peer is asked for a sign of life, and how long that may take (default after 60,000 and 30,000 ms). `{ idleMs: Infinity }`: never,
	 * for a peer that ignores what it does not know.
	 */
	keepalive?: Partial<KeepaliveTimes> | undefined;
	/** Is given every message of every connection, on one line. */
	trace?: ((line: string) => void) | undefined;
	/** Peers learn where what a method threw was thrown: its stack, as `RpcError.remoteTrace` (default false: that may tell them too much). */
	sendTraces?: boolean | undefined;
}

/** The ports that a host supplies. */
export interface VatPorts {
	readonly network: Network;
	readonly clock: Clock;
	readonly hashes: Hashes;
	readonly entropy: Entropy;
	/** Null: an insecure vat. */
	readonly identity: Identity | null;
}

/** A vat for programs with promises: publishes objects, connects to those of other vats. */
export class PromiseVat implements AsyncDisposable {
	readonly facade: Facade;
	readonly #core: CoreVat;
	readonly #ports: VatPorts;
	readonly #services: TableRestorer;
	#endpoint: Endpoint | null = null;
	#listening: { resolve(endpoint: Endpoint): void; reject(error: Error): void } | null = null;
	#closed: (() => void) | null = null;
	#closing: Promise<void> | null = null;

	constructor(ports: VatPorts, settings: VatSettings = {}) {
		const pools = new Pools({ guarded: true, ...settings.pools });
		const { trace } = settings;
		this.facade = new Facade(pools, settings);
		this.#ports = ports;
		this.#services = new TableRestorer(ports.hashes);
		this.#core = new CoreVat({
			network: ports.network,
			clock: ports.clock,
			pools,
			identity: ports.identity,
			restorer: this.#restorer(settings),
			limits: settings.limits ?? {},
			budgets: new Budgets(pools, settings.shares ?? {}),
			dialTimeoutMs: settings.dialTimeoutMs ?? 10_000,
			keepalive: settings.keepalive ?? {},
			observer: this.#observer(settings),
			traces: settings.sendTraces ?? false,
			trace: trace === undefined ? null : (name) => new Tracer(name, (line) => told(() => trace(line))),
		});
	}

	/** Starts to listen; settles with the place, port 0 replaced by the real one. `publicEndpoint` is what URIs name instead. */
	listenAt(endpoint: Endpoint, publicEndpoint: Endpoint | null = null): Promise<Endpoint> {
		return new Promise((resolve, reject) => {
			this.#listening = {
				resolve: (bound) => {
					this.#endpoint = publicEndpoint ?? bound;
					resolve(bound);
				},
				reject,
			};
			this.#core.listen(endpoint);
		});
	}

	/**
	 * Makes `implementation` reachable and returns its URI: whoever knows that may call it. The id is derived from the vat's key and
	 * `name`, so it is the same after a restart.
	 */
	publish<T, Methods>(name: string, type: InterfaceType<T, Methods>, implementation: Implementation<Methods>): string {
		const id = this.#idOf(name);
		this.#services.add(id, this.#withSturdyRef(type, implementation, id).hook);
		return this.uriOf(id);
	}

	/** New clients find it no more; who has a reference keeps it. */
	unpublish(name: string): boolean {
		return this.#services.remove(this.#idOf(name));
	}

	/** The URI of a service id at this vat. */
	uriOf(id: Uint8Array): string {
		if (this.#endpoint === null) throw new Error("this vat listens nowhere, so nothing in it has a URI");
		return formatUri({ digest: this.#core.digest, endpoint: this.#endpoint, id });
	}

	/** Reads a URI; nothing is dialled yet. Throws an AddressError that says what is wrong with it. */
	import<T extends RemoteObject>(uri: string | CapnpUri, type: InterfaceType<T>): SturdyRef<T> {
		const address = typeof uri === "string" ? parseUri(uri) : uri;
		return new SturdyRef(address, {
			connect: () => this.facade.wrap(this.#core.import(address), type) as T,
			reconnecting: (events) => this.reconnecting(formatUri(address), type, events),
		});
	}

	/** The service that `uri` names; usable at once: calls wait for the connection, and fail as `disconnected` where there is none. */
	connect<T>(uri: string, type: InterfaceType<T>): T {
		return this.facade.wrap(this.#core.import(parseUri(uri)), type) as T;
	}

	/** As `connect`, and comes back whenever the network does. */
	reconnecting<T extends RemoteObject>(
		uri: string,
		type: InterfaceType<T>,
		events: LiveEvents<T> = {},
	): LiveReference<T> {
		const { clock, entropy } = this.#ports;
		const parsed = parseUri(uri);
		return new LiveReference(
			this.facade,
			type,
			events,
			(handler) => new Reconnecting({ vat: this.#core, uri: parsed, clock, entropy, handler }),
		);
	}

	/** An id that nobody can guess, for a service that is to be saved. */
	generateId(): Uint8Array {
		return generateId(this.#ports.entropy);
	}

	/**
	 * Makes an object a capability that can be saved: asked for its sturdy ref, it gives the URI of `id` at this vat, and `loader` is what makes
	 * it again from that.
	 */
	saved<T, Local>(type: InterfaceType<T, Local>, implementation: Local, id: Uint8Array): T {
		const { hook } = this.#withSturdyRef(type, implementation, id);
		hook.addRef();
		return this.facade.wrap(hook, type) as T;
	}

	/** The URI that brings `capability` back after a restart, here or there. Fails as `unimplemented` where it cannot be saved. */
	save(capability: RemoteObject): Promise<string> {
		return new Promise((resolve, reject) => {
			save(this.facade.pools, Remote.hookOf(capability as Remote), {
				saved: (uri) => resolve(formatUri(uri)),
				failed: (exception) => reject(RpcError.from(exception)),
			});
		});
	}

	/** Makes an object a capability without publishing it. */
	serve<T, Methods>(type: InterfaceType<T, Methods>, implementation: Implementation<Methods>): T {
		return this.facade.serve(type, implementation);
	}

	/** A reference that is decided later: calls on it wait, in order. */
	promise<T>(type: InterfaceType<T>): Resolver<T> {
		return this.facade.promise(type);
	}

	/** A reference whose calls all fail with `error`. */
	broken<T>(type: InterfaceType<T>, error: unknown): T {
		return this.facade.wrap(new BrokenHook(exceptionOf(error)), type) as T;
	}

	/** Settles when nobody holds `implementation` as a `type` any more, here or at a peer. */
	whenReleased<T, Methods>(type: InterfaceType<T, Methods>, implementation: Implementation<Methods>): Promise<void> {
		return this.facade.whenReleased(type, implementation);
	}

	/** Number of conversations, and those being dialled. */
	get peerCount(): number {
		return this.#core.peers.length;
	}

	/** The tables of all connections, for people. */
	dump(): string {
		return dump(this.#core);
	}

	/** Says goodbye to every peer, after what is queued for it. Settles when all are gone. */
	close(reason = "The vat was closed"): Promise<void> {
		this.#closing ??= new Promise((resolve) => {
			this.#closed = resolve;
			this.#services.clear();
			this.#listening?.reject(new Error(reason));
			this.#core.close(new Exception(ExceptionType.DISCONNECTED, reason));
		});
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	#idOf(name: string): Uint8Array {
		return this.#ports.identity === null ? publicId(name) : derivedId(this.#ports.identity, name);
	}

	#restorer(settings: VatSettings): Restorer {
		const { loader } = settings;
		if (loader === undefined) return this.#services;
		const load = async (id: Uint8Array, answer: LoadAnswer): Promise<void> => {
			let server: Server;
			try {
				const loaded = await loader(id);
				if (loaded === null) return answer.reject(unknownService());
				server = this.#withSturdyRef(loaded.type, loaded.implementation, id);
			} catch (error) {
				return answer.reject(exceptionOf(error));
			}
			answer.loaded(server);
		};
		return new ChainRestorer([
			this.#services,
			new LoaderRestorer({ load: (id, _digest, answer) => void load(id, answer) }, this.#ports.hashes),
		]);
	}

	/** A vat that listens nowhere can save nothing: there is no URI. */
	#withSturdyRef<T, Local>(type: InterfaceType<T, Local>, implementation: Local, id: Uint8Array): Server {
		const uri = parseUri(this.uriOf(id));
		using reference = this.facade.serve(type, implementation) as Remote & T;
		return new WithSturdyRef((Remote.hookOf(reference) as LocalHook).server, uri);
	}

	#observer(events: VatEvents): VatObserver {
		return {
			peerUp: (peer: Peer) => told(() => events.onPeerUp?.(peer.name, peer.digest)),
			peerDown: (peer: Peer, reason: Exception) =>
				told(() => events.onPeerDown?.(peer.name, RpcError.from(reason), peer.digest)),
			dialFailed: (_peer: Peer, error: TransportError) => told(() => events.onDialFailed?.(error)),
			rejected: (error: TransportError) => told(() => events.onRejected?.(error)),
			listening: (endpoint: Endpoint) => this.#listening?.resolve(endpoint),
			listenFailed: (error: TransportError) => this.#listening?.reject(new Error(error.message)),
			closed: () => this.#closed?.(),
		};
	}
}
