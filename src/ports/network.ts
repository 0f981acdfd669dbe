import type { Identity } from "./secure.js";
import type { Transport, TransportError } from "./transport.js";

/** Where a stream can be dialled or awaited. Port 0 in a listen address: any free one. */
export type Endpoint = TcpEndpoint | UnixEndpoint | SerialEndpoint;

export interface TcpEndpoint {
	readonly kind: "tcp";
	/** A name, an IPv4 address, or an IPv6 address without brackets. */
	readonly host: string;
	readonly port: number;
}

export interface UnixEndpoint {
	readonly kind: "unix";
	/** A path in the file system. */
	readonly path: string;
}

/** A line with one machine at its other end, on which the serial link runs. */
export interface SerialEndpoint {
	readonly kind: "serial";
	/** What this machine calls its end: `/dev/ttyACM0`; a device without a file system has names like `/uart0`. */
	readonly path: string;
}

/** A stream whose far end is known: the handshake is over, and the peer proved to hold the key of `peerDigest`. */
export interface PeerTransport extends Transport {
	/** SHA-256 over the peer's DER SubjectPublicKeyInfo; null for an insecure stream, or a server that asked for no certificate. */
	readonly peerDigest: Uint8Array | null;
	/** For people: `10.0.0.5:7000`, `unix:/run/x`, `/dev/ttyACM0`. */
	readonly peerName: string;
	/** True if the secure session was begun on an earlier connection: no key was shown anew, `peerDigest` is the one that was verified then. */
	readonly resumed?: boolean;
}

/**
 * Makes streams to other vats. Completion is never called from inside `dial` or `listen`.
 *
 * `identity` null with `expectedDigest` null means plaintext. Otherwise both ends show a certificate and the only check is the pinned digest.
 */
export interface Network {
	/**
	 * Dials and authenticates within `timeoutMs`, everything included. Exactly one of the completion's methods is called once.
	 * With `expectedDigest` null and an identity, any key is accepted and reported in `peerDigest`.
	 */
	dial(
		endpoint: Endpoint,
		identity: Identity | null,
		expectedDigest: Uint8Array | null,
		timeoutMs: number,
		completion: DialCompletion,
	): Dialing;
	/** Listens and authenticates clients; with an identity, one that shows no certificate is refused (that connection only). */
	listen(endpoint: Endpoint, identity: Identity | null, acceptor: Acceptor): Listener;
}

export interface Dialing {
	/** Gives up: `failed` follows with kind `cancelled`, unless the completion was already called. */
	cancel(): void;
}

export interface DialCompletion {
	/** Gives the stream. */
	dialled(transport: PeerTransport): void;
	failed(error: TransportError): void;
}

export interface Acceptor {
	/** The port is bound; `endpoint` holds the real port. Called once, before any stream is accepted. */
	listening(endpoint: Endpoint): void;
	/** Gives an authenticated stream. */
	accepted(transport: PeerTransport): void;
	/** One client was turned away; the listener goes on. */
	rejected(error: TransportError): void;
	/** The listener could not start, or broke. Nothing follows. */
	failed(error: TransportError): void;
}

export interface Listener {
	/** Stops listening. Accepted streams go on. */
	close(): void;
}
