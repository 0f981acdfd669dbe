/**
 * Mutual TLS as a record engine: no socket, no timer, no authority. Per-operation calls allocate nothing.
 *
 * Results below 0 are codes: these, as in `tls-identity.h`. The sentence for a person is `engine.message`.
 */
export const TLS_OK = 0;
export const TLS_AGAIN = -1;
export const TLS_CLOSED = -2;
export const TLS_PLAINTEXT = -3;
export const TLS_WRONG_DIGEST = -4;
export const TLS_NO_CERTIFICATE = -5;
export const TLS_PROTOCOL = -6;
export const TLS_TRUNCATED = -7;
export const TLS_NO_MEMORY = -8;

/** Length of a SHA-256 digest. */
export const TLS_DIGEST_BYTES = 32;
/** A buffer this long holds any identity's record. */
export const TLS_RECORD_BYTES_MAX = 350;

/** A P-256 key and its self-signed certificate. */
export class TLSIdentity extends Native("xs_tls_identity_destructor") {
	/**
	 * From a record that `save` wrote; without one, a new key from the platform's random source.
	 * Throws when the record fails its checks, or where there is no secure random source.
	 */
	constructor(record?: Uint8Array | ArrayBuffer) {
		super();
		native("xs_tls_identity").call(this, record);
	}
	/** Writes the record, which holds the secret key, to `into` at `offset`; returns its length. */
	save(into: Uint8Array, offset: number): number {
		return native("xs_tls_identity_save").call(this, into, offset);
	}
	/** SHA-256 over the DER SubjectPublicKeyInfo: 32 bytes to `into` at `offset`. */
	digest(into: Uint8Array, offset: number): void {
		return native("xs_tls_identity_digest").call(this, into, offset);
	}
	/** HMAC-SHA256 of `data` under the SHA-256 of the key's SEC1 DER: 32 bytes to `into` at `offset`. */
	derive(data: Uint8Array, into: Uint8Array, offset: number): void {
		return native("xs_tls_identity_derive").call(this, data, into, offset);
	}
	/** SHA-256 of `length` bytes at `offset`: 32 bytes to `into` at `intoOffset`. */
	static sha256(bytes: Uint8Array, offset: number, length: number, into: Uint8Array, intoOffset: number): void {
		return native("xs_tls_sha256").call(this, bytes, offset, length, into, intoOffset);
	}
}

/** One session. Whatever the state, what `drain` still gives should be sent: it may be the alert that tells the peer why. */
export class TLSEngine extends Native("xs_tls_engine_destructor") {
	/**
	 * `pin` (32 bytes, copied) is the only key accepted; undefined accepts any and reports it. `inputBytes` is a ring that may be smaller
	 * than a record, `outputBytes` (at least 512) bounds the records that are written. `nowSeconds`, of a clock that never goes back: as server,
	 * an earlier session of the same client is taken up for an hour. Throws when memory is short.
	 */
	constructor(
		identity: TLSIdentity,
		server: boolean,
		pin: Uint8Array | undefined,
		inputBytes: number,
		outputBytes: number,
		nowSeconds: number,
	) {
		super();
		native("xs_tls_engine").call(this, identity, server, pin, inputBytes, outputBytes, nowSeconds);
	}
	/** Takes ciphertext from the network; returns how much. */
	feed(from: Uint8Array, offset: number, length: number): number {
		return native("xs_tls_engine_feed").call(this, from, offset, length);
	}
	/** Ciphertext that `feed` would take now. */
	get feedable(): number {
		return native("xs_tls_engine_get_feedable").call(this);
	}
	/** Copies ciphertext for the network into `into`; returns how much. */
	drain(into: Uint8Array, offset: number, max: number): number {
		return native("xs_tls_engine_drain").call(this, into, offset, max);
	}
	get drainable(): number {
		return native("xs_tls_engine_get_drainable").call(this);
	}
	/** TLS_OK when the session is open; TLS_AGAIN: feed or drain, then call again; another code: it failed. */
	handshake(): number {
		return native("xs_tls_engine_handshake").call(this);
	}
	/** Opens the next record if there is one: bytes of plaintext ready, or a code below 0. */
	readable(): number {
		return native("xs_tls_engine_readable").call(this);
	}
	/** The count, 0 when nothing is there yet, or a code below 0; TLS_CLOSED is the orderly end. */
	read(into: Uint8Array, offset: number, max: number): number {
		return native("xs_tls_engine_read").call(this, into, offset, max);
	}
	/** Plaintext that `write` would take now. */
	get writable(): number {
		return native("xs_tls_engine_get_writable").call(this);
	}
	/** Gathers plaintext, sealing full records; returns the count taken, or a code below 0. */
	write(from: Uint8Array, offset: number, length: number): number {
		return native("xs_tls_engine_write").call(this, from, offset, length);
	}
	/** Seals what was gathered into a record. */
	flush(): number {
		return native("xs_tls_engine_flush").call(this);
	}
	/** Flushes, then says close_notify. */
	finish(): number {
		return native("xs_tls_engine_finish").call(this);
	}
	/** The network's stream has ended; returns the code that it means now that everything fed was read. */
	end(): number {
		return native("xs_tls_engine_end").call(this);
	}
	/** Copies the digest of the peer's key, 32 bytes, if it is known. */
	peerDigest(into: Uint8Array, offset: number): boolean {
		return native("xs_tls_engine_peerDigest").call(this, into, offset);
	}
	/** Once open: the session is one that was begun on an earlier connection with the same peer. */
	get resumed(): boolean {
		return native("xs_tls_engine_get_resumed").call(this);
	}
	/** What went wrong, in one sentence; empty if nothing did. Allocates. */
	get message(): string {
		return native("xs_tls_engine_get_message").call(this);
	}
	/** Gives the memory back now. Closing twice is no error. */
	close(): void {
		return native("xs_tls_engine_close").call(this);
	}
}
