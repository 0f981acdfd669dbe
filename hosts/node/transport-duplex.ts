import { Duplex } from "node:stream";
import type { Transport, TransportError, TransportEvents } from "../../src/ports/transport.js";

const PIECE_BYTES = 4096;

/** A Transport as Node's own kind of stream, for what wants one: TLS over any stream. Owns the transport from here on. */
export class TransportDuplex extends Duplex implements TransportEvents {
	readonly #transport: Transport;
	/** What did not fit yet, and whom to tell when it did. */
	#waiting: { bytes: Uint8Array; done: (error?: Error | null) => void } | null = null;
	#wanted = false;
	#ended = false;

	constructor(transport: Transport) {
		super({ allowHalfOpen: false });
		this.#transport = transport;
		transport.events = this;
	}

	onReadable(): void {
		this.#move();
	}
	onWritable(): void {
		this.#push();
	}
	onClosed(error: TransportError | null): void {
		this.#move();
		this.#ended = true;
		if (error === null) this.push(null);
		else this.destroy(Object.assign(new Error(error.message), { code: error.kind === "reset" ? "ECONNRESET" : "EIO" }));
	}

	override _read(): void {
		this.#wanted = true;
		this.#move();
	}
	override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
		this.#waiting = { bytes, done };
		this.#push();
	}
	override _final(done: (error?: Error | null) => void): void {
		this.#transport.close();
		done();
	}
	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		if (!this.#ended) {
			if (error === null && this.writableFinished) this.#transport.close();
			else this.#transport.abort();
		}
		done(error);
	}

	#move(): void {
		while (this.#wanted) {
			const piece = new Uint8Array(PIECE_BYTES);
			const count = this.#transport.read(piece, 0, PIECE_BYTES);
			if (count === 0) return;
			this.#wanted = this.push(piece.subarray(0, count));
		}
	}
	#push(): void {
		const waiting = this.#waiting;
		if (waiting === null) return;
		const { bytes, done } = waiting;
		const taken = this.#transport.write(bytes, 0, bytes.length);
		this.#transport.flush();
		if (taken < bytes.length) {
			this.#waiting = { bytes: bytes.subarray(taken), done };
			// Asking makes the transport tell when there is room.
			this.#transport.writable();
			return;
		}
		this.#waiting = null;
		done();
	}
}
