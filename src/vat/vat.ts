import { BrokenHook } from "../cap/broken.js";
import type { Call } from "../cap/call.js";
import { CLOSED, Exception, ExceptionType } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import { PromiseHook } from "../cap/promise.js";
import type { CapnpUri } from "../net/address.js";
import { Channel, type ChannelObserver } from "../net/channel.js";
import { sameDigest } from "../net/identity.js";
import type { KeepaliveTimes } from "../net/keepalive.js";
import type { Clock } from "../ports/clock.js";
import type {
	Acceptor,
	DialCompletion,
	Dialing,
	Endpoint,
	Listener,
	Network,
	PeerTransport,
} from "../ports/network.js";
import type { Identity } from "../ports/secure.js";
import type { TransportError } from "../ports/transport.js";
import { type BootstrapProvider, Connection } from "../rpc/connection.js";
import type { ConnectionLimits } from "../rpc/limits.js";
import type { MessageTracer } from "../rpc/state.js";
import type { Budget } from "../rpc/budget.js";
import { Peer } from "./peer.js";
import { BootstrapAnswer, type RestoreAnswer, type Restorer } from "./restorer.js";

/** What a vat tells its owner. */
export interface VatObserver {
	peerUp?(peer: Peer): void;
	/** The conversation ended; every capability of that peer is broken with `reason`. */
	peerDown?(peer: Peer, reason: Exception): void;
	/** A peer could not be reached. */
	dialFailed?(peer: Peer, error: TransportError): void;
	/** Bound: `endpoint` has the real port. */
	listening?(endpoint: Endpoint): void;
	/** A client was turned away before it became a peer. */
	rejected?(error: TransportError): void;
	listenFailed?(error: TransportError): void;
	/** After `close`: the last peer is gone. */
	closed?(): void;
}

/** Wants to know when the vat is closed. */
export interface VatCloser {
	vatClosed(reason: Exception): void;
}

/** Gives each peer its budget; to those who come back the one that they had, while calls of theirs still run. */
export interface PeerBudgets {
	/** `digest`: null for a peer that nobody can know again. */
	of(digest: Uint8Array | null): Budget;
	/** The peer is gone. */
	left(digest: Uint8Array | null, budget: Budget): void;
}

export interface VatOptions {
	network: Network;
	clock: Clock;
	pools: Pools;
	/** Null: an insecure vat, which nobody can know again. */
	identity: Identity | null;
	/** Without one, peers find nothing here. */
	restorer?: Restorer | null;
	limits?: Partial<ConnectionLimits>;
	/** Says how much of the pools each peer may hold (default null: everything, as for a device, which has one peer). */
	budgets?: PeerBudgets | null;
	/** Tables of connections are made whole at once and never grow. */
	sealed?: boolean;
	segmentsMax?: number;
	/** For a whole dial, handshake included (default 10,000). */
	dialTimeoutMs?: number;
	/** When a silent peer is asked for a sign of life, and how long that may take (default after 60,000; 30,000). `idleMs` Infinity: never. */
	keepalive?: Partial<KeepaliveTimes>;
	/** Streams at the same time; further clients are turned away (default 4096). */
	peersMax?: number;
	observer?: VatObserver | null;
	/** Makes a tracer for each connection. */
	trace?: ((peerName: string) => MessageTracer) | null;
	/** Peers learn where exceptions happened (default false: that may tell them too much). */
	traces?: boolean;
}

const NO_RESTORER = Object.freeze(new Exception(ExceptionType.FAILED, "This vat has no restorer"));

/**
 * A secret key with objects behind it, and the peers it talks to. One connection for each peer identity, whoever dialled; what concerns
 * one peer never touches another.
 */
export class Vat implements BootstrapProvider, Acceptor {
	readonly pools: Pools;
	readonly peers: Peer[] = [];
	readonly #options: VatOptions;
	readonly #listeners: Listener[] = [];
	readonly #closers: VatCloser[] = [];
	#closing: Exception | null = null;

	constructor(options: VatOptions) {
		this.#options = options;
		this.pools = options.pools;
	}

	/** Null for an insecure vat. */
	get digest(): Uint8Array | null {
		return this.#options.identity === null ? null : this.#options.identity.digest;
	}

	/**
	 * The service that `uri` names: a reference for the caller. Calls may be made at once; they fail as `disconnected` when the vat there
	 * cannot be reached or is another one.
	 */
	import(uri: CapnpUri): Hook {
		if (this.#closing !== null) return new BrokenHook(this.#closing);
		if (uri.digest !== null && sameDigest(uri.digest, this.digest)) return this.own(uri.id);
		if (uri.digest !== null && this.digest === null)
			return new BrokenHook(
				new Exception(
					ExceptionType.FAILED,
					"A vat without an identity cannot reach one that has one: both prove who they are",
				),
			);
		let peer = uri.digest === null ? null : this.peerOf(uri.digest);
		if (peer === null) {
			peer = new Peer(this, uri.digest, "");
			this.peers.push(peer);
		}
		return peer.import(uri, uri.id);
	}

	/** Why it was closed; null while it is open. */
	get closing(): Exception | null {
		return this.#closing;
	}

	/** Tells `closer` of `close`, until it is removed. */
	addCloser(closer: VatCloser): void {
		this.#closers.push(closer);
	}

	removeCloser(closer: VatCloser): void {
		const index = this.#closers.indexOf(closer);
		if (index >= 0) this.#closers.splice(index, 1);
	}

	/** Throws where the vat was closed: nobody would close the listener. */
	listen(endpoint: Endpoint): Listener {
		if (this.#closing !== null) throw new Error(this.#closing.reason);
		const listener = this.#options.network.listen(endpoint, this.#options.identity, this);
		this.#listeners.push(listener);
		return listener;
	}

	/** Ends everything in order: each peer is told why, after what is queued for it. `observer.closed` follows. */
	close(reason: Exception = CLOSED): void {
		if (this.#closing !== null) return;
		this.#closing = reason;
		for (const listener of this.#listeners) listener.close();
		for (const peer of this.peers.slice()) peer.close(reason);
		for (const closer of this.#closers.slice()) closer.vatClosed(reason);
		this.tellClosed();
	}

	// For connections: what peers find here.

	bootstrap(call: Call, objectId: Uint8Array | null): void {
		const { restorer } = this.#options;
		if (!restorer) call.fail(NO_RESTORER);
		else restorer.restore(objectId ?? new Uint8Array(0), new BootstrapAnswer(call));
	}

	// For listeners.

	listening(endpoint: Endpoint): void {
		this.#options.observer?.listening?.(endpoint);
	}

	accepted(transport: PeerTransport): void {
		if (this.#closing !== null || this.peers.length >= (this.#options.peersMax ?? 4096)) {
			transport.abort();
			if (this.#closing === null)
				this.rejected({
					kind: "failed",
					message: `${transport.peerName} was turned away: this vat has ${this.peers.length} peers already`,
				});
			return;
		}
		if (transport.peerDigest !== null && sameDigest(transport.peerDigest, this.digest)) {
			transport.abort();
			this.rejected({
				kind: "failed",
				message: `${transport.peerName} has this vat's own key: two vats must not share one`,
			});
			return;
		}
		let peer = transport.peerDigest === null ? null : this.peerOf(transport.peerDigest);
		if (peer === null) {
			peer = new Peer(this, transport.peerDigest, transport.peerName);
			this.peers.push(peer);
		}
		peer.accepted(transport);
	}

	rejected(error: TransportError): void {
		this.#options.observer?.rejected?.(error);
	}

	failed(error: TransportError): void {
		this.#options.observer?.listenFailed?.(error);
	}

	// For peers.

	dial(endpoint: Endpoint, digest: Uint8Array | null, completion: DialCompletion): Dialing {
		const { network, identity, dialTimeoutMs } = this.#options;
		return network.dial(endpoint, digest === null ? null : identity, digest, dialTimeoutMs ?? 10_000, completion);
	}

	budgetOf(digest: Uint8Array | null): Budget | null {
		const { budgets } = this.#options;
		return budgets ? budgets.of(digest) : null;
	}

	createChannel(transport: PeerTransport, budget: Budget | null, observer: ChannelObserver): Channel {
		const { pools, clock, segmentsMax, keepalive } = this.#options;
		return new Channel({
			transport,
			messages: pools.messages,
			clock,
			observer,
			budget,
			segmentsMax: segmentsMax ?? 512,
			keepalive: keepalive ?? {},
		});
	}

	createConnection(channel: Channel, budget: Budget | null, name: string): Connection {
		const { pools, limits, sealed, trace, traces } = this.#options;
		const tracer = trace ? trace(name) : null;
		return new Connection({
			pools,
			sender: channel,
			bootstrap: this,
			limits: limits ?? {},
			budget,
			sealed: sealed ?? false,
			tracer,
			traces: traces ?? false,
			name,
		});
	}

	peerUp(peer: Peer): void {
		this.#options.observer?.peerUp?.(peer);
	}

	peerDown(peer: Peer, reason: Exception): void {
		this.#options.observer?.peerDown?.(peer, reason);
	}

	dialFailed(peer: Peer, error: TransportError): void {
		this.#options.observer?.dialFailed?.(peer, error);
	}

	forget(peer: Peer): void {
		const index = this.peers.indexOf(peer);
		if (index < 0) return;
		this.peers.splice(index, 1);
		this.#options.budgets?.left(peer.digest, peer.budget!);
		this.tellClosed();
	}

	private tellClosed(): void {
		if (this.#closing !== null && this.peers.length === 0) this.#options.observer?.closed?.();
	}

	private peerOf(digest: Uint8Array): Peer | null {
		for (const peer of this.peers) if (sameDigest(peer.digest, digest)) return peer;
		return null;
	}

	/** A reference to a service of this vat goes over no network. */
	private own(id: Uint8Array): Hook {
		const { restorer } = this.#options;
		if (!restorer) return new BrokenHook(NO_RESTORER);
		const promise = new PromiseHook();
		promise.addRef();
		restorer.restore(id, new OwnAnswer(promise));
		return promise;
	}
}

/** Holds a reference to the promise until it is resolved. */
class OwnAnswer implements RestoreAnswer {
	readonly #promise: PromiseHook;

	constructor(promise: PromiseHook) {
		this.#promise = promise;
	}

	grant(hook: Hook): void {
		this.#promise.resolve(hook);
		this.#promise.release();
	}

	reject(exception: Exception): void {
		this.grant(new BrokenHook(exception));
	}
}
