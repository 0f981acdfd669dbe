import {
	TLSEngine,
	TLS_AGAIN,
	TLS_CLOSED,
	TLS_DIGEST_BYTES,
	TLS_NO_CERTIFICATE,
	TLS_OK,
	TLS_PLAINTEXT,
	TLS_WRONG_DIGEST,
} from "mbedtls";
import Timer from "timer";
import { nowMs } from "vatlet/system";
import type { PeerTransport } from "../../src/ports/network.js";
import type { Transport, TransportError, TransportErrorKind, TransportEvents } from "../../src/ports/transport.js";
import type { XsIdentity } from "./secure.js";

/** Ciphertext not yet looked at; a record may be larger. */
const INPUT_BYTES = 512;
/** A record of 1 KiB as it is sent, its expansion, and the closing alert; what is longer goes in several. */
const OUTPUT_BYTES = 1280;

export interface TlsOptions {
	identity: XsIdentity;
	server: boolean;
	/** Copied. Null accepts any key and reports it. */
	expectedDigest: Uint8Array | null;
	timeoutMs: number;
	peerName: string;
	/** Moves ciphertext between stream and engine within one call; transports of one host may share it. */
	scratch: Uint8Array;
}

/** Exactly one is called, once, never from inside the constructor. */
export interface TlsCompletion {
	/** Gives the session. */
	opened(transport: TlsTransport): void;
	failed(error: TransportError): void;
}

/** Shaking hands → open → closing (ciphertext still leaves, nothing else) → done (the engine is gone). */
const SHAKING = 0;
const OPEN = 1;
const CLOSING = 2;
const DONE = 3;

/**
 * A TLS session over another stream, which it owns. `onClosed` comes when all that arrived has been read, or nobody wants it.
 * Carrying bytes allocates nothing.
 */
export class TlsTransport implements PeerTransport, TransportEvents {
	events: TransportEvents | null = null;
	peerDigest: Uint8Array | null = null;
	readonly peerName: string;
	/** Once open. */
	resumed = false;
	readonly #stream: Transport;
	readonly #engine: TLSEngine;
	readonly #scratch: Uint8Array;
	readonly #timeoutMs: number;
	#completion: TlsCompletion | null;
	/** Of the handshake, then of closing. */
	#timer: Timer | undefined;
	#state = SHAKING;
	/** Plaintext was waiting for room. */
	#starved = false;
	#streamEnded = false;
	#told = false;
	#error: TransportError | null = null;

	/** Takes `stream` and shakes hands on it. */
	constructor(stream: Transport, options: TlsOptions, completion: TlsCompletion) {
		this.#stream = stream;
		this.#scratch = options.scratch;
		this.#timeoutMs = options.timeoutMs;
		this.peerName = options.peerName;
		this.#completion = completion;
		const pin = options.expectedDigest ?? undefined;
		const nowSeconds = Math.floor(nowMs() / 1000);
		this.#engine = new TLSEngine(options.identity.tls, options.server, pin, INPUT_BYTES, OUTPUT_BYTES, nowSeconds);
		this.#timer = Timer.set(() => this.ranOut(), options.timeoutMs);
		stream.events = this;
		this.shakeHands();
	}

	readable(): number {
		if (this.#state !== OPEN) return 0;
		let ready = this.#engine.readable();
		while (ready === 0 && this.feed()) ready = this.#engine.readable();
		if (ready > 0) return ready;
		if (ready < 0) this.ends(ready);
		else if (this.#streamEnded) this.ends(this.#engine.end());
		// A refused renegotiation has an answer to send.
		else if (this.#engine.drainable > 0) this.push();
		return 0;
	}
	read(into: Uint8Array, offset: number, max: number): number {
		let taken = 0;
		while (taken < max && this.readable() > 0) {
			const count = this.#engine.read(into, offset + taken, max - taken);
			if (count <= 0) break;
			taken += count;
		}
		return taken;
	}
	writable(): number {
		const room = this.#state === OPEN ? this.#engine.writable : 0;
		if (room === 0) this.#starved = true;
		return room;
	}
	write(from: Uint8Array, offset: number, length: number): number {
		let taken = 0;
		while (taken < length && this.#state === OPEN) {
			const count = this.#engine.write(from, offset + taken, length - taken);
			if (count < 0) {
				this.ends(count);
				break;
			}
			taken += count;
			// Full records go out as they come, which makes room for the rest.
			if (this.#engine.drainable > 0) this.push();
			if (count === 0 && this.#engine.writable === 0) break;
		}
		if (taken < length) this.#starved = true;
		return taken;
	}
	flush(): void {
		if (this.#state !== OPEN) return;
		const result = this.#engine.flush();
		if (result < 0) return this.ends(result);
		this.push();
		this.#stream.flush();
	}
	close(): void {
		if (this.#state >= CLOSING) return;
		this.#completion = null;
		if (this.#state === OPEN) this.#engine.finish();
		this.#state = CLOSING;
		// A peer that reads nothing must not hold this session's memory.
		this.setTimer(() => this.abort());
		this.push();
	}
	abort(): void {
		this.#completion = null;
		this.release();
		this.#stream.abort();
	}

	onReadable(): void {
		if (this.#state === SHAKING) this.shakeHands();
		else if (this.#state !== OPEN) this.discard();
		else if (this.readable() > 0) this.events?.onReadable();
	}
	onWritable(): void {
		if (this.#state === SHAKING) {
			this.shakeHands();
			return;
		}
		this.push();
		if (this.#state !== OPEN || !this.#starved || this.#engine.writable === 0) return;
		this.#starved = false;
		this.events?.onWritable();
	}
	onClosed(error: TransportError | null): void {
		this.#streamEnded = true;
		if (this.#error === null) this.#error = error;
		if (this.#state === SHAKING) {
			if (this.shakeHands() === TLS_AGAIN) this.fails(this.#error ?? this.describe(this.#engine.end()));
		} else if (this.#state !== OPEN) {
			this.release();
			this.tell();
		} else if (this.readable() > 0) {
			// What is not read yet keeps the session: the last read ends it.
			this.events?.onReadable();
		}
	}

	/** Moves ciphertext from the stream to the engine; false when there is none or no room. */
	private feed(): boolean {
		const scratch = this.#scratch;
		let room = this.#engine.feedable;
		if (room > scratch.length) room = scratch.length;
		const count = room === 0 ? 0 : this.#stream.read(scratch, 0, room);
		if (count === 0) return false;
		this.#engine.feed(scratch, 0, count);
		return true;
	}
	/** Moves ciphertext from the engine to the stream, as much as that takes. When closing, the last of it ends the session. */
	private push(): void {
		if (this.#state === DONE) return;
		const scratch = this.#scratch;
		let left = this.#engine.drainable;
		while (left > 0) {
			let room = this.#stream.writable();
			if (room === 0) break;
			if (room > scratch.length) room = scratch.length;
			const count = this.#engine.drain(scratch, 0, room);
			this.#stream.write(scratch, 0, count);
			left -= count;
		}
		if (this.#state !== CLOSING || (left > 0 && !this.#streamEnded)) return;
		this.release();
		this.#stream.close();
	}
	/** After close the peer may go on for a while; its bytes are dropped so that its end is seen. */
	private discard(): void {
		while (this.#stream.read(this.#scratch, 0, this.#scratch.length) > 0);
	}

	/** As far as it goes now. The outcome is told later: this may run inside the constructor. */
	private shakeHands(): number {
		let result = this.#engine.handshake();
		while (result === TLS_AGAIN && this.advance()) result = this.#engine.handshake();
		this.push();
		if (result === TLS_OK) Timer.set(() => this.opens(), 0);
		else if (result !== TLS_AGAIN) {
			const error = this.describe(result);
			Timer.set(() => this.fails(error), 0);
		}
		return result;
	}
	/** True if something moved: room in the output may be all that a handshake waits for. */
	private advance(): boolean {
		const waiting = this.#engine.drainable;
		this.push();
		return this.feed() || this.#engine.drainable < waiting;
	}
	private opens(): void {
		const completion = this.#completion;
		if (completion === null) return;
		this.#completion = null;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#state = OPEN;
		this.peerDigest = new Uint8Array(TLS_DIGEST_BYTES);
		this.#engine.peerDigest(this.peerDigest, 0);
		this.resumed = this.#engine.resumed;
		completion.opened(this);
		// What arrived together with the end of the handshake.
		if (this.readable() > 0) this.events?.onReadable();
	}
	private fails(error: TransportError): void {
		const completion = this.#completion;
		if (completion === null) return;
		// Closing sends the alert that tells the peer why.
		this.close();
		if (this.#streamEnded) this.release();
		completion.failed(error);
	}
	private ranOut(): void {
		const message =
			`${this.peerName} did not complete the TLS handshake within ${this.#timeoutMs} ms: ` +
			"it may speak plaintext (--capnp-disable-tls), or be overloaded";
		this.fails({ kind: "timeout", message });
	}

	/** No more plaintext will come, for the reason that `result` gives. Told later: this may run inside a call of the user. */
	private ends(result: number): void {
		if (this.#error === null && result !== TLS_CLOSED) this.#error = this.describe(result);
		this.close();
		Timer.set(() => this.tell(), 0);
	}
	private tell(): void {
		if (this.#told) return;
		this.#told = true;
		this.events?.onClosed(this.#error);
	}
	/** Gives the engine's memory back now, not when somebody collects. */
	private release(): void {
		if (this.#state === DONE) return;
		this.#state = DONE;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#engine.close();
	}
	private setTimer(handler: () => void): void {
		Timer.clear(this.#timer);
		this.#timer = Timer.set(handler, this.#timeoutMs);
	}
	private describe(result: number): TransportError {
		let kind: TransportErrorKind = "tls";
		if (result === TLS_PLAINTEXT) kind = "plaintext";
		else if (result === TLS_WRONG_DIGEST) kind = "digest";
		else if (result === TLS_NO_CERTIFICATE) kind = "certificate";
		return { kind, message: `${this.peerName}: ${this.#engine.message}` };
	}
}
