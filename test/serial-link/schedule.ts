/**
 * Two ends of a serial link and the lines between them, driven by a seed: what a UART can do to bytes (lose, damage, repeat, cut, overrun,
 * bursts that swap places), what programs do (write, read, end, abort, begin anew at any byte), and time. Checks that the streams' bytes arrive once and
 * in order whatever happens.
 */
import {
	createSerialBody,
	encodeSerialFrame,
	HEADER_BYTES,
	PAYLOAD_BYTES_MAX,
	writeWord,
} from "../../src/net/serial-frame.js";
import { FRAME_BYTES_MAX, LINK_CLOSED, LINK_OPEN, SerialLink } from "../../src/net/serial-link.js";
import type { Seeded } from "../support/seeded.js";

const CHUNK_BYTES = 512;

/** Bytes of one direction that are on their way. */
class Line {
	readonly bytes: number[] = [];
}

/** Makes the engine of side 0, which dials, or of side 1, which listens. */
export type CreateLink = (side: number) => SerialLink;

/** One end: the engine, and what its user has written and read of the present session. */
class End {
	link: SerialLink;
	epoch = 0;
	/** Tells the bytes of one session from those of all others. */
	session = 0;
	written = 0;
	read = 0;

	constructor(link: SerialLink) {
		this.link = link;
	}
}

export interface ScheduleCounts {
	steps: number;
	bytes: number;
	sessions: number;
	wholeStreams: number;
}

/** The byte at `index` of the stream that the session with `key` carries from one side. */
function streamByte(key: number, side: number, index: number): number {
	return (Math.imul(key + side * 7919 + index, 0x9e3779b1) >>> 24) & 255;
}

export class Schedule {
	readonly dialler: End;
	readonly listener: End;
	readonly counts: ScheduleCounts;
	readonly #create: CreateLink;
	readonly #random: Seeded;
	readonly #down = new Line();
	readonly #up = new Line();
	readonly #scratch = new Uint8Array(CHUNK_BYTES + FRAME_BYTES_MAX);
	/** 1 in so many deliveries goes wrong; 0: none. */
	readonly #trouble: number;
	nowMs = 0;

	constructor(random: Seeded, counts: ScheduleCounts, create: CreateLink = () => new SerialLink(null)) {
		this.#create = create;
		this.dialler = new End(create(0));
		this.listener = new End(create(1));
		this.#random = random;
		this.counts = counts;
		this.#trouble = [0, 3, 10, 40][random.below(4)]!;
		this.listener.link.listen(random.next());
		this.dialler.link.dial(random.next(), 0);
	}

	/** Random steps, then a time without trouble in which everything that can arrive has to. */
	run(steps: number): void {
		for (let i = 0; i < steps; i++) this.#step();
		this.#settle();
		this.counts.steps += steps;
	}

	#step(): void {
		const random = this.#random;
		switch (random.below(12)) {
			case 0:
			case 1:
				return this.#write(random.chance(2) ? this.dialler : this.listener, 1 + random.below(600));
			case 2:
			case 3:
				return this.#readSome(random.chance(2) ? this.dialler : this.listener, 1 + random.below(CHUNK_BYTES));
			case 4:
			case 5:
				return this.#transmit(this.dialler, this.#up);
			case 6:
			case 7:
				return this.#transmit(this.listener, this.#down);
			case 8:
				return this.#deliver(this.#up, this.listener);
			case 9:
				return this.#deliver(this.#down, this.dialler);
			case 10:
				this.nowMs += random.chance(8) ? random.below(3000) : random.below(40);
				return;
			default:
				return this.#rare();
		}
	}
	#rare(): void {
		const random = this.#random;
		const end = random.chance(2) ? this.dialler : this.listener;
		switch (random.below(24)) {
			case 0:
				// The program is killed and starts again, in the middle of whatever it was doing.
				end.link = this.#create(end === this.dialler ? 0 : 1);
				this.#forget(end);
				if (end === this.listener) end.link.listen(random.next());
				else end.link.dial(random.next(), this.nowMs);
				return;
			case 1:
				end.link.abort();
				return this.#notice();
			case 2:
				end.link.end();
				return;
			case 3:
				for (let i = 0; i < 5 && this.#trouble > 0; i++) this.#up.bytes.push(random.below(256));
				return;
			default:
				if (this.dialler.link.state !== LINK_OPEN && random.chance(4)) {
					this.dialler.link.dial(random.next(), this.nowMs);
					this.#notice();
				}
		}
	}

	#write(end: End, count: number): void {
		if (end.link.state !== LINK_OPEN || end.session === 0) return;
		const side = end === this.dialler ? 0 : 1;
		const piece = Math.min(count, CHUNK_BYTES);
		for (let i = 0; i < piece; i++) this.#scratch[i] = streamByte(end.session, side, end.written + i);
		end.written += end.link.write(this.#scratch, 0, piece);
	}
	#readSome(end: End, max: number): void {
		const count = end.link.read(this.#scratch, 0, max);
		const side = end === this.dialler ? 1 : 0;
		for (let i = 0; i < count; i++)
			if (this.#scratch[i] !== streamByte(end.session, side, end.read + i))
				throw new Error(`byte ${end.read + i} of session ${end.epoch} is another`);
		end.read += count;
		this.counts.bytes += count;
	}
	#transmit(end: End, line: Line): void {
		const count = end.link.transmit(this.#scratch, 0, this.nowMs);
		for (let i = 0; i < count; i++) line.bytes.push(this.#scratch[i]!);
		this.#notice();
	}
	/** A piece of what is on the line, perhaps with a fault. */
	#deliver(line: Line, to: End): void {
		const random = this.#random;
		const piece = line.bytes.splice(0, 1 + random.below(CHUNK_BYTES));
		if (this.#trouble > 0 && random.chance(this.#trouble)) this.#spoil(piece);
		to.link.receive(Uint8Array.from(piece), 0, piece.length, this.nowMs);
		this.#notice();
	}
	#spoil(piece: number[]): void {
		const random = this.#random;
		const at = random.below(piece.length + 1);
		switch (random.below(6)) {
			case 0:
				piece.splice(at, 1 + random.below(64));
				return;
			case 1:
				if (at < piece.length) piece[at]! ^= 1 << random.below(8);
				return;
			case 2:
				piece.push(...piece.slice(at));
				return;
			case 3:
				piece.length = at;
				return;
			case 4:
				// A bridge that delivers two transfers in the wrong order.
				piece.push(...piece.splice(0, at));
				return;
			default:
				piece.splice(at, 0, ...Array.from({ length: random.below(20) }, () => random.below(256)));
		}
	}

	/** Sessions begin and end inside of the engines: both users start to count anew. */
	#notice(): void {
		for (const end of [this.dialler, this.listener]) {
			if (end.link.epoch !== end.epoch) {
				this.#forget(end);
				end.epoch = end.link.epoch;
				end.session = end.link.session;
				this.counts.sessions++;
			} else if (end.link.state < LINK_OPEN) this.#forget(end);
		}
	}
	#forget(end: End): void {
		end.epoch = end.link.epoch;
		end.written = end.read = 0;
		end.session = 0;
	}

	#settle(): void {
		const ends = [this.dialler, this.listener];
		const before = ends.map((end) => end.epoch);
		const open =
			ends.every((end) => end.link.state === LINK_OPEN) && this.dialler.link.session === this.listener.link.session;
		this.#exchange(400);
		if (open && ends.every((end, i) => end.epoch === before[i] && end.link.state >= LINK_OPEN)) {
			if (this.dialler.read !== this.listener.written || this.listener.read !== this.dialler.written)
				throw new Error("a session that stood lost the end of its stream");
			this.counts.wholeStreams++;
		}
		this.#beginAnew();
	}
	/** Whatever has happened, a quiet line carries a new session. */
	#beginAnew(): void {
		const { dialler, listener } = this;
		dialler.link.dial(this.#random.next(), this.nowMs);
		this.#notice();
		this.#exchange(40);
		if (stateOf(dialler) !== LINK_OPEN || dialler.link.session !== listener.link.session)
			throw new Error("an offer on a line without trouble was not answered");
		this.#write(dialler, CHUNK_BYTES);
		this.#write(listener, CHUNK_BYTES);
		dialler.link.end();
		listener.link.end();
		this.#exchange(40);
		if (stateOf(dialler) !== LINK_CLOSED || stateOf(listener) !== LINK_CLOSED)
			throw new Error("a session did not end in order");
		if (dialler.read !== listener.written || listener.read !== dialler.written || dialler.read < CHUNK_BYTES)
			throw new Error("a session that ended in order lost the end of its stream");
	}
	/** Everything moves, nothing is lost. */
	#exchange(rounds: number): void {
		for (let round = 0; round < rounds; round++) {
			this.#carry(this.dialler, this.#up, this.listener);
			this.#carry(this.listener, this.#down, this.dialler);
			this.nowMs += 20;
		}
	}
	#carry(end: End, line: Line, to: End): void {
		let count: number;
		while ((count = end.link.transmit(this.#scratch, 0, this.nowMs)) > 0)
			for (let i = 0; i < count; i++) line.bytes.push(this.#scratch[i]!);
		const bytes = Uint8Array.from(line.bytes.splice(0));
		to.link.receive(bytes, 0, bytes.length, this.nowMs);
		this.#notice();
		this.#readSome(to, CHUNK_BYTES);
	}
}

/** Behind a call: the compiler would take it for unchanged. */
function stateOf(end: End): number {
	return end.link.state;
}

/**
 * Frames that no honest peer sends, with checks that are right, into a link that is in use: nothing is thrown, and no limit is passed.
 */
export function inventFrames(link: SerialLink, random: Seeded): void {
	const body = createSerialBody();
	const line = new Uint8Array(FRAME_BYTES_MAX);
	const scratch = new Uint8Array(FRAME_BYTES_MAX);
	const nonce = random.next();
	let nowMs = 0;
	if (random.chance(2)) link.listen(random.next());
	else link.dial(nonce, 0);
	for (let i = 0; i < 100; i++) {
		const length = random.chance(3) ? random.below(PAYLOAD_BYTES_MAX + 1) : random.below(8);
		for (let at = 0; at < body.length; at++) body[at] = random.below(4) * 85;
		body[0] = random.below(8) | (random.chance(2) ? 0 : random.below(256) & 0xf0);
		for (let at = 1; at < 4; at++) body[at] = random.chance(2) ? random.below(12) : random.below(256);
		writeWord(body, 4, random.chance(8) ? nonce : link.session);
		if (random.chance(2)) writeWord(body, HEADER_BYTES, nonce);
		const count = encodeSerialFrame(body, HEADER_BYTES + length, line, 0);
		link.receive(line, 0, count, nowMs);
		link.write(scratch, 0, random.below(200));
		if (random.chance(3)) link.read(scratch, 0, random.below(200));
		while (link.transmit(scratch, 0, nowMs) > 0);
		nowMs += random.below(100);
	}
}
