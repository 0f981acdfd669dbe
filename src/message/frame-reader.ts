import type { Segment } from "../arena/segment.js";
import { Fault, FaultCode } from "../base/fault.js";
import { SEGMENTS_MAX } from "../base/limits.js";
import { headerBytes } from "../wire/frame.js";
import type { Message } from "./message.js";
import type { MessagePool } from "./message-pool.js";

/** Where `FrameReader` pulls from: as `Transport.read`. */
export interface ByteSource {
	/** Copies up to `max` bytes to `into` at `offset`, returns how many; 0 when there are none now. */
	read(into: Uint8Array, offset: number, max: number): number;
}

/** Who may refuse memory to a sender that holds much already. */
export interface FrameAdmission {
	/** A larger frame is a Fault. */
	readonly frameWordsMax: number;
	/** Whether a frame of `words` may be received now; `received` follows where it may. Asked again where it may not. */
	admit(words: number): boolean;
	/** It is whole, or given up. */
	received(words: number): void;
}

/** What `FrameReader.pull` found. */
export const FrameState = {
	/** The source has nothing more now. */
	WAITING: 0,
	/** `message` is whole. */
	READY: 1,
	/** The pool has no message or no block left, or the frame is not admitted: pull again when something came back. */
	STARVED: 2,
} as const;
export type FrameState = (typeof FrameState)[keyof typeof FrameState];

/**
 * Frames out of a byte stream, in whatever pieces it comes. Bytes go straight from the source into the segments; the
 * segment table is checked before anything is reserved for it.
 */
export class FrameReader {
	readonly #pool: MessagePool;
	readonly #segmentsMax: number;
	readonly #admission: FrameAdmission | null;
	/** The segment table: as long as the pool's limits allow. */
	readonly #header: Uint8Array;
	readonly #headerView: DataView;
	#headerGot = 0;
	/** Known once the first field is there. */
	#headerNeeded = 8;
	#segmentCount = 0;
	/** Of the frame, once its header is there. */
	#words = 0;
	/** Segments that have their memory. */
	#reserved = 0;
	#segment: Segment | null = null;
	#segmentGot = 0;
	#current = 0;
	#message: Message | null = null;
	/** The frame that has begun waits because it is not admitted, whatever memory there is. */
	refused = false;

	constructor(pool: MessagePool, segmentsMax = SEGMENTS_MAX, admission: FrameAdmission | null = null) {
		this.#pool = pool;
		this.#admission = admission;
		this.#segmentsMax = segmentsMax;
		this.#header = new Uint8Array(headerBytes(segmentsMax));
		this.#headerView = new DataView(this.#header.buffer);
	}

	/** Whether the stream may end here. */
	get atBoundary(): boolean {
		return this.#headerGot === 0;
	}

	/** Takes bytes until a message is whole or there are no more. Throws a Fault on a bad header; the stream is lost then. */
	pull(source: ByteSource): FrameState {
		if (this.#headerGot < this.#headerNeeded || this.#segmentCount === 0)
			if (!this.pullHeader(source)) return FrameState.WAITING;
		if (this.#reserved < this.#segmentCount && !this.reserve()) return FrameState.STARVED;
		return this.pullSegments(source) ? FrameState.READY : FrameState.WAITING;
	}

	/** The whole message, now the caller's. Call once after READY. */
	take(): Message {
		const message = this.#message!;
		this.#message = null;
		if (this.#admission !== null) this.#admission.received(this.#words);
		this.restart();
		message.arena.openForReading();
		return message;
	}

	/** Gives back a message that is not whole yet. */
	close(): void {
		if (this.#message !== null) {
			this.#message.release();
			if (this.#admission !== null) this.#admission.received(this.#words);
		}
		this.#message = null;
		this.restart();
	}

	private restart(): void {
		this.#headerGot = 0;
		this.#headerNeeded = 8;
		this.#segmentCount = 0;
		this.#reserved = 0;
		this.#segment = null;
		this.#segmentGot = 0;
		this.#current = 0;
	}

	private pullHeader(source: ByteSource): boolean {
		for (;;) {
			while (this.#headerGot < this.#headerNeeded) {
				const got = source.read(this.#header, this.#headerGot, this.#headerNeeded - this.#headerGot);
				if (got === 0) return false;
				this.#headerGot += got;
			}
			if (this.#headerNeeded === 8) {
				const count = this.#headerView.getUint32(0, true) + 1;
				if (count > this.#segmentsMax)
					throw new Fault(FaultCode.FRAME, "frame with " + count + " segments, at most " + this.#segmentsMax);
				this.#segmentCount = count;
				this.#headerNeeded = headerBytes(count);
			}
			if (this.#headerGot === this.#headerNeeded) break;
		}
		let words = 0;
		for (let i = 0; i < this.#segmentCount; i++) words += this.#headerView.getUint32(4 + i * 4, true);
		let most = this.#pool.messageWords;
		if (this.#admission !== null && this.#admission.frameWordsMax < most) most = this.#admission.frameWordsMax;
		if (words > most) throw new Fault(FaultCode.FRAME, "frame of " + words + " words, at most " + most);
		this.#words = words;
		return true;
	}

	private reserve(): boolean {
		if (this.#message === null) {
			const message = this.#pool.take();
			if (message === null) return false;
			this.refused = this.#admission !== null && !this.#admission.admit(this.#words);
			if (this.refused) {
				message.release();
				return false;
			}
			this.#message = message;
		}
		const message = this.#message;
		while (this.#reserved < this.#segmentCount) {
			const segment = message.arena.reserve(this.#headerView.getUint32(4 + this.#reserved * 4, true));
			if (segment === null) return false;
			this.#reserved++;
		}
		this.#segment = message.arena.segmentAt(0);
		return true;
	}

	private pullSegments(source: ByteSource): boolean {
		const arena = this.#message!.arena;
		for (;;) {
			const segment = this.#segment!;
			const length = segment.endByte - segment.startByte;
			while (this.#segmentGot < length) {
				const got = source.read(segment.bytes, segment.startByte + this.#segmentGot, length - this.#segmentGot);
				if (got === 0) return false;
				this.#segmentGot += got;
			}
			if (this.#current + 1 === this.#segmentCount) return true;
			this.#segment = arena.segmentAt(++this.#current);
			this.#segmentGot = 0;
		}
	}
}
