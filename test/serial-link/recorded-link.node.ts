import { FRAME_BYTES_MAX, SerialLink } from "../../src/net/serial-link.js";

/** In the order that test/serial-link/harness.c has. */
export enum Operation {
	NEW,
	DIAL,
	LISTEN,
	DEAFEN,
	READ,
	WRITE,
	END,
	ABORT,
	RECEIVE,
	TRANSMIT,
}

/** What was asked of a link, in the harness's form, and what it answered. */
export class Recording {
	readonly asked: Buffer[] = [];
	readonly answered: Buffer[] = [];
}

/** A link that writes down everything that it does. */
export class RecordedLink extends SerialLink {
	readonly #recording: Recording;
	#nowMs = 0;
	#inside = false;

	constructor(recording: Recording) {
		super(null);
		this.#recording = recording;
		this.#record(Operation.NEW, 0, () => 0);
	}
	override dial(nonce: number, nowMs: number): void {
		this.#nowMs = nowMs;
		this.#record(Operation.DIAL, nonce, () => (super.dial(nonce, nowMs), 0));
	}
	override listen(seed: number): void {
		this.#record(Operation.LISTEN, seed, () => (super.listen(seed), 0));
	}
	override deafen(): void {
		this.#record(Operation.DEAFEN, 0, () => (super.deafen(), 0));
	}
	override read(into: Uint8Array, offset: number, max: number): number {
		return this.#record(
			Operation.READ,
			max,
			() => super.read(into, offset, max),
			undefined,
			(count) => into.subarray(offset, offset + count),
		);
	}
	override write(from: Uint8Array, offset: number, length: number): number {
		const bytes = from.slice(offset, offset + length);
		return this.#record(Operation.WRITE, 0, () => super.write(from, offset, length), bytes);
	}
	override end(): boolean {
		return this.#record(Operation.END, 0, () => Number(super.end())) === 1;
	}
	override abort(): void {
		if (this.#inside) super.abort();
		else this.#record(Operation.ABORT, 0, () => (super.abort(), 0));
	}
	override receive(from: Uint8Array, offset: number, length: number, nowMs: number): void {
		this.#nowMs = nowMs;
		const bytes = from.slice(offset, offset + length);
		this.#record(Operation.RECEIVE, 0, () => (super.receive(from, offset, length, nowMs), 0), bytes);
	}
	override transmit(into: Uint8Array, offset: number, nowMs: number): number {
		this.#nowMs = nowMs;
		if (into.length - offset < FRAME_BYTES_MAX) throw new RangeError("no room for a frame");
		return this.#record(
			Operation.TRANSMIT,
			0,
			() => super.transmit(into, offset, nowMs),
			undefined,
			(count) => into.subarray(offset, offset + count),
		);
	}

	#record(
		operation: Operation,
		number: number,
		work: () => number,
		given: Uint8Array = new Uint8Array(0),
		got: (result: number) => Uint8Array = () => new Uint8Array(0),
	): number {
		const head = Buffer.alloc(13);
		head.writeUInt8(operation, 0);
		head.writeUInt32LE(number >>> 0, 1);
		head.writeUInt32LE(this.#nowMs, 5);
		head.writeUInt32LE(given.length, 9);
		this.#recording.asked.push(head, Buffer.from(given));
		this.#inside = true;
		const result = work();
		this.#inside = false;
		const dueMs = this.dueMs(this.#nowMs);
		const words = [
			this.state,
			this.error,
			this.epoch,
			this.session,
			Number(this.peerEnded),
			this.readable(),
			this.writable(),
			dueMs === Infinity ? 0xffffffff : dueMs,
			this.framesDamaged,
			this.framesRepeated,
		];
		const looks = Buffer.alloc(4 * words.length);
		words.forEach((word, i) => looks.writeUInt32LE(word, 4 * i));
		const first = Buffer.alloc(4);
		first.writeUInt32LE(result, 0);
		this.#recording.answered.push(Buffer.concat([first, Buffer.from(got(result)), looks]));
		return result;
	}
}
