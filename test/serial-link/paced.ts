/** A serial link on lines of a given speed, in simulated time: what arrives, and what the line carried for it. */
import { FRAME_BYTES_MAX, LINK_OPEN, SerialLink } from "../../src/net/serial-link.js";
import { Seeded } from "../support/seeded.js";

const BITS_PER_BYTE = 10;
/** What a USB bridge and its driver hold on to, each way. */
const DELAY_MS = 2;
/** An engine is asked for more when the line has less than this left to send. */
const QUEUE_BYTES = 512;

export interface PacedResult {
	streamBytes: number;
	lineBytes: number;
	bytesPerSecond: number;
	/** Of the line's bytes over the stream's, in percent. */
	overhead: number;
	repeated: number;
}

class PacedLine {
	readonly #queue: number[] = [];
	readonly #flying: { atMs: number; bytes: Uint8Array }[] = [];
	readonly #scratch = new Uint8Array(FRAME_BYTES_MAX);
	readonly #bytesPerMs: number;
	readonly #lossPercent: number;
	readonly #random: Seeded;
	#credit = 0;
	carried = 0;

	constructor(baud: number, lossPercent: number, random: Seeded) {
		this.#bytesPerMs = baud / BITS_PER_BYTE / 1000;
		this.#lossPercent = lossPercent;
		this.#random = random;
	}
	millisecond(from: SerialLink, to: SerialLink, nowMs: number): void {
		while (this.#queue.length < QUEUE_BYTES) {
			const count = from.transmit(this.#scratch, 0, nowMs);
			if (count === 0) break;
			// A frame of which a byte is lost.
			const lost = this.#random.below(100) < this.#lossPercent ? this.#random.below(count) : -1;
			for (let i = 0; i < count; i++) if (i !== lost) this.#queue.push(this.#scratch[i]!);
		}
		this.#credit += this.#bytesPerMs;
		const bytes = Uint8Array.from(this.#queue.splice(0, Math.floor(this.#credit)));
		this.#credit -= bytes.length;
		if (this.#queue.length === 0) this.#credit = Math.min(this.#credit, 1);
		this.carried += bytes.length;
		this.#flying.push({ atMs: nowMs + DELAY_MS, bytes });
		while (this.#flying[0] !== undefined && this.#flying[0].atMs <= nowMs) {
			const { bytes: arrived } = this.#flying.shift()!;
			to.receive(arrived, 0, arrived.length, nowMs);
		}
	}
}

/** `seconds` of streams as fast as they go, one way or both ways. */
export function runPaced(baud: number, seconds: number, lossPercent: number, bothWays: boolean): PacedResult {
	const random = new Seeded(baud + lossPercent);
	const ends = [new SerialLink(null), new SerialLink(null)] as const;
	const up = new PacedLine(baud, lossPercent, random);
	const down = new PacedLine(baud, lossPercent, random);
	const piece = new Uint8Array(2048);
	for (let i = 0; i < piece.length; i++) piece[i] = random.below(256);
	ends[1].listen(1);
	ends[0].dial(2, 0);
	let streamBytes = 0;
	for (let nowMs = 1; nowMs <= seconds * 1000; nowMs++) {
		if (ends[0].state === LINK_OPEN) ends[0].write(piece, 0, piece.length);
		if (bothWays && ends[1].state === LINK_OPEN) ends[1].write(piece, 0, piece.length);
		up.millisecond(ends[0], ends[1], nowMs);
		down.millisecond(ends[1], ends[0], nowMs);
		for (const end of ends) streamBytes += end.read(new Uint8Array(2048), 0, 2048);
	}
	const lineBytes = up.carried + (bothWays ? down.carried : 0);
	return {
		streamBytes,
		lineBytes,
		bytesPerSecond: Math.round(streamBytes / seconds / (bothWays ? 2 : 1)),
		overhead: (lineBytes / streamBytes - 1) * 100,
		repeated: ends[0].framesRepeated + ends[1].framesRepeated,
	};
}
