import type { PeerTransport } from "../ports/network.js";
import type { TransportError, TransportEvents } from "../ports/transport.js";

/** What is used of a message port: those of Node's worker threads and of browsers have it, and so have workers themselves. */
export interface PortLike {
	postMessage(value: unknown, transfer: ArrayBuffer[]): void;
	onmessage: ((event: { data: unknown }) => void) | null;
	close(): void;
	/** Where it is there, the other end's thread is noticed to be gone; without it, by the vat's `keepalive` alone. */
	addEventListener?(type: "close", listener: () => void): void;
}

/** Bytes that may be on their way in one direction, and unread at its end. */
const WINDOW_BYTES = 65536;

/**
 * A byte stream over a message port, between threads or processes that cannot share a socket. Both ends are this class.
 *
 * What goes through the port: an ArrayBuffer of bytes; a number, so many bytes were read; null, the end. A port has no limit of its own, so
 * bytes are sent only against what the other end has read: neither side can make the other hold more than a window.
 */
export class PortTransport implements PeerTransport {
	readonly peerDigest = null;
	readonly peerName: string;
	readonly #port: PortLike;
	#events: TransportEvents | null = null;
	/** Written and not flushed. */
	readonly #out = new Uint8Array(WINDOW_BYTES);
	#outLength = 0;
	/** Sent, and not known to be read. */
	#unread = 0;
	/** A write was cut short. */
	#starved = false;
	readonly #chunks: Uint8Array[] = [];
	/** Of the first chunk. */
	#offset = 0;
	#readable = 0;
	/** Read, and not told. */
	#taken = 0;
	/** We have ended it. */
	#ended = false;
	#closed = false;
	/** What happened before anybody listened. */
	#pending: (() => void)[] = [];

	constructor(port: PortLike, peerName = "message port") {
		this.peerName = peerName;
		this.#port = port;
		port.onmessage = (event) => this.#received(event.data);
		port.addEventListener?.("close", () => this.#gone());
	}

	get events(): TransportEvents | null {
		return this.#events;
	}

	set events(events: TransportEvents | null) {
		this.#events = events;
		if (events === null) return;
		for (const tell of this.#pending.splice(0)) void Promise.resolve().then(tell);
	}

	readable(): number {
		return this.#readable;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		let count = 0;
		while (count < max && this.#chunks.length > 0) {
			const chunk = this.#chunks[0]!;
			const length = Math.min(max - count, chunk.length - this.#offset);
			into.set(chunk.subarray(this.#offset, this.#offset + length), offset + count);
			count += length;
			this.#offset += length;
			if (this.#offset < chunk.length) break;
			this.#chunks.shift();
			this.#offset = 0;
		}
		this.#readable -= count;
		this.#taken += count;
		if (this.#taken > 0 && !this.#ended && !this.#closed && (this.#readable === 0 || this.#taken > WINDOW_BYTES / 4)) {
			this.#port.postMessage(this.#taken, []);
			this.#taken = 0;
		}
		return count;
	}

	writable(): number {
		return this.#ended || this.#closed ? 0 : WINDOW_BYTES - this.#unread - this.#outLength;
	}

	write(from: Uint8Array, offset: number, length: number): number {
		const count = Math.min(length, this.writable());
		this.#out.set(from.subarray(offset, offset + count), this.#outLength);
		this.#outLength += count;
		if (count < length) this.#starved = true;
		return count;
	}

	flush(): void {
		if (this.#outLength === 0 || this.#closed) return;
		const bytes = this.#out.slice(0, this.#outLength);
		this.#outLength = 0;
		this.#unread += bytes.length;
		this.#port.postMessage(bytes.buffer, [bytes.buffer]);
	}

	close(): void {
		if (this.#ended || this.#closed) return;
		this.flush();
		this.#ended = true;
		this.#port.postMessage(null, []);
	}

	abort(): void {
		if (this.#closed) return;
		this.#ended = true;
		this.#chunks.length = this.#readable = this.#offset = 0;
		this.#port.postMessage(null, []);
		this.#close(null);
	}

	#received(data: unknown): void {
		if (this.#closed) return;
		if (data === null) {
			// An end is answered by an end, and then both know.
			if (!this.#ended) this.#port.postMessage(null, []);
			this.#close(null);
		} else if (data instanceof ArrayBuffer) this.#take(new Uint8Array(data));
		else if (typeof data === "number" && Number.isInteger(data) && data > 0 && data <= this.#unread) {
			this.#unread -= data;
			if (!this.#starved) return;
			this.#starved = false;
			this.#tell((events) => events.onWritable());
		} else this.#broke("sent what is no part of a byte stream");
	}

	#take(chunk: Uint8Array): void {
		// As much as we have not told to be read.
		if (this.#readable + this.#taken + chunk.length > WINDOW_BYTES) return this.#broke("sent more than was read");
		if (chunk.length === 0 || this.#ended) return;
		this.#chunks.push(chunk);
		this.#readable += chunk.length;
		if (this.#readable === chunk.length) this.#tell((events) => events.onReadable());
	}

	/** A thread that ended, or threw its port away, says nothing before. */
	#gone(): void {
		if (this.#closed) return;
		this.#close(this.#ended ? null : { kind: "failed", message: `the other end of ${this.peerName} is gone` });
	}

	#broke(what: string): void {
		this.#port.postMessage(null, []);
		this.#close({ kind: "failed", message: `the other end of ${this.peerName} ${what}` });
	}

	#close(error: TransportError | null): void {
		this.#closed = true;
		this.#ended = true;
		this.#port.onmessage = null;
		this.#port.close();
		this.#tell((events) => events.onClosed(error));
	}

	/** Later: nothing is told from inside a call into this. */
	#tell(event: (events: TransportEvents) => void): void {
		const tell = (): void => {
			if (this.#events !== null) event(this.#events);
		};
		if (this.#events === null) this.#pending.push(tell);
		else void Promise.resolve().then(tell);
	}
}
