import type { PeerTransport } from "../ports/network.js";
import type { TransportError, TransportEvents } from "../ports/transport.js";

/**
 * Two ends of an in-memory byte stream with a bounded buffer in each direction, so that backpressure is real. Nothing moves by itself:
 * `run` delivers what is due, which makes a conversation repeat exactly. Written bytes are seen by the other end only after `flush`
 * (or when the buffer is full), so that a missing flush is found here and not on a network.
 */
export class Loopback {
	readonly left: LoopbackEnd;
	readonly right: LoopbackEnd;
	/** Called when something became due, at most once until the next `run`. Set it to have a host's scheduler call `run`. */
	onDue: (() => void) | null = null;
	#due = false;

	constructor(capacityBytes: number) {
		this.left = new LoopbackEnd(this, capacityBytes);
		this.right = new LoopbackEnd(this, capacityBytes);
		this.left.connect(this.right);
		this.right.connect(this.left);
	}

	/** Delivers events until neither end has one; returns how many there were. */
	run(): number {
		let delivered = 0;
		this.#due = false;
		while (this.left.deliver() || this.right.deliver()) delivered++;
		return delivered;
	}

	/** Breaks the stream as a network does: both ends see `error`, bytes on their way are lost. */
	cut(error: TransportError): void {
		this.left.fail(error);
		this.right.fail(error);
	}

	/** For the ends. */
	due(): void {
		if (this.#due) return;
		this.#due = true;
		if (this.onDue !== null) this.onDue();
	}
}

/** One end. Holds the bytes that the other end wrote, in a ring. */
export class LoopbackEnd implements PeerTransport {
	peerDigest: Uint8Array | null = null;
	peerName = "loopback";
	#events: TransportEvents | null = null;
	readonly #loopback: Loopback;
	readonly #ring: Uint8Array;
	#other: LoopbackEnd;
	#head = 0;
	#written = 0;
	#visible = 0;
	#readableDue = false;
	#writableDue = false;
	#starved = false;
	#ended = false;
	#closedDue = false;
	#closed = false;
	#error: TransportError | null = null;

	constructor(loopback: Loopback, capacityBytes: number) {
		this.#loopback = loopback;
		this.#ring = new Uint8Array(capacityBytes);
		this.#other = this;
	}

	get events(): TransportEvents | null {
		return this.#events;
	}

	set events(events: TransportEvents | null) {
		this.#events = events;
		if (events !== null && this.#hasDue()) this.#loopback.due();
	}

	/** True once `onClosed` was delivered. */
	get isClosed(): boolean {
		return this.#closed;
	}

	/** For `Loopback`. */
	connect(other: LoopbackEnd): void {
		this.#other = other;
	}

	readable(): number {
		return this.#visible;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const count = max < this.#visible ? max : this.#visible;
		const ring = this.#ring;
		for (let i = 0; i < count; i++) {
			into[offset + i] = ring[this.#head]!;
			this.#head = this.#head + 1 === ring.length ? 0 : this.#head + 1;
		}
		this.#visible -= count;
		this.#written -= count;
		if (count > 0) this.#other.#roomMade();
		return count;
	}

	writable(): number {
		const room = this.#other.#ring.length - this.#other.#written;
		if (room === 0) this.#starved = true;
		return this.#ended ? 0 : room;
	}

	write(from: Uint8Array, offset: number, length: number): number {
		const room = this.writable();
		const count = length < room ? length : room;
		this.#other.#take(from, offset, count);
		if (count < length) {
			this.#starved = true;
			this.flush();
		}
		return count;
	}

	flush(): void {
		this.#other.#show();
	}

	close(): void {
		if (this.#ended) return;
		this.flush();
		this.#end(null);
		this.#other.#end(null);
	}

	abort(): void {
		if (this.#ended) return;
		this.#visible = this.#written = 0;
		this.#end(null);
		this.#other.fail({ kind: "reset", message: "the other end of the loopback aborted" });
	}

	/** For `Loopback`. */
	fail(error: TransportError): void {
		if (this.#ended) return;
		this.#visible = this.#written = 0;
		this.#end(error);
	}

	/** For `Loopback`: delivers one event, the oldest kind first; false when none is due. */
	deliver(): boolean {
		const events = this.#events;
		if (events === null || this.#closed) return false;
		if (this.#readableDue) {
			this.#readableDue = false;
			events.onReadable();
			return true;
		}
		if (this.#writableDue && !this.#ended) {
			this.#writableDue = false;
			events.onWritable();
			return true;
		}
		if (!this.#closedDue) return false;
		this.#closed = true;
		events.onClosed(this.#error);
		return true;
	}

	#hasDue(): boolean {
		return this.#readableDue || this.#writableDue || this.#closedDue;
	}

	#take(from: Uint8Array, offset: number, count: number): void {
		const ring = this.#ring;
		let tail = (this.#head + this.#written) % ring.length;
		for (let i = 0; i < count; i++) {
			ring[tail] = from[offset + i]!;
			tail = tail + 1 === ring.length ? 0 : tail + 1;
		}
		this.#written += count;
	}

	#show(): void {
		if (this.#visible === this.#written) return;
		this.#visible = this.#written;
		this.#readableDue = true;
		this.#loopback.due();
	}

	#roomMade(): void {
		if (!this.#starved || this.#ended) return;
		this.#starved = false;
		this.#writableDue = true;
		this.#loopback.due();
	}

	#end(error: TransportError | null): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#error = error;
		this.#closedDue = true;
		this.#loopback.due();
	}
}
