/** Why a stream ended or could not be made. The names are the likely cause, not the symptom. */
export type TransportErrorKind =
	| "refused" // nobody listens there
	| "unreachable" // no route, no such host, no such path
	| "timeout" // dial, handshake or keepalive ran out of time
	| "reset" // torn down by the peer or the network
	| "plaintext" // the peer does not speak TLS
	| "tls" // the peer speaks TLS, but no session could be agreed or a record was damaged
	| "digest" // the peer proved to be somebody else
	| "certificate" // the peer showed no usable certificate
	| "cancelled" // given up on this side
	| "failed"; // none of the above; the message says what the host saw

/** `message` is one sentence for a person: what was seen, where, and what to do. It never holds a secret. */
export interface TransportError {
	readonly kind: TransportErrorKind;
	readonly message: string;
}

/**
 * An ordered, reliable byte stream. Pull to read, push to write. Nothing is called from inside a call into it: completion comes
 * through `events`, later.
 */
export interface Transport {
	/** Set by the one user of the stream. Events that happened before it was set are delivered after. */
	events: TransportEvents | null;
	/** Bytes that can be read now. Bytes that arrived before the end stay readable after `onClosed`, until `close` or `abort`. */
	readable(): number;
	/** Copies at most `max` bytes to `into` at `offset`; returns the count, 0 when none are there. Reading makes room: the peer may go on. */
	read(into: Uint8Array, offset: number, max: number): number;
	/** Bytes that `write` would take now. */
	writable(): number;
	/** Takes a copy of at most `length` bytes; returns how many. They may wait for `flush`. */
	write(from: Uint8Array, offset: number, length: number): number;
	/** What was written so far goes out now, in one system call or TLS record where it fits. */
	flush(): void;
	/** Flushes, then ends in order. `onClosed` still follows. */
	close(): void;
	/** Ends at once and drops what is queued. `onClosed` still follows. */
	abort(): void;
}

/** Edges, not levels: each says that something changed since the last look. */
export interface TransportEvents {
	/** `readable()` grew from zero. */
	onReadable(): void;
	/** `writable()` grew after it was too small for the last `write`. */
	onWritable(): void;
	/** The stream is over: null when the peer or we closed it in order. Called exactly once; nothing follows. */
	onClosed(error: TransportError | null): void;
}
