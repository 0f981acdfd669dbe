import type { Alarm, AlarmHandler, Clock } from "../ports/clock.js";
import type { Transport, TransportError, TransportEvents } from "../ports/transport.js";

export interface Delays {
	/** How long what arrives, and what is written, is on its way. Each direction keeps its order; what goes one way may pass what goes the other. */
	delayInMs?: number;
	delayOutMs?: number;
	/** Up to so much more, anew for each piece. */
	jitterMs?: number;
	/** The same seed is the same jitter. */
	seed?: number;
}

/** Bytes that may be on their way out. */
const CAPACITY_BYTES = 65536;

/** A byte stream over a slow line, over any other stream. */
export class DelayedTransport implements Transport, TransportEvents, AlarmHandler {
	events: TransportEvents | null = null;
	readonly #inner: Transport;
	readonly #delays: Delays;
	readonly #clock: Clock;
	readonly #alarm: Alarm;
	#random: number;
	/** Pieces that have arrived and may not be seen yet. */
	readonly #in: { bytes: number; atMs: number }[] = [];
	#inBytes = 0;
	#dueBytes = 0;
	readonly #out: { bytes: Uint8Array; atMs: number }[] = [];
	#outBytes = 0;
	#starved = false;
	#closing = false;
	/** The end has come, behind what is still on its way. */
	#ended = false;

	constructor(inner: Transport, delays: Delays, clock: Clock) {
		this.#inner = inner;
		this.#delays = delays;
		this.#clock = clock;
		this.#alarm = clock.createAlarm(this);
		this.#random = delays.seed || 1;
		inner.events = this;
	}

	readable(): number {
		return this.#dueBytes;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const count = this.#inner.read(into, offset, Math.min(max, this.#dueBytes));
		this.#dueBytes -= count;
		this.#arrive();
		return count;
	}

	writable(): number {
		return this.#closing ? 0 : CAPACITY_BYTES - this.#outBytes;
	}

	write(from: Uint8Array, offset: number, length: number): number {
		const count = Math.min(length, this.writable());
		if (count < length) this.#starved = true;
		if (count === 0) return 0;
		this.#out.push({ bytes: from.slice(offset, offset + count), atMs: this.#due(this.#out, this.#delays.delayOutMs) });
		this.#outBytes += count;
		this.#setAlarm();
		return count;
	}

	/** What was written is on its way already. */
	flush(): void {}

	close(): void {
		if (this.#closing) return;
		this.#closing = true;
		if (this.#outBytes === 0) this.#inner.close();
	}

	abort(): void {
		this.#out.length = this.#outBytes = 0;
		this.#inner.abort();
	}

	onReadable(): void {
		this.#arrive();
	}

	onWritable(): void {
		this.onAlarm(this.#clock.nowMs());
	}

	onClosed(error: TransportError | null): void {
		this.#arrive();
		this.#ended = true;
		// A stream that breaks loses what is on its way.
		if (error !== null || this.#in.length === 0) this.#end(error);
	}

	onAlarm(nowMs: number): void {
		const before = this.#dueBytes;
		while (this.#in.length > 0 && this.#in[0]!.atMs <= nowMs) {
			const { bytes } = this.#in.shift()!;
			this.#inBytes -= bytes;
			this.#dueBytes += bytes;
		}
		this.#send(nowMs);
		this.#setAlarm();
		if (before === 0 && this.#dueBytes > 0) this.events?.onReadable();
		if (this.#ended && this.#in.length === 0) this.#end(null);
	}

	#send(nowMs: number): void {
		const before = this.#outBytes;
		while (this.#out.length > 0 && this.#out[0]!.atMs <= nowMs) {
			const first = this.#out[0]!;
			const count = this.#inner.write(first.bytes, 0, first.bytes.length);
			this.#outBytes -= count;
			if (count === first.bytes.length) this.#out.shift();
			else {
				// The rest goes when the other stream has room: `onWritable`.
				first.bytes = first.bytes.subarray(count);
				break;
			}
		}
		if (this.#outBytes === before) return;
		this.#inner.flush();
		if (this.#closing && this.#outBytes === 0) this.#inner.close();
		if (!this.#starved) return;
		this.#starved = false;
		this.events?.onWritable();
	}

	#arrive(): void {
		const bytes = this.#inner.readable() - this.#dueBytes - this.#inBytes;
		if (bytes > 0) {
			this.#in.push({ bytes, atMs: this.#due(this.#in, this.#delays.delayInMs) });
			this.#inBytes += bytes;
		}
		this.#setAlarm();
	}

	/** When a piece behind `before` is due. */
	#due(before: readonly { atMs: number }[], delayMs = 0): number {
		const { jitterMs = 0 } = this.#delays;
		// xorshift32
		let x = this.#random;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#random = x >>> 0;
		const atMs = this.#clock.nowMs() + delayMs + (jitterMs * this.#random) / 2 ** 32;
		return Math.max(atMs, before.at(-1)?.atMs ?? 0);
	}

	#setAlarm(): void {
		const blocked = this.#out.length > 0 && this.#out[0]!.atMs <= this.#clock.nowMs();
		const next = Math.min(this.#in[0]?.atMs ?? Infinity, blocked ? Infinity : (this.#out[0]?.atMs ?? Infinity));
		if (next === Infinity) this.#alarm.clear();
		else this.#alarm.set(next);
	}

	#end(error: TransportError | null): void {
		if (this.events === null) return;
		this.#in.length = this.#out.length = 0;
		this.#alarm.close();
		const events = this.events;
		this.events = null;
		events.onClosed(error);
	}
}
