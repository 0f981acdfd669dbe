import type { Acceptor, DialCompletion, Dialing, Endpoint, Listener, Network } from "../ports/network.js";
import type { Identity } from "../ports/secure.js";
import type { TransportError } from "../ports/transport.js";
import { formatEndpoint } from "./address.js";
import { sameDigest } from "./identity.js";
import { Loopback } from "./loopback.js";

interface Listening {
	readonly identity: Identity | null;
	readonly acceptor: Acceptor;
}

/**
 * A network for vats of one process: for tests, simulations and examples. Identities are believed, not proved. Nothing moves by itself: `run`
 * delivers what is due. `blocked` streams keep what is written until they are unblocked; `cut` ends them.
 */
export class MemoryNetwork implements Network {
	readonly streams: Loopback[] = [];
	/** Streams on which nothing is delivered. */
	readonly blocked = new Set<Loopback>();
	readonly #capacityBytes: number;
	readonly #listening = new Map<string, Listening>();
	#due: (() => void)[] = [];

	constructor(capacityBytes = 65536) {
		this.#capacityBytes = capacityBytes;
	}

	dial(
		endpoint: Endpoint,
		identity: Identity | null,
		expectedDigest: Uint8Array | null,
		_timeoutMs: number,
		completion: DialCompletion,
	): Dialing {
		let cancelled = false;
		this.#due.push(() => {
			if (cancelled) completion.failed({ kind: "cancelled", message: "dialling was given up" });
			else this.#connect(formatEndpoint(endpoint), identity, expectedDigest, completion);
		});
		return { cancel: () => (cancelled = true) };
	}

	listen(endpoint: Endpoint, identity: Identity | null, acceptor: Acceptor): Listener {
		const name = formatEndpoint(endpoint);
		if (this.#listening.has(name)) {
			this.#due.push(() =>
				acceptor.failed({ kind: "failed", message: `cannot listen at ${name}: another program does` }),
			);
			return { close() {} };
		}
		this.#listening.set(name, { identity, acceptor });
		this.#due.push(() => acceptor.listening(endpoint));
		return { close: () => this.#listening.delete(name) };
	}

	/** Delivers until nothing is due; true if there was anything. */
	run(): boolean {
		let moved = false;
		for (let again = true; again; moved ||= again) {
			again = false;
			const due = this.#due;
			this.#due = [];
			for (const task of due) task();
			if (due.length > 0) again = true;
			for (const stream of this.streams.slice()) if (!this.blocked.has(stream) && stream.run() > 0) again = true;
		}
		return moved;
	}

	/** Every stream breaks. */
	cut(error: TransportError = { kind: "reset", message: "the network went away" }): void {
		for (const stream of this.streams) stream.cut(error);
	}

	#connect(name: string, identity: Identity | null, expected: Uint8Array | null, completion: DialCompletion): void {
		const listening = this.#listening.get(name);
		if (listening === undefined) {
			completion.failed({ kind: "refused", message: `nobody listens at ${name}` });
			return;
		}
		const seen = listening.identity === null ? null : listening.identity.digest;
		if (expected !== null && !sameDigest(expected, seen)) {
			completion.failed({ kind: "digest", message: `${name} is not the vat that was asked for` });
			return;
		}
		const stream = new Loopback(this.#capacityBytes);
		stream.left.peerDigest = seen;
		stream.left.peerName = name;
		stream.right.peerDigest = identity === null ? null : identity.digest;
		stream.right.peerName = "a client of " + name;
		this.streams.push(stream);
		completion.dialled(stream.left);
		listening.acceptor.accepted(stream.right);
	}
}
