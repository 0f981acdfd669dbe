import {
	ACCEPT,
	ACK,
	BYTE_ENDS_FRAME,
	BYTE_IS_TEXT,
	createSerialBody,
	DATA,
	encodeSerialFrame,
	END,
	FRAME_BYTES_MAX,
	GAP,
	HEADER_BYTES,
	KIND,
	OPEN,
	PAYLOAD_BYTES_MAX,
	POLL,
	readWord,
	RESET,
	SerialFrameDecoder,
	writeWord,
} from "./serial-frame.js";
import { crc32 } from "../base/crc32.js";
import { RECEIVED_BYTES_MAX, ReceivedBytes, WINDOW, WindowFrames } from "./serial-buffers.js";
import { RoundTrip } from "./round-trip.js";

export { FRAME_BYTES_MAX };

// The serial link, as docs/serial-link.md has it. modules/serial-link is its exact equal in C, which devices use: change both.

const VERSION = 1;

/** No session; perhaps waiting for one that dials. */
export const LINK_IDLE = 0;
/** Dialling. */
export const LINK_OPENING = 1;
export const LINK_OPEN = 2;
/** Both sides have said that they are done; what was received can still be read. */
export const LINK_CLOSED = 3;

/** Why the latest session ended, or never began. */
export const LINK_OK = 0;
/** The other side began anew, or gave this session up. */
export const LINK_RESET = 1;
/** Nothing was heard for `SILENCE_MS`. */
export const LINK_TIMEOUT = 2;
/** The other side does not wait for anybody. */
export const LINK_REFUSED = 3;

const OPEN_INTERVAL_MS = 250;
/** Silence after which the other side is asked whether it is there, and after which it is given up. */
const KEEPALIVE_MS = 3000;
const SILENCE_MS = 10_000;

/** Is given the console text that shares the line, a byte at a time. */
export interface SerialText {
	textByte(byte: number): void;
}

/**
 * One end of a serial link: a reliable, ordered byte stream with a beginning and an end over a line that loses, damages and repeats bytes.
 * No I/O and no clock: bytes from the line go into `receive`, bytes for it come out of `transmit`, times are arguments (whole
 * milliseconds that never go back), and nothing is called back. Allocates when it is made, and never again.
 *
 * Life of a session: idle → (dialling) opening → open → closed, or idle again with an `error`. `epoch` counts the sessions that were open.
 */
export class SerialLink {
	state = LINK_IDLE;
	epoch = 0;
	error = LINK_OK;
	/** The peer writes no more; everything it wrote is here or was read. */
	peerEnded = false;
	/** Counted since the link was made. */
	framesIn = 0;
	framesOut = 0;
	framesRepeated = 0;
	readonly #decoder = new SerialFrameDecoder();
	readonly #text: SerialText | null;
	readonly #body = createSerialBody();
	/** What was written and is not acknowledged. */
	readonly #out = new WindowFrames();
	readonly #in = new ReceivedBytes();
	#session = 0;
	#nonce = 0;
	#listening = false;
	#accepted = 0;
	/** A dialler whose offer was answered but who has not used the new session yet: the present one stands until then. */
	#candidate = 0;
	#candidateNonce = 0;
	#ownNonce = 0;
	// Sequence numbers, modulo 256, in the order that they keep: unacknowledged ≤ next ≤ sent ≤ filled.
	#unacknowledged = 0;
	#next = 0;
	#sent = 0;
	#filled = 0;
	/** Up to here, exclusive, the peer has room. */
	#edge = 0;
	#expected = 0;
	#edgeTold = 0;
	#gapTold = false;
	/** What the last go-back was for. */
	#wentBackTo = -1;
	#endQueued = false;
	#ackDue = false;
	#gapDue = false;
	#pollDue = false;
	#acceptDue = false;
	#resetDue = false;
	#resetSession = 0;
	#openAtMs = 0;
	#retransmitAtMs = Infinity;
	#pollAtMs = Infinity;
	#heardMs = 0;
	/** When the keepalive asks next. */
	#askAtMs = 0;
	/** A frame of this session has come from the other side. */
	#confirmed = false;
	readonly #trip = new RoundTrip();
	#timedFrame = -1;
	#timedMs = 0;

	constructor(text: SerialText | null) {
		this.#text = text;
	}

	get framesDamaged(): number {
		return this.#decoder.damaged;
	}
	/** The number that both ends know the present session by; 0 without. */
	get session(): number {
		return this.#session;
	}

	/** Offers a session; `nonce` (32 random bits) tells it from every earlier one. Ends the present session. */
	dial(nonce: number, nowMs: number): void {
		this.abort();
		this.#forgetOffer();
		this.#nonce = nonce;
		this.state = LINK_OPENING;
		this.#openAtMs = this.#heardMs = nowMs;
	}
	/** From now on whoever dials is answered. `seed` (32 random bits) tells these sessions from those of an earlier run. */
	listen(seed: number): void {
		this.#listening = true;
		this.#ownNonce = seed;
		// A peer with a session of an earlier run of this program would learn that it is over only when it has something to say.
		if (this.#session === 0) this.#refuse(0);
	}
	/** Answers nobody any more; the present session goes on. */
	deafen(): void {
		this.#listening = false;
		this.#forgetOffer();
	}

	readable(): number {
		return this.#in.count;
	}
	read(into: Uint8Array, offset: number, max: number): number {
		const count = this.#in.take(into, offset, max);
		// Told once it is worth a frame: the peer may be waiting for it.
		if (this.state === LINK_OPEN && ((this.#windowEdge() - this.#edgeTold) & 255) >= WINDOW / 2) this.#ackDue = true;
		return count;
	}
	/** What `write` takes at least. The rest of a frame that was begun is not counted: it may be transmitted before the bytes come. */
	writable(): number {
		if (this.state !== LINK_OPEN || this.#endQueued) return 0;
		return (WINDOW - ((this.#filled - this.#unacknowledged) & 255)) * PAYLOAD_BYTES_MAX;
	}
	write(from: Uint8Array, offset: number, length: number): number {
		let taken = 0;
		const room = this.writable() + (this.state === LINK_OPEN ? this.#roomInLast() : 0);
		const end = length < room ? length : room;
		while (taken < end) {
			let left = this.#roomInLast();
			if (left === 0) {
				this.#fill(DATA);
				left = PAYLOAD_BYTES_MAX;
			}
			const count = end - taken < left ? end - taken : left;
			this.#out.append(this.#filled - 1, from, offset + taken, count);
			taken += count;
		}
		return taken;
	}
	/** Nothing more will be written. False when there is no room for saying so now: call again after acknowledgements. */
	end(): boolean {
		if (this.state !== LINK_OPEN || this.#endQueued) return true;
		if (((this.#filled - this.#unacknowledged) & 255) === WINDOW) return false;
		this.#fill(END);
		this.#endQueued = true;
		return true;
	}
	/** Ends the session at once, or gives dialling up; the peer is told. */
	abort(): void {
		if (this.state === LINK_OPEN) this.#refuse(this.#session);
		this.#leave(LINK_OK);
	}

	/** Takes all `length` bytes from the line. */
	receive(from: Uint8Array, offset: number, length: number, nowMs: number): void {
		const end = offset + length;
		const decoder = this.#decoder;
		const text = this.#text;
		for (let i = offset; i < end; i++) {
			const byte = from[i]!;
			const what = decoder.take(byte);
			if (what === BYTE_ENDS_FRAME) {
				this.framesIn++;
				this.#receiveFrame(decoder.body, decoder.length, nowMs);
			} else if (what === BYTE_IS_TEXT && text !== null) text.textByte(byte);
		}
	}
	/** When `transmit` has something to do if nothing else happens: `nowMs` for at once, Infinity for never. */
	dueMs(nowMs: number): number {
		if (this.#resetDue || this.#acceptDue) return nowMs;
		if (this.state === LINK_OPENING) return this.#openAtMs;
		if (this.#session === 0) return Infinity;
		if (this.#ackDue || this.#pollDue || this.#mayTransmit()) return nowMs;
		if (this.state !== LINK_OPEN) return Infinity;
		const silence = this.#heardMs + SILENCE_MS;
		let due = this.#askAtMs < silence ? this.#askAtMs : silence;
		if (this.#pollAtMs < due) due = this.#pollAtMs;
		return this.#retransmitAtMs < due ? this.#retransmitAtMs : due;
	}
	/**
	 * Writes the next frame for the line to `into`, where FRAME_BYTES_MAX have room, and returns its length; 0 when there is none now. Call
	 * it until then after everything else.
	 */
	transmit(into: Uint8Array, offset: number, nowMs: number): number {
		if (!this.#resetDue && this.state === LINK_OPEN) this.#keepTime(nowMs);
		if (this.#resetDue) {
			this.#resetDue = false;
			return this.#frame(RESET, this.#resetSession, 0, into, offset);
		}
		if (this.state === LINK_OPENING) return this.#offer(into, offset, nowMs);
		if (this.#acceptDue) return this.#accept(into, offset);
		if (this.#session === 0) return 0;
		if (this.#mayTransmit()) return this.#transmitNext(into, offset, nowMs);
		if (!this.#ackDue && !this.#pollDue) return 0;
		return this.#frame(ACK, this.#session, 0, into, offset);
	}

	#roomInLast(): number {
		if (this.#filled === this.#sent || this.#endQueued) return 0;
		return this.#out.roomOf(this.#filled - 1);
	}
	#fill(kind: number): void {
		this.#out.begin(this.#filled, kind);
		this.#filled = (this.#filled + 1) & 255;
	}
	#mayTransmit(): boolean {
		const room = (this.#edge - this.#next) & 255;
		return this.#next !== this.#filled && room !== 0 && room <= WINDOW;
	}
	#windowEdge(): number {
		const frames = ((RECEIVED_BYTES_MAX - this.#in.count) / PAYLOAD_BYTES_MAX) | 0;
		return (this.#expected + (frames < WINDOW ? frames : WINDOW)) & 255;
	}

	/** What is due by the clock. */
	#keepTime(nowMs: number): void {
		if (nowMs - this.#heardMs >= SILENCE_MS) {
			this.#refuse(this.#session);
			this.#leave(LINK_TIMEOUT);
			return;
		}
		if (nowMs >= this.#retransmitAtMs) {
			this.#trip.backOff();
			this.#goBack();
			this.#retransmitAtMs = nowMs + this.#trip.retransmitMs;
		}
		// A window that is shut opens with a frame that may get lost, and a session begins on the other side with our first frame.
		const shut = this.#next !== this.#filled && this.#edge === this.#next && this.#unacknowledged === this.#sent;
		if (!shut && this.#confirmed) this.#pollAtMs = Infinity;
		else if (nowMs >= this.#pollAtMs) {
			this.#pollDue = true;
			this.#pollAtMs = nowMs + this.#trip.retransmitMs;
		} else if (this.#pollAtMs === Infinity) this.#pollAtMs = nowMs + this.#trip.retransmitMs;
		if (nowMs < this.#askAtMs) return;
		this.#pollDue = true;
		this.#askAtMs = nowMs + KEEPALIVE_MS;
	}
	#goBack(): void {
		this.#next = this.#unacknowledged;
		this.#timedFrame = -1;
	}

	#offer(into: Uint8Array, offset: number, nowMs: number): number {
		if (nowMs < this.#openAtMs) return 0;
		this.#openAtMs = nowMs + OPEN_INTERVAL_MS;
		this.#body[HEADER_BYTES] = VERSION;
		return this.#frame(OPEN, this.#nonce, 1, into, offset);
	}
	#accept(into: Uint8Array, offset: number): number {
		this.#acceptDue = false;
		writeWord(this.#body, HEADER_BYTES, this.#candidateNonce);
		return this.#frame(ACCEPT, this.#candidate, 4, into, offset);
	}
	#transmitNext(into: Uint8Array, offset: number, nowMs: number): number {
		const length = this.#out.copy(this.#next, this.#body, HEADER_BYTES);
		if (this.#next === this.#sent) {
			this.#sent = (this.#sent + 1) & 255;
			if (this.#timedFrame < 0) {
				this.#timedFrame = this.#next;
				this.#timedMs = nowMs;
			}
		} else this.framesRepeated++;
		if (this.#retransmitAtMs === Infinity) this.#retransmitAtMs = nowMs + this.#trip.retransmitMs;
		const written = this.#frame(this.#out.kindOf(this.#next), this.#session, length, into, offset);
		this.#next = (this.#next + 1) & 255;
		return written;
	}
	/** The payload is in the body already. */
	#frame(kind: number, session: number, length: number, into: Uint8Array, offset: number): number {
		const body = this.#body;
		const within = kind === DATA || kind === END || kind === ACK;
		body[0] = kind | (within && this.#pollDue ? POLL : 0) | (within && this.#gapDue ? GAP : 0);
		body[1] = kind === DATA || kind === END ? this.#next : 0;
		body[2] = within ? this.#expected : 0;
		const edge = this.#windowEdge();
		body[3] = within ? (edge - this.#expected) & 255 : 0;
		writeWord(body, 4, session);
		if (within) {
			this.#edgeTold = edge;
			this.#ackDue = this.#gapDue = this.#pollDue = false;
		}
		this.framesOut++;
		return encodeSerialFrame(body, HEADER_BYTES + length, into, offset);
	}

	#receiveFrame(body: Uint8Array, length: number, nowMs: number): void {
		const kind = body[0]! & KIND;
		const session = readWord(body, 4);
		if (kind === OPEN) this.#receiveOpen(body, length, session);
		else if (kind === ACCEPT) this.#receiveAccept(body, length, session, nowMs);
		else if (kind === RESET) this.#receiveReset(session);
		else if (kind === DATA || kind === END || kind === ACK) {
			if (session === this.#candidate && session !== 0) this.#begin(session, nowMs);
			if (session === this.#session && session !== 0) this.#receiveWithin(body, length, kind, nowMs);
			else this.#refuse(session);
		}
	}
	/** The same offer again gets the same answer, whatever has happened since. */
	#receiveOpen(body: Uint8Array, length: number, nonce: number): void {
		if (!this.#listening || length <= HEADER_BYTES || body[HEADER_BYTES] !== VERSION) return this.#refuse(nonce);
		this.#acceptDue = true;
		if (nonce === this.#candidateNonce && this.#candidate !== 0) return;
		this.#candidateNonce = nonce;
		if (nonce === this.#nonce && this.#session !== 0) {
			this.#candidate = this.#session;
			return;
		}
		this.#accepted = (this.#accepted + 1) | 0;
		writeWord(this.#body, 0, nonce);
		writeWord(this.#body, 4, this.#ownNonce);
		writeWord(this.#body, 8, this.#accepted);
		this.#candidate = crc32(this.#body, 0, 12) || 1;
	}
	#receiveAccept(body: Uint8Array, length: number, session: number, nowMs: number): void {
		if (length !== HEADER_BYTES + 4 || readWord(body, HEADER_BYTES) !== this.#nonce || session === 0) return;
		if (this.state === LINK_OPENING) this.#begin(session, nowMs);
		// Nothing but this tells the other side that its answer has come.
		if (session === this.#session) this.#ackDue = true;
	}
	/** Opens; what was left of an earlier session goes. On the listening side the dialler's nonce is kept, for its offers that still arrive. */
	#begin(session: number, nowMs: number): void {
		if (session === this.#session) return this.#forgetOffer();
		if (session === this.#candidate) this.#nonce = this.#candidateNonce;
		this.#forgetOffer();
		this.#leave(LINK_OK);
		this.#session = session;
		this.state = LINK_OPEN;
		this.epoch++;
		this.#heardMs = nowMs;
		this.#askAtMs = nowMs + KEEPALIVE_MS;
		this.#edge = WINDOW;
	}
	#receiveReset(session: number): void {
		if (this.state === LINK_OPENING && session === this.#nonce) this.#leave(LINK_REFUSED);
		else if (this.#session !== 0 && (session === this.#session || session === 0)) {
			// What is left to be heard of a peer that has ended was only that it knows of our end.
			if (this.state === LINK_CLOSED || (this.peerEnded && this.#endQueued)) this.#close();
			else this.#leave(LINK_RESET);
			this.#forgetSession();
		}
	}
	#receiveWithin(body: Uint8Array, length: number, kind: number, nowMs: number): void {
		this.#heardMs = nowMs;
		this.#askAtMs = nowMs + KEEPALIVE_MS;
		this.#confirmed = true;
		if ((body[0]! & POLL) !== 0) this.#ackDue = true;
		this.#acknowledge(body[2]!, body[3]!, (body[0]! & GAP) !== 0, nowMs);
		if (kind === ACK) return;
		this.#ackDue = true;
		if (this.state === LINK_CLOSED) return;
		const ahead = (body[1]! - this.#expected) & 255;
		if (ahead !== 0) {
			if (ahead < WINDOW && !this.#gapTold) this.#gapDue = this.#gapTold = true;
			return;
		}
		if (this.peerEnded || length - HEADER_BYTES > RECEIVED_BYTES_MAX - this.#in.count) return;
		this.#in.put(body, HEADER_BYTES, length - HEADER_BYTES);
		this.#expected = (this.#expected + 1) & 255;
		this.#gapTold = false;
		if (kind === END) this.peerEnded = true;
		this.#closeIfDone();
	}
	#acknowledge(acknowledged: number, credit: number, gap: boolean, nowMs: number): void {
		const count = (acknowledged - this.#unacknowledged) & 255;
		const flying = (this.#sent - this.#unacknowledged) & 255;
		// Older than what is known already, or made up.
		if (count > flying || credit > WINDOW) return;
		const edge = (acknowledged + credit) & 255;
		// A repeated frame may tell of less room than there is by now.
		if (((edge - this.#unacknowledged) & 255) > ((this.#edge - this.#unacknowledged) & 255)) this.#edge = edge;
		if (count > 0) {
			if (this.#timedFrame >= 0 && ((this.#timedFrame - this.#unacknowledged) & 255) < count) {
				this.#trip.measure(nowMs - this.#timedMs);
				this.#timedFrame = -1;
			}
			if (((this.#next - this.#unacknowledged) & 255) < count) this.#next = acknowledged;
			this.#unacknowledged = acknowledged;
			this.#wentBackTo = -1;
			this.#retransmitAtMs = this.#unacknowledged === this.#sent ? Infinity : nowMs + this.#trip.retransmitMs;
		}
		if (gap && this.#unacknowledged !== this.#sent && this.#wentBackTo !== this.#unacknowledged) {
			this.#wentBackTo = this.#unacknowledged;
			this.#goBack();
		}
		this.#closeIfDone();
	}

	#refuse(session: number): void {
		this.#resetDue = true;
		this.#resetSession = session;
	}
	#closeIfDone(): void {
		if (this.state === LINK_OPEN && this.peerEnded && this.#endQueued && this.#unacknowledged === this.#filled)
			this.#close();
	}
	/** The session is still known, so that an end that comes again is acknowledged again. */
	#close(): void {
		this.state = LINK_CLOSED;
		this.#retransmitAtMs = this.#pollAtMs = Infinity;
		this.#next = this.#sent = this.#unacknowledged = this.#filled;
	}
	#leave(error: number): void {
		this.state = LINK_IDLE;
		this.error = error;
		this.#forgetSession();
		this.#in.clear();
		this.#unacknowledged = this.#next = this.#sent = this.#filled = this.#edge = 0;
		this.#expected = this.#edgeTold = 0;
		this.peerEnded = this.#endQueued = this.#gapTold = false;
		this.#ackDue = this.#gapDue = this.#pollDue = false;
		this.#retransmitAtMs = this.#pollAtMs = Infinity;
		this.#wentBackTo = this.#timedFrame = -1;
		this.#trip.forget();
		this.#confirmed = false;
	}
	/** An offer of another session stands: its dialler may be ending the present one only now. A late frame of a dead session begins nothing. */
	#forgetSession(): void {
		if (this.#candidate === this.#session) this.#forgetOffer();
		this.#session = 0;
	}
	#forgetOffer(): void {
		this.#candidate = this.#candidateNonce = 0;
		this.#acceptDue = false;
	}
}
