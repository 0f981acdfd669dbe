import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError, TransportEvents } from "../../src/ports/transport.js";

/** Received bytes that may wait for their reader; beyond it the peer is held up. */
const RECEIVED_BYTES_MAX = 256 * 1024;
/** Bytes that may wait for the peer. */
const QUEUED_BYTES_MAX = 256 * 1024;
const SLAB_BYTES = 64 * 1024;
const SLAB_REST_BYTES_MIN = 4 * 1024;

/** A connected socket, plain or TLS, or another stream of bytes, as a Transport. Owns the stream from here on. */
export class SocketTransport implements PeerTransport {
	readonly peerDigest: Uint8Array | null;
	readonly peerName: string;
	readonly resumed: boolean;
	readonly #socket: Duplex;
	#events: TransportEvents | null = null;
	/** Received pieces; those before `#first` are used up, of that one `#used` bytes. */
	readonly #pieces: Uint8Array[] = [];
	#first = 0;
	#used = 0;
	#received = 0;
	/** Bytes in `#slab` from `#sent` to `#written` wait for flush. The socket holds on to what was flushed, so a slab is never written over. */
	#slab = Buffer.allocUnsafeSlow(0);
	#sent = 0;
	#written = 0;
	#starved = false;
	#unwanted = false;
	#closed = false;
	#error: TransportError | null = null;

	constructor(socket: Duplex, peerDigest: Uint8Array | null, peerName: string) {
		this.#socket = socket;
		this.peerDigest = peerDigest;
		this.peerName = peerName;
		this.resumed = socket instanceof TLSSocket && socket.isSessionReused();
		if (socket instanceof Socket) {
			socket.setNoDelay(true);
			socket.setKeepAlive(true, 60_000);
		}
		socket.removeAllListeners("error");
		socket.on("data", (piece: Uint8Array) => this.#take(piece));
		socket.on("drain", () => this.#drained());
		socket.on("error", (error: NodeJS.ErrnoException) => (this.#error ??= lossOf(error, peerName)));
		socket.on("close", () => this.#end());
	}

	get events(): TransportEvents | null {
		return this.#events;
	}

	set events(events: TransportEvents | null) {
		this.#events = events;
		if (events === null || (this.#received === 0 && !this.#closed)) return;
		setImmediate(() => {
			if (this.#events !== events) return;
			if (this.#received > 0) events.onReadable();
			if (this.#closed) events.onClosed(this.#error);
		});
	}

	readable(): number {
		return this.#received;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		let copied = 0;
		while (copied < max && this.#received > 0) {
			const piece = this.#pieces[this.#first]!;
			const left = piece.length - this.#used;
			const count = left < max - copied ? left : max - copied;
			into.set(piece.subarray(this.#used, this.#used + count), offset + copied);
			copied += count;
			this.#used += count;
			this.#received -= count;
			if (this.#used === piece.length) this.#nextPiece();
		}
		if (this.#received < RECEIVED_BYTES_MAX / 2 && this.#socket.isPaused()) this.#socket.resume();
		return copied;
	}

	writable(): number {
		const room = this.#socket.writable
			? QUEUED_BYTES_MAX - this.#socket.writableLength - (this.#written - this.#sent)
			: 0;
		if (room <= 0) this.#starved = true;
		return room > 0 ? room : 0;
	}

	write(from: Uint8Array, offset: number, length: number): number {
		const room = this.writable();
		const taken = length < room ? length : room;
		let left = taken;
		while (left > 0) {
			if (this.#slab.length === this.#written) this.#newSlab();
			const rest = this.#slab.length - this.#written;
			const count = left < rest ? left : rest;
			const start = offset + taken - left;
			this.#slab.set(from.subarray(start, start + count), this.#written);
			this.#written += count;
			left -= count;
		}
		if (taken < length) this.#starved = true;
		return taken;
	}

	flush(): void {
		if (this.#written === this.#sent) return;
		const piece = this.#slab.subarray(this.#sent, this.#written);
		this.#sent = this.#written;
		if (this.#socket.writable) this.#socket.write(piece);
		if (this.#slab.length - this.#written < SLAB_REST_BYTES_MIN)
			this.#slab = Buffer.allocUnsafeSlow((this.#sent = this.#written = 0));
	}

	close(): void {
		this.flush();
		this.#socket.end();
		// Nobody reads any more; unread bytes, and those that still come, would keep the end from being seen.
		this.#unwanted = true;
		this.#socket.resume();
	}

	abort(): void {
		this.#pieces.length = this.#first = this.#used = this.#received = 0;
		this.#socket.destroy();
	}

	#take(piece: Uint8Array): void {
		if (this.#unwanted) return;
		const wasEmpty = this.#received === 0;
		this.#pieces.push(piece);
		this.#received += piece.length;
		if (this.#received >= RECEIVED_BYTES_MAX) this.#socket.pause();
		if (wasEmpty && this.#events !== null) this.#events.onReadable();
	}

	#nextPiece(): void {
		this.#used = 0;
		this.#first++;
		if (this.#first < this.#pieces.length) return;
		this.#pieces.length = 0;
		this.#first = 0;
	}

	#newSlab(): void {
		this.flush();
		this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
		this.#sent = this.#written = 0;
	}

	#drained(): void {
		if (!this.#starved) return;
		this.#starved = false;
		if (this.#events !== null) this.#events.onWritable();
	}

	/** Serial ports say so twice: of the device, before the error that ended it is told, and of their stream. */
	#end(): void {
		if (this.#closed) return;
		this.#closed = true;
		const { errored } = this.#socket;
		if (errored) this.#error ??= lossOf(errored, this.peerName);
		if (this.#events !== null) this.#events.onClosed(this.#error);
	}
}

function lossOf(error: NodeJS.ErrnoException, peerName: string): TransportError {
	const { code } = error;
	if (code === "ECONNRESET" || code === "EPIPE")
		return { kind: "reset", message: `${peerName} dropped the connection` };
	if (code === "ETIMEDOUT") return { kind: "timeout", message: `${peerName} does not answer any more` };
	if (code?.startsWith("ERR_SSL")) return { kind: "tls", message: `${peerName} sent a damaged TLS record (${code})` };
	return { kind: "failed", message: `connection with ${peerName} failed: ${error.message}` };
}
