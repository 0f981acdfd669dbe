import type { Alarm, AlarmHandler, Clock } from "../ports/clock.js";
import type { PeerTransport } from "../ports/network.js";
import type { Transport, TransportError, TransportEvents } from "../ports/transport.js";
import {
	FRAME_BYTES_MAX,
	LINK_CLOSED,
	LINK_IDLE,
	LINK_OK,
	LINK_OPEN,
	LINK_REFUSED,
	LINK_TIMEOUT,
	SerialLink,
	type SerialText,
} from "./serial-link.js";

/** How long a stream that we have closed may take to end. */
const CLOSE_TIMEOUT_MS = 2000;
/** A line that has no room for a frame just now is asked again after this. */
const LINE_RETRY_MS = 2;

/** Is told of the sessions of a line. Nothing is called from inside a call. */
export interface SerialSessions {
	/** Gives the stream of a session that has begun; the one before it has ended. */
	opened(stream: SerialStream): void;
	/** The session that was dialled could not be had. */
	refused(error: TransportError): void;
	/** The line itself is gone. Nothing follows. */
	lost(error: TransportError | null): void;
}

/**
 * The serial link on a line of bytes, which it owns: moves bytes between line and engine, keeps its time, and makes a stream of each
 * session. Carrying bytes allocates nothing.
 */
export class SerialLine implements TransportEvents, AlarmHandler {
	readonly name: string;
	readonly #line: Transport;
	readonly #clock: Clock;
	readonly #alarm: Alarm;
	readonly #sessions: SerialSessions;
	readonly #link: SerialLink;
	readonly #scratch = new Uint8Array(2 * FRAME_BYTES_MAX);
	#stream: SerialStream | null = null;
	#epoch = 0;
	#dialling = false;
	/** For the one session that was dialled: the line is closed with it. */
	#single = false;
	#closed = false;

	/** `text` is given what stands between the frames. */
	constructor(line: Transport, name: string, clock: Clock, sessions: SerialSessions, text: SerialText | null) {
		this.name = name;
		this.#line = line;
		this.#clock = clock;
		this.#sessions = sessions;
		this.#link = new SerialLink(text);
		this.#alarm = clock.createAlarm(this);
	}

	/** `nonce`: 32 random bits. The line is given back when the session ends. */
	dial(nonce: number): void {
		this.#link.dial(nonce, this.#nowMs());
		this.#dialling = this.#single = true;
		this.#start();
	}
	/** `seed`: 32 random bits. */
	listen(seed: number): void {
		this.#link.listen(seed);
		this.#start();
	}
	/** Ends the present session at once and gives the line back. `lost` does not follow. */
	close(): void {
		if (this.#closed) return;
		this.#link.deafen();
		// Of a session that has ended, received bytes can still be read, and an acknowledgement may be due.
		if (this.#link.state !== LINK_CLOSED) this.#link.abort();
		this.pump();
		this.#closed = true;
		this.#alarm.close();
		this.#line.close();
		const stream = this.#stream;
		this.#stream = null;
		if (stream !== null) stream.over(null);
	}

	onReadable(): void {
		const scratch = this.#scratch;
		let count: number;
		while (!this.#closed && (count = this.#line.read(scratch, 0, scratch.length)) > 0) {
			this.#link.receive(scratch, 0, count, this.#nowMs());
			this.#look();
		}
		this.pump();
	}
	onWritable(): void {
		this.pump();
	}
	onAlarm(): void {
		this.pump();
		this.#look();
		// Ending a stream, or reading for one that is closed, may have left something to say.
		this.pump();
	}
	onClosed(error: TransportError | null): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#alarm.close();
		const stream = this.#stream;
		this.#stream = null;
		const reason = error ?? { kind: "reset", message: `${this.name} was closed by the other side` };
		if (stream !== null) stream.over(reason);
		this.#sessions.lost(error);
	}

	/** For streams: moves what the engine has to say to the line, and looks again when the engine wants it. Calls nobody. */
	pump(): void {
		if (this.#closed) return;
		const nowMs = this.#nowMs();
		const scratch = this.#scratch;
		let moved = false;
		while (this.#line.writable() >= FRAME_BYTES_MAX) {
			const count = this.#link.transmit(scratch, 0, nowMs);
			if (count === 0) break;
			this.#line.write(scratch, 0, count);
			moved = true;
		}
		if (moved) this.#line.flush();
		if (this.#hasNews()) return this.#alarm.set(nowMs);
		let dueMs = this.#link.dueMs(nowMs);
		if (dueMs <= nowMs) dueMs = nowMs + LINE_RETRY_MS;
		if (this.#stream !== null && this.#stream.closeByMs < dueMs) dueMs = this.#stream.closeByMs;
		this.#alarm.set(dueMs);
	}
	get link(): SerialLink {
		return this.#link;
	}
	/** Has `onAlarm` look soon. */
	wake(): void {
		if (!this.#closed) this.#alarm.set(this.#nowMs());
	}
	setCloseTimeout(stream: SerialStream): void {
		stream.closeByMs = this.#nowMs() + CLOSE_TIMEOUT_MS;
	}

	#start(): void {
		this.#line.events = this;
		this.pump();
	}
	#nowMs(): number {
		return Math.floor(this.#clock.nowMs());
	}
	/** Something that a user has not been told yet. */
	#hasNews(): boolean {
		const link = this.#link;
		if (link.epoch !== this.#epoch) return true;
		if (this.#dialling) return link.state === LINK_IDLE;
		return this.#stream !== null && (link.state !== LINK_OPEN || this.#stream.hasNews(link));
	}
	/** Tells users what has changed. */
	#look(): void {
		const link = this.#link;
		if (this.#closed) return;
		if (link.epoch !== this.#epoch) {
			this.#endStream({ kind: "reset", message: `${this.name}: the other side began anew` });
			this.#epoch = link.epoch;
			this.#dialling = false;
			this.#stream = new SerialStream(this, this.#epoch);
			this.#sessions.opened(this.#stream);
		}
		if (this.#dialling && link.state === LINK_IDLE) {
			this.#dialling = false;
			const message = `${this.name}: there is somebody, who does not wait for connections on this line`;
			this.#sessions.refused({ kind: "refused", message });
		}
		const stream = this.#stream;
		if (stream === null) return;
		stream.look(link, this.#scratch, this.#nowMs());
		if (link.state === LINK_IDLE) this.#endStream(this.#errorOf(link.error));
		else if (link.state === LINK_CLOSED) this.#endStream(null);
	}
	#endStream(error: TransportError | null): void {
		const stream = this.#stream;
		this.#stream = null;
		if (stream === null) return;
		if (this.#single) this.close();
		stream.over(error);
	}
	#errorOf(code: number): TransportError | null {
		if (code === LINK_OK) return null;
		if (code === LINK_TIMEOUT) return { kind: "timeout", message: `${this.name}: the other side has gone silent` };
		if (code === LINK_REFUSED) return { kind: "refused", message: `${this.name}: the other side does not listen` };
		return { kind: "reset", message: `${this.name}: the other side was started anew, or gave the connection up` };
	}
}

/** The stream of one session. */
export class SerialStream implements PeerTransport {
	readonly peerDigest = null;
	readonly peerName: string;
	/** For `SerialLine`. */
	closeByMs = Infinity;
	readonly #line: SerialLine;
	readonly #epoch: number;
	#events: TransportEvents | null = null;
	/** What was readable when it was last told. */
	#told = 0;
	#starved = false;
	#closing = false;
	#over = false;
	#error: TransportError | null = null;

	/** Made by `SerialLine` alone. */
	constructor(line: SerialLine, epoch: number) {
		this.#line = line;
		this.#epoch = epoch;
		this.peerName = line.name;
	}

	get events(): TransportEvents | null {
		return this.#events;
	}
	set events(events: TransportEvents | null) {
		this.#events = events;
		this.#told = 0;
		if (events !== null) this.#line.wake();
	}

	readable(): number {
		return this.#isPresent() && !this.#closing ? this.#line.link.readable() : 0;
	}
	read(into: Uint8Array, offset: number, max: number): number {
		if (this.readable() === 0) return 0;
		const count = this.#line.link.read(into, offset, max);
		this.#told = this.#line.link.readable();
		this.#line.pump();
		return count;
	}
	writable(): number {
		const room = this.#isPresent() && !this.#closing ? this.#line.link.writable() : 0;
		if (room === 0) this.#starved = true;
		return room;
	}
	write(from: Uint8Array, offset: number, length: number): number {
		if (!this.#isPresent() || this.#closing) return 0;
		const taken = this.#line.link.write(from, offset, length);
		if (taken < length) {
			this.#starved = true;
			this.#line.pump();
		}
		return taken;
	}
	flush(): void {
		this.#line.pump();
	}
	close(): void {
		if (this.#closing || !this.#isPresent()) return;
		this.#closing = true;
		this.#line.setCloseTimeout(this);
		this.#line.link.end();
		this.#line.pump();
		this.#line.wake();
	}
	abort(): void {
		if (!this.#isPresent()) return;
		this.#closing = true;
		this.#line.link.abort();
		this.#line.pump();
		this.#line.wake();
	}

	/** For `SerialLine`. */
	hasNews(link: SerialLink): boolean {
		if (this.#closing) return link.readable() > 0;
		if (this.#events === null) return false;
		return (this.#told === 0 && link.readable() > 0) || (this.#starved && link.writable() > 0);
	}
	/** For `SerialLine`: what has changed since the last look. */
	look(link: SerialLink, scratch: Uint8Array, nowMs: number): void {
		if (this.#closing) return this.#discard(link, scratch, nowMs);
		const events = this.#events;
		const readable = link.readable();
		if (readable > 0 && this.#told === 0 && events !== null) {
			this.#told = readable;
			events.onReadable();
		}
		if (this.#starved && !this.#closing && link.writable() > 0 && events !== null) {
			this.#starved = false;
			events.onWritable();
		}
		if (link.peerEnded && !this.#closing) link.end();
	}
	/** For `SerialLine`: the session has ended. */
	over(error: TransportError | null): void {
		if (this.#over) return;
		this.#over = true;
		this.#error = error;
		const events = this.#events;
		if (events !== null) events.onClosed(this.#closing ? null : this.#error);
	}

	/** The engine holds bytes of one session at a time. */
	#isPresent(): boolean {
		return this.#epoch === this.#line.link.epoch;
	}
	/** After close the peer may go on for a while; its bytes are dropped so that its end is seen. */
	#discard(link: SerialLink, scratch: Uint8Array, nowMs: number): void {
		while (link.readable() > 0 && link.read(scratch, 0, scratch.length) > 0);
		link.end();
		if (nowMs >= this.closeByMs) link.abort();
	}
}
