/** Where the serial link keeps bytes: those that came and nobody has read, and frames that the peer has not acknowledged. */
import { copyBytes } from "../base/bytes.js";
import { PAYLOAD_BYTES_MAX } from "./serial-frame.js";

/** Frames that may be on their way. */
export const WINDOW = 8;
export const RECEIVED_BYTES_MAX = 2048;

/** A ring; never asked to hold more than it has room for. */
export class ReceivedBytes {
	count = 0;
	#head = 0;
	readonly #bytes = new Uint8Array(RECEIVED_BYTES_MAX);

	/** How many were taken: `max`, or all that there are. */
	take(into: Uint8Array, offset: number, max: number): number {
		const count = max < this.count ? max : this.count;
		const first = RECEIVED_BYTES_MAX - this.#head;
		if (count <= first) copyBytes(this.#bytes, this.#head, into, offset, count);
		else {
			copyBytes(this.#bytes, this.#head, into, offset, first);
			copyBytes(this.#bytes, 0, into, offset + first, count - first);
		}
		this.#head = (this.#head + count) % RECEIVED_BYTES_MAX;
		this.count -= count;
		return count;
	}
	put(from: Uint8Array, offset: number, count: number): void {
		const tail = (this.#head + this.count) % RECEIVED_BYTES_MAX;
		const first = RECEIVED_BYTES_MAX - tail;
		if (count <= first) copyBytes(from, offset, this.#bytes, tail, count);
		else {
			copyBytes(from, offset, this.#bytes, tail, first);
			copyBytes(from, offset + first, this.#bytes, 0, count - first);
		}
		this.count += count;
	}
	clear(): void {
		this.#head = this.count = 0;
	}
}

/** A place for each frame of the window, by its sequence number. */
export class WindowFrames {
	readonly #bytes = new Uint8Array(WINDOW * PAYLOAD_BYTES_MAX);
	readonly #lengths = new Uint8Array(WINDOW);
	readonly #kinds = new Uint8Array(WINDOW);

	/** An empty one in the place of one that was acknowledged. */
	begin(sequence: number, kind: number): void {
		const place = sequence & (WINDOW - 1);
		this.#lengths[place] = 0;
		this.#kinds[place] = kind;
	}
	/** Never more than `roomOf`. */
	append(sequence: number, from: Uint8Array, offset: number, count: number): void {
		const place = sequence & (WINDOW - 1);
		const length = this.#lengths[place]!;
		copyBytes(from, offset, this.#bytes, place * PAYLOAD_BYTES_MAX + length, count);
		this.#lengths[place] = length + count;
	}
	kindOf(sequence: number): number {
		return this.#kinds[sequence & (WINDOW - 1)]!;
	}
	roomOf(sequence: number): number {
		return PAYLOAD_BYTES_MAX - this.#lengths[sequence & (WINDOW - 1)]!;
	}
	/** Copies the payload, and returns its length. */
	copy(sequence: number, into: Uint8Array, offset: number): number {
		const place = sequence & (WINDOW - 1);
		const length = this.#lengths[place]!;
		copyBytes(this.#bytes, place * PAYLOAD_BYTES_MAX, into, offset, length);
		return length;
	}
}
