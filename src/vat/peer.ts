import { BrokenHook } from "../cap/broken.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { PromiseHook } from "../cap/promise.js";
import type { VatAddress } from "../net/address.js";
import { Channel, type ChannelObserver } from "../net/channel.js";
import type { DialCompletion, Dialing, Endpoint, PeerTransport } from "../ports/network.js";
import type { TransportError } from "../ports/transport.js";
import type { Budget } from "../rpc/budget.js";
import { Connection, type ConnectionObserver } from "../rpc/connection.js";
import { compareDigests } from "../net/identity.js";
import type { Vat } from "./vat.js";

/** Somebody waits for a service of a peer that is not connected yet. */
interface Wish {
	readonly promise: PromiseHook;
	readonly id: Uint8Array;
}

/** One dial of a peer; without its peer once that has given up on it. */
class Attempt implements DialCompletion {
	peer: Peer | null;
	dialing: Dialing | null = null;

	constructor(peer: Peer) {
		this.peer = peer;
	}

	dialled(transport: PeerTransport): void {
		if (this.peer === null) transport.abort();
		else this.peer.dialled(transport);
	}

	failed(error: TransportError): void {
		if (this.peer !== null) this.peer.dialFailed(error);
	}

	giveUp(): void {
		this.peer = null;
		this.dialing!.cancel();
	}
}

/**
 * Another vat, as long as anything goes on with it. One for each identity; one for each stream where the peer has none.
 *
 * Life: dialling (wishes wait) → up (`connection`) → down (the connection has ended, its last bytes are being written; new wishes wait
 * until it is gone) → dialling again if somebody wishes, else gone from the vat.
 */
export class Peer implements ConnectionObserver, ChannelObserver {
	/** Null for an insecure peer. */
	readonly digest: Uint8Array | null;
	/** For people: where it is. */
	name: string;
	/** What it may hold here; null: everything. */
	readonly budget: Budget | null;
	connection: Connection | null = null;
	channel: Channel | null = null;
	readonly #vat: Vat;
	#endpoint: Endpoint | null = null;
	#dialing: Attempt | null = null;
	#wishes: Wish[] = [];
	/** Who dialled the present stream. */
	#dialledByUs = false;
	/** A stream that the peer made while we dial too, and ours counts: used if our dial fails. */
	#parked: PeerTransport | null = null;

	constructor(vat: Vat, digest: Uint8Array | null, name: string) {
		this.#vat = vat;
		this.digest = digest;
		this.budget = vat.budgetOf(digest);
		this.name = name;
	}

	/** A service of this peer: a reference for the caller, broken as `disconnected` when it cannot be reached. */
	import(address: VatAddress, id: Uint8Array): Hook {
		const connection = this.connection;
		if (connection !== null && connection.ended === null) return connection.bootstrap(id.length === 0 ? null : id);
		const promise = new PromiseHook();
		promise.addRef();
		this.#wishes.push({ promise, id });
		this.#endpoint = address.endpoint;
		if (this.#dialing === null && this.connection === null) this.dial();
		return promise;
	}

	/** The peer dialled us. Takes the stream. */
	accepted(transport: PeerTransport): void {
		if (this.#dialing !== null && this.oursCount()) {
			if (this.#parked !== null) this.#parked.abort();
			this.#parked = transport;
			return;
		}
		if (this.#dialing !== null) this.stopDialling();
		if (this.connection !== null && this.connection.ended === null && this.#dialledByUs && this.oursCount()) {
			transport.close();
			return;
		}
		this.replace(transport, false);
	}

	dialled(transport: PeerTransport): void {
		this.#dialing = null;
		if (this.#parked !== null) this.#parked.close();
		this.#parked = null;
		this.replace(transport, true);
	}

	dialFailed(error: TransportError): void {
		this.#dialing = null;
		const parked = this.#parked;
		this.#parked = null;
		if (parked !== null) {
			this.replace(parked, false);
			return;
		}
		this.refuse(new Exception(ExceptionType.DISCONNECTED, error.message));
		this.#vat.dialFailed(this, error);
		this.leave();
	}

	/** Ends the conversation, saying why, after what is queued was written. */
	close(reason: Exception): void {
		this.stopDialling();
		this.refuse(reason);
		if (this.connection === null) this.leave();
		else this.connection.close(reason);
	}

	connectionEnded(connection: Connection, reason: Exception): void {
		if (connection === this.connection) this.#vat.peerDown(this, reason);
	}

	channelClosed(channel: Channel, _error: TransportError | null): void {
		if (channel !== this.channel) return;
		this.connection = null;
		this.channel = null;
		if (this.#wishes.length > 0 && this.#dialing === null) this.dial();
		else this.leave();
	}

	/** Crossed connections: both sides keep the one that the greater identity made. */
	private oursCount(): boolean {
		const own = this.#vat.digest;
		return own !== null && this.digest !== null && compareDigests(own, this.digest) > 0;
	}

	/** A stream of the same direction replaces an older one: the peer would not make it if it still had that. */
	private replace(transport: PeerTransport, dialledByUs: boolean): void {
		const old = this.connection;
		this.connection = null;
		this.channel = null;
		if (old !== null && old.ended === null) {
			const reason = new Exception(ExceptionType.DISCONNECTED, "Closing duplicate connection");
			old.observer = null;
			old.close(reason);
			this.#vat.peerDown(this, reason);
		}
		this.open(transport, dialledByUs);
	}

	private open(transport: PeerTransport, dialledByUs: boolean): void {
		const vat = this.#vat;
		this.name = transport.peerName;
		this.#dialledByUs = dialledByUs;
		const channel = vat.createChannel(transport, this.budget, this);
		const connection = vat.createConnection(channel, this.budget, this.name);
		connection.observer = this;
		this.channel = channel;
		this.connection = connection;
		channel.start(connection);
		const wishes = this.#wishes;
		this.#wishes = [];
		for (const wish of wishes) {
			wish.promise.resolve(connection.bootstrap(wish.id.length === 0 ? null : wish.id));
			wish.promise.release();
		}
		vat.peerUp(this);
	}

	private dial(): void {
		const attempt = new Attempt(this);
		this.#dialing = attempt;
		attempt.dialing = this.#vat.dial(this.#endpoint!, this.digest, attempt);
	}

	private stopDialling(): void {
		const dialing = this.#dialing;
		this.#dialing = null;
		if (dialing !== null) dialing.giveUp();
		const parked = this.#parked;
		this.#parked = null;
		if (parked !== null) parked.abort();
	}

	private refuse(reason: Exception): void {
		const wishes = this.#wishes;
		this.#wishes = [];
		for (const wish of wishes) {
			wish.promise.resolve(new BrokenHook(reason));
			wish.promise.release();
		}
	}

	private leave(): void {
		if (this.connection === null && this.#dialing === null) this.#vat.forget(this);
	}
}
