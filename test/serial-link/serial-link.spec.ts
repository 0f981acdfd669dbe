import {
	createSerialBody,
	encodeSerialFrame,
	HEADER_BYTES,
	SerialFrameDecoder,
	BYTE_ENDS_FRAME,
	BYTE_IS_TEXT,
} from "../../src/net/serial-frame.js";
import {
	FRAME_BYTES_MAX,
	LINK_CLOSED,
	LINK_IDLE,
	LINK_OPEN,
	LINK_REFUSED,
	LINK_RESET,
	LINK_TIMEOUT,
	SerialLink,
} from "../../src/net/serial-link.js";
import { Seeded } from "../support/seeded.js";
import { inventFrames, Schedule } from "./schedule.js";

/** Two ends and a line that does what a test tells it to. */
class Pair {
	readonly text: number[] = [];
	dialler = new SerialLink({ textByte: (byte) => this.text.push(byte) });
	listener = new SerialLink(null);
	nowMs = 0;
	readonly #scratch = new Uint8Array(FRAME_BYTES_MAX);

	open(): this {
		this.listener.listen(2);
		this.dialler.dial(1, this.nowMs);
		this.exchange();
		expect(this.dialler.state).toBe(LINK_OPEN);
		expect(this.listener.session).toBe(this.dialler.session);
		return this;
	}
	/** Until nobody has anything to say at this moment. */
	exchange(): void {
		for (let moved = 1; moved > 0;) {
			const up = this.#carry(this.dialler, this.listener);
			const down = this.#carry(this.listener, this.dialler);
			moved = up + down;
		}
	}
	pass(milliseconds: number): void {
		for (let i = 0; i < milliseconds; i += 50) {
			this.nowMs += 50;
			this.exchange();
		}
	}
	/** What one side transmits now, not delivered. */
	taken(from: SerialLink): Uint8Array {
		const count = from.transmit(this.#scratch, 0, this.nowMs);
		return this.#scratch.slice(0, count);
	}
	give(to: SerialLink, bytes: Uint8Array): void {
		to.receive(bytes, 0, bytes.length, this.nowMs);
	}
	#carry(from: SerialLink, to: SerialLink): number {
		let bytes = 0;
		for (;;) {
			const count = from.transmit(this.#scratch, 0, this.nowMs);
			if (count === 0) return bytes;
			to.receive(this.#scratch, 0, count, this.nowMs);
			bytes += count;
		}
	}
}

function ascending(length: number, first = 0): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => (i + first) & 255);
}

function readAll(link: SerialLink): Uint8Array {
	const into = new Uint8Array(link.readable());
	expect(link.read(into, 0, into.length)).toBe(into.length);
	return into;
}

describe("a frame on a serial line", () => {
	it("is told from console text, whatever bytes it carries", () => {
		const decoder = new SerialFrameDecoder();
		const line = new Uint8Array(FRAME_BYTES_MAX);
		let text = "";
		let frames = 0;
		const body = createSerialBody();
		for (let length = 0; length <= 240; length += 5) {
			for (let i = 0; i < HEADER_BYTES + length; i++) body[i] = i % 3 === 0 ? 0 : i;
			const count = encodeSerialFrame(body, HEADER_BYTES + length, line, 0);
			expect(count).toBe(HEADER_BYTES + length + 8);
			for (const byte of new AsciiEncoder().encode("boot\n")) {
				expect(decoder.take(byte)).toBe(BYTE_IS_TEXT);
				text += String.fromCharCode(byte);
			}
			for (let i = 0; i < count; i++) {
				if (decoder.take(line[i]!) !== BYTE_ENDS_FRAME) continue;
				frames++;
				expect(decoder.length).toBe(HEADER_BYTES + length);
				for (let at = 0; at < decoder.length; at++) expect(decoder.body[at]).toBe(at % 3 === 0 ? 0 : at & 255);
			}
		}
		expect(frames).toBe(49);
		expect(text).toBe("boot\n".repeat(49));
		expect(decoder.damaged).toBe(0);
	});
});

/** ASCII only: XS has no TextEncoder. */
class AsciiEncoder {
	encode(text: string): Uint8Array {
		return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
	}
}

describe("a serial link", () => {
	it("carries bytes both ways, and no more than the other side has room for", () => {
		const { dialler, listener, ...pair } = handles();
		const bytes = ascending(5000);
		let sent = 0;
		while (sent < bytes.length) {
			const taken = dialler.write(bytes, sent, bytes.length - sent);
			if (taken === 0) break;
			sent += taken;
			pair.exchange();
		}
		expect(listener.readable()).toBe(1920);
		expect(dialler.writable()).toBe(0);
		const got: number[] = [];
		while (got.length < bytes.length) {
			got.push(...readAll(listener));
			pair.exchange();
			sent += dialler.write(bytes, sent, bytes.length - sent);
			pair.exchange();
		}
		expect(Uint8Array.from(got)).toEqual(bytes);
	});

	it("answers the same offer in the same way, and lets a present session stand until a new one is used", () => {
		const pair = new Pair().open();
		const session = pair.listener.session;
		const stranger = new SerialLink(null);
		stranger.dial(77, 0);
		const offer = pair.taken(stranger);
		pair.give(pair.listener, offer);
		pair.give(pair.listener, offer);
		expect(pair.listener.session).toBe(session);
		const answer = pair.taken(pair.listener);
		expect(pair.taken(pair.listener).length).toBe(0);
		pair.give(stranger, answer);
		pair.give(pair.listener, offer);
		expect(pair.taken(pair.listener)).toEqual(answer);
		pair.give(pair.listener, pair.taken(stranger));
		expect(pair.listener.session).toBe(stranger.session);
		expect(pair.listener.epoch).toBe(2);
	});

	it("keeps an offered session when its dialler still refuses the one before", () => {
		const pair = new Pair().open();
		const { listener } = pair;
		const before = listener.session;
		listener.write(ascending(10), 0, 10);
		const late = pair.taken(listener);
		const dialler = new SerialLink(null);
		pair.dialler = dialler;
		dialler.dial(9, pair.nowMs);
		pair.give(listener, pair.taken(dialler));
		pair.give(dialler, pair.taken(listener));
		pair.give(dialler, late);
		pair.exchange();
		expect(dialler.state).toBe(LINK_OPEN);
		expect(listener.state).toBe(LINK_OPEN);
		expect(listener.session).toBe(dialler.session);
		expect(listener.session).not.toBe(before);
	});

	it("is not begun again by a late frame once it was refused, whatever offers were repeated", () => {
		const pair = new Pair();
		const { dialler, listener } = pair;
		listener.listen(2);
		dialler.dial(1, 0);
		const offer = pair.taken(dialler);
		pair.give(listener, offer);
		pair.exchange();
		dialler.write(ascending(10), 0, 10);
		const late = pair.taken(dialler);
		pair.give(listener, offer);
		dialler.abort();
		pair.exchange();
		expect(listener.state).toBe(LINK_IDLE);
		pair.give(listener, late);
		expect(listener.state).toBe(LINK_IDLE);
	});

	it("is ended by a peer that began anew and does not know the session", () => {
		const pair = new Pair().open();
		pair.listener = new SerialLink(null);
		pair.listener.listen(3);
		pair.dialler.write(ascending(10), 0, 10);
		pair.exchange();
		expect(pair.dialler.state).toBe(LINK_IDLE);
		expect(pair.dialler.error).toBe(LINK_RESET);
		pair.open();
	});

	it("is refused where nobody listens, and where another version is spoken", () => {
		const pair = new Pair();
		pair.dialler.dial(1, 0);
		pair.exchange();
		expect(pair.dialler.error).toBe(LINK_REFUSED);
		expect(pair.dialler.state).toBe(LINK_IDLE);
	});

	it("takes as many bytes as it said it would, whatever was transmitted meanwhile", () => {
		const pair = new Pair().open();
		for (let i = 0; i < 40; i++) {
			pair.dialler.write(ascending(100), 0, 100);
			const room = pair.dialler.writable();
			pair.taken(pair.dialler);
			expect(pair.dialler.write(new Uint8Array(room), 0, room)).toBe(room);
			pair.exchange();
			readAll(pair.listener);
			pair.exchange();
		}
	});

	it("gives up a peer that has gone silent, after asking it", () => {
		const pair = new Pair().open();
		pair.listener = new SerialLink(null);
		const deaf = { ...pair };
		for (let ms = 0; ms < 9_900; ms += 100) {
			pair.nowMs += 100;
			while (pair.taken(deaf.dialler).length > 0);
		}
		expect(pair.dialler.state).toBe(LINK_OPEN);
		pair.nowMs += 200;
		pair.taken(pair.dialler);
		expect(pair.dialler.error).toBe(LINK_TIMEOUT);
		expect(pair.dialler.dueMs(pair.nowMs)).toBe(Infinity);
	});

	it("stays open while nobody has anything to say", () => {
		const pair = new Pair().open();
		pair.pass(60_000);
		expect(pair.dialler.state).toBe(LINK_OPEN);
		expect(pair.listener.state).toBe(LINK_OPEN);
	});

	it("ends in order when both sides have ended, with everything delivered", () => {
		const pair = new Pair().open();
		pair.dialler.write(ascending(300), 0, 300);
		pair.dialler.end();
		pair.exchange();
		expect(pair.listener.peerEnded).toBeTrue();
		expect(pair.listener.state).toBe(LINK_OPEN);
		pair.listener.write(ascending(100, 9), 0, 100);
		pair.listener.end();
		pair.exchange();
		expect(pair.dialler.state).toBe(LINK_CLOSED);
		expect(pair.listener.state).toBe(LINK_CLOSED);
		expect(readAll(pair.listener)).toEqual(ascending(300));
		expect(readAll(pair.dialler)).toEqual(ascending(100, 9));
	});

	it("repeats a lost frame as soon as the next one arrives", () => {
		const pair = new Pair().open();
		pair.dialler.write(ascending(720), 0, 720);
		pair.taken(pair.dialler);
		pair.exchange();
		expect(readAll(pair.listener)).toEqual(ascending(720));
		expect(pair.nowMs).toBe(0);
		expect(pair.dialler.framesRepeated).toBe(3);
	});

	it("survives a restart of either side at every byte of a conversation", () => {
		for (const restarted of ["dialler", "listener"] as const) {
			for (let at = 1; ; at++) {
				const pair = new Pair();
				pair.listener.listen(2);
				pair.dialler.dial(1, 0);
				if (!restartAt(pair, restarted, at)) break;
				pair.pass(700);
				if (pair.dialler.state !== LINK_OPEN) pair.dialler.dial(1000 + at, pair.nowMs);
				pair.pass(700);
				expect(pair.dialler.state).withContext(`${restarted} ${at}`).toBe(LINK_OPEN);
				expect(pair.listener.session).toBe(pair.dialler.session);
				readAll(pair.listener);
				pair.dialler.write(ascending(50, at), 0, 50);
				pair.exchange();
				expect(readAll(pair.listener)).toEqual(ascending(50, at));
			}
		}
	});

	it("loses and doubles nothing on lines with every fault, and can always begin anew", () => {
		const counts = { steps: 0, bytes: 0, sessions: 0, wholeStreams: 0 };
		for (let seed = 1; seed <= 60; seed++) new Schedule(new Seeded(seed), counts).run(100);
		expect(counts.bytes).toBeGreaterThan(20_000);
		expect(counts.wholeStreams).toBeGreaterThan(5);
	});

	it("bears frames that no honest peer sends", () => {
		for (let seed = 1; seed <= 100; seed++) {
			const link = new SerialLink(null);
			inventFrames(link, new Seeded(seed));
			expect(link.readable()).toBeLessThanOrEqual(2048);
			expect(link.writable()).toBeLessThanOrEqual(8 * 240);
		}
	});
});

function handles() {
	const pair = new Pair().open();
	return { dialler: pair.dialler, listener: pair.listener, exchange: () => pair.exchange() };
}

/** Carries a conversation byte by byte and replaces one side after `at` bytes; false when the conversation is shorter. */
function restartAt(pair: Pair, side: "dialler" | "listener", at: number): boolean {
	let carried = 0;
	let written = false;
	for (;;) {
		const up = pair.taken(pair.dialler);
		const down = up.length > 0 ? up : pair.taken(pair.listener);
		if (down.length === 0) {
			if (written) return false;
			written = true;
			pair.dialler.write(ascending(30), 0, 30);
			pair.listener.write(ascending(30), 0, 30);
			continue;
		}
		const to = up.length > 0 ? pair.listener : pair.dialler;
		const left = at - carried;
		pair.give(to, down.subarray(0, Math.min(left, down.length)));
		carried += down.length;
		if (left > down.length) continue;
		pair[side] = new SerialLink(null);
		if (side === "listener") pair.listener.listen(at + 5);
		else pair.dialler.dial(at + 5, pair.nowMs);
		const rest = down.subarray(left);
		pair.give(up.length > 0 ? pair.listener : pair.dialler, rest);
		return true;
	}
}
