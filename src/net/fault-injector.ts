import type { Clock } from "../ports/clock.js";
import type { Transport, TransportError, TransportEvents } from "../ports/transport.js";
import { DelayedTransport, type Delays } from "./delayed-transport.js";

export interface FaultPlan extends Delays {
	/** After this many bytes in one direction the stream is cut. */
	cutAfterBytesIn?: number;
	cutAfterBytesOut?: number;
	/** At most this many bytes move in one `read` or `write`. */
	pieceBytes?: number;
	/** The byte at this offset of what arrives has its lowest bit flipped. */
	corruptByteIn?: number;
	/** After this many bytes nothing arrives any more, and nothing says so. */
	stallAfterBytesIn?: number;
}

/** A stream with a given bad luck, over any other: for tests of what must survive it. Always the same with the same plan. */
export class FaultInjector implements Transport, TransportEvents {
	readonly #inner: Transport;
	readonly #plan: FaultPlan;
	#events: TransportEvents | null = null;
	#bytesIn = 0;
	#bytesOut = 0;

	/** Delays need a clock. */
	constructor(inner: Transport, plan: FaultPlan, clock: Clock | null = null) {
		this.#inner = clock === null ? inner : new DelayedTransport(inner, plan, clock);
		this.#plan = plan;
	}

	get events(): TransportEvents | null {
		return this.#events;
	}

	set events(events: TransportEvents | null) {
		this.#events = events;
		this.#inner.events = events === null ? null : this;
	}

	readable(): number {
		return Math.min(this.#inner.readable(), this.#mayCome());
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const { corruptByteIn, cutAfterBytesIn, pieceBytes } = this.#plan;
		const count = this.#inner.read(into, offset, Math.min(max, pieceBytes ?? max, this.#mayCome()));
		const at = corruptByteIn === undefined ? -1 : corruptByteIn - this.#bytesIn;
		if (at >= 0 && at < count) into[offset + at]! ^= 1;
		this.#bytesIn += count;
		if (cutAfterBytesIn !== undefined && this.#bytesIn >= cutAfterBytesIn) this.#inner.abort();
		return count;
	}

	writable(): number {
		return Math.min(this.#inner.writable(), this.#mayGo());
	}

	write(from: Uint8Array, offset: number, length: number): number {
		const { cutAfterBytesOut } = this.#plan;
		let taken = 0;
		while (taken < length && this.#mayGo() > 0) {
			const piece = this.#inner.write(
				from,
				offset + taken,
				Math.min(length - taken, this.#plan.pieceBytes ?? length, this.#mayGo()),
			);
			if (piece === 0) break;
			taken += piece;
			this.#bytesOut += piece;
		}
		if (cutAfterBytesOut !== undefined && this.#bytesOut >= cutAfterBytesOut) {
			this.#inner.flush();
			this.#inner.abort();
		}
		return taken;
	}

	flush(): void {
		this.#inner.flush();
	}

	close(): void {
		this.#inner.close();
	}

	abort(): void {
		this.#inner.abort();
	}

	onReadable(): void {
		if (this.#mayCome() > 0) this.#events?.onReadable();
	}

	onWritable(): void {
		this.#events?.onWritable();
	}

	onClosed(error: TransportError | null): void {
		this.#events?.onClosed(error);
	}

	#mayCome(): number {
		const { cutAfterBytesIn, stallAfterBytesIn } = this.#plan;
		return Math.min(cutAfterBytesIn ?? Infinity, stallAfterBytesIn ?? Infinity) - this.#bytesIn;
	}

	#mayGo(): number {
		return (this.#plan.cutAfterBytesOut ?? Infinity) - this.#bytesOut;
	}
}
