import { Fault, FaultCode } from "../base/fault.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import { FrameReader, FrameState } from "../message/frame-reader.js";
import type { Message } from "../message/message.js";
import type { MessagePool } from "../message/message-pool.js";
import type { Alarm, AlarmHandler, Clock } from "../ports/clock.js";
import type { Transport, TransportError, TransportEvents } from "../ports/transport.js";
import type { Budget } from "../rpc/budget.js";
import type { Sender } from "../rpc/state.js";
import { headerBytes } from "../wire/frame.js";
import { Keepalive, KEEPALIVE, type KeepaliveOwner, type KeepaliveTimes } from "./keepalive.js";

/** Where received messages go: a Connection. */
export interface Receiver {
	/** Takes the message. May throw; `caught` follows. */
	receive(message: Message): void;
	caught(error: unknown): void;
	/** Sends something that any peer answers. */
	probe(): void;
	/** So much waits to be written that nothing more should be received before some of it is. */
	readonly cramped: boolean;
	/** Nothing more will come. */
	disconnected(reason: Exception): void;
	readonly ended: Exception | null;
}

/** Is told once, when the transport is closed. `error` null: in order. */
export interface ChannelObserver {
	channelClosed(channel: Channel, error: TransportError | null): void;
}

export interface ChannelOptions {
	transport: Transport;
	messages: MessagePool;
	clock: Clock;
	observer?: ChannelObserver | null;
	/** What the peer may hold of this vat: that of the connection, too. */
	budget?: Budget | null;
	/** Segments of one message, both ways (default 512). */
	segmentsMax?: number;
	/** How long the peer may take to close its side, or to read what is left, after ours is done (default 5,000). */
	closeTimeoutMs?: number;
	/** How long one message may take from its first byte to its last (default 30,000): a slow one holds memory that others need. */
	frameTimeoutMs?: number;
	/** When a silent peer is asked for a sign of life, and how long that may take (default after 60,000; 30,000). */
	keepalive?: Partial<KeepaliveTimes>;
}

/** How soon to look again for memory that other connections hold. */
const STARVED_RETRY_MS = 10;
const HEADER_WRITTEN = -1;
/** So few in the queue cannot be what a receiver is cramped by: it is not asked. */
const FEW = 2;

/**
 * Messages over a byte stream. Everything that is ready goes out in one flush: what is sent while messages are being handled, after
 * the last of them; what is sent otherwise, when the present work is over.
 *
 * Life: open → shutting (what is queued is written, nothing more is read) → closing (we have ended the stream) → closed.
 * It stops reading while the pool has no memory. It does not stop for a full output queue, which only the peer's reading could empty: two
 * such channels would wait for each other; the connection refuses calls instead. Only where it has hardly a message left to answer with
 * (`cramped`), the channel writes first and reads later, and cuts off a peer that does not read for too long meanwhile.
 */
export class Channel implements Sender, TransportEvents, AlarmHandler, KeepaliveOwner {
	/** Counted since the channel was made. */
	bytesIn = 0;
	bytesOut = 0;
	messagesIn = 0;
	messagesOut = 0;
	queuedWords = 0;
	readonly #transport: Transport;
	readonly #frames: FrameReader;
	readonly #clock: Clock;
	readonly #alarm: Alarm;
	readonly #observer: ChannelObserver | null;
	readonly #budget: Budget | null;
	readonly #closeTimeoutMs: number;
	readonly #frameTimeoutMs: number;
	/** Null where it is off. */
	readonly #keepalive: Keepalive | null;
	#receiver: Receiver | null = null;
	/** A ring of messages; the first one is being written. */
	#queue: (Message | null)[] = Array.from({ length: 16 }, () => null);
	#first = 0;
	#count = 0;
	readonly #header: Uint8Array;
	readonly #headerView: DataView;
	/** Length of the header of the message being written; 0 when it was not started. */
	#headerLength = 0;
	/** The segment being written, or the header, and the bytes of it that are out. */
	#part = HEADER_WRITTEN;
	#offset = 0;
	#receiving = false;
	#shutting = false;
	#closing = false;
	#closed = false;
	#retryMs = Infinity;
	#closeByMs = Infinity;
	/** When a peer that reads nothing, while we wait for that, has to have read something. */
	#stuckByMs = Infinity;
	/** When a peer that holds all that it may, and takes nothing of what waits for it, has to have taken something. */
	#unreadByMs = Infinity;
	/** When the message that has begun to arrive has to be whole. */
	#frameByMs = Infinity;

	constructor(options: ChannelOptions) {
		const segmentsMax = options.segmentsMax ?? 512;
		this.#transport = options.transport;
		this.#budget = options.budget ?? null;
		this.#frames = new FrameReader(options.messages, segmentsMax, this.#budget);
		this.#clock = options.clock;
		this.#alarm = options.clock.createAlarm(this);
		this.#observer = options.observer ?? null;
		this.#closeTimeoutMs = options.closeTimeoutMs ?? 5000;
		this.#frameTimeoutMs = options.frameTimeoutMs ?? 30_000;
		const times = { ...KEEPALIVE, ...options.keepalive };
		this.#keepalive = times.idleMs === Infinity ? null : new Keepalive(this, options.clock, times);
		this.#header = new Uint8Array(headerBytes(segmentsMax));
		this.#headerView = new DataView(this.#header.buffer);
	}

	/** Begins to deliver. */
	start(receiver: Receiver): void {
		this.#receiver = receiver;
		this.#transport.events = this;
		if (this.#keepalive !== null) this.#keepalive.start();
	}

	send(message: Message): void {
		if (this.#closed || this.#shutting) {
			message.release();
			return;
		}
		if (this.#count === this.#queue.length) this.grow();
		this.#queue[(this.#first + this.#count) % this.#queue.length] = message;
		this.#count++;
		const words = message.sizeWords;
		this.queuedWords += words;
		if (this.#budget !== null) this.#budget.addQueued(1, words);
		if (this.#receiving) return;
		// Either it is to be written, or it has become too much for a peer that takes nothing.
		if (this.#count === 1 || (this.#budget !== null && this.#unreadByMs === Infinity && this.#budget.congested))
			this.#alarm.set(0);
	}

	/** Ends the stream after what is queued. */
	shut(): void {
		if (this.#shutting || this.#closed) return;
		this.#shutting = true;
		this.#closeByMs = this.#clock.nowMs() + this.#closeTimeoutMs;
		this.#alarm.set(0);
	}

	/** Ends the stream at once. */
	abort(): void {
		if (!this.#closed) this.#transport.abort();
	}

	onReadable(): void {
		this.pump();
	}

	onWritable(): void {
		if (this.#stuckByMs === Infinity) this.drain();
		else this.pump();
	}

	onClosed(error: TransportError | null): void {
		if (this.#closed) return;
		// What arrived before the end still counts; it cannot be answered.
		this.pump();
		this.#closed = true;
		this.#alarm.close();
		if (this.#keepalive !== null) this.#keepalive.close();
		const receiver = this.#receiver!;
		if (error === null && !this.#frames.atBoundary && receiver.ended === null)
			receiver.caught(new Fault(FaultCode.FRAME, "the peer ended the stream in the middle of a message"));
		this.#frames.close();
		receiver.disconnected(error === null && this.messagesIn === 0 ? unheard() : reasonOf(error));
		while (this.#count > 0) this.next();
		if (this.#observer !== null) this.#observer.channelClosed(this, error);
	}

	get busy(): boolean {
		return this.#shutting || this.#stuckByMs !== Infinity || this.#retryMs !== Infinity || this.#frameByMs !== Infinity;
	}

	probe(): void {
		this.#receiver!.probe();
	}

	silent(silentMs: number): void {
		this.giveUp(
			`the peer sent nothing for ${Math.round(silentMs / 1000)} s and did not answer a probe: it hangs, or something on the way holds its bytes`,
		);
	}

	private giveUp(message: string): void {
		this.#receiver!.disconnected(reasonOf({ kind: "timeout", message }));
		this.abort();
	}

	onAlarm(nowMs: number): void {
		if (this.#closed) return;
		if (nowMs >= this.#closeByMs) {
			this.#closeByMs = Infinity;
			this.#transport.abort();
			return;
		}
		if (nowMs >= this.#stuckByMs || nowMs >= this.#unreadByMs) {
			this.giveUp("the peer does not read: it took nothing for " + this.#frameTimeoutMs + " ms");
			return;
		}
		if (nowMs >= this.#frameByMs) this.tooSlow();
		if (nowMs >= this.#retryMs) {
			this.#retryMs = Infinity;
			this.pump();
		} else this.onWritable();
		this.setAlarm();
	}

	/** Handles every message that is there, then writes what came of it. One `try` for all of them: it is not free on every engine. */
	private pump(): void {
		this.#receiving = true;
		for (;;) {
			try {
				this.receiveAll();
				break;
			} catch (error) {
				this.#receiver!.caught(error);
			}
		}
		this.#receiving = false;
		this.drain();
	}

	private receiveAll(): void {
		const receiver = this.#receiver!;
		const frames = this.#frames;
		while (!this.#shutting && !this.#closed && receiver.ended === null) {
			if (this.#count > FEW && receiver.cramped && !this.makeRoom(receiver)) return;
			const state = frames.pull(this.#transport);
			if (state === FrameState.WAITING) {
				if (frames.atBoundary) this.#frameByMs = Infinity;
				else if (this.#frameByMs === Infinity) this.expectRest();
				return;
			}
			if (state === FrameState.STARVED) {
				this.#retryMs = this.#clock.nowMs() + STARVED_RETRY_MS;
				// What it holds may be for it alone to let go of, in a message behind this one.
				if (frames.refused && this.#frameByMs === Infinity)
					this.#frameByMs = this.#clock.nowMs() + this.#frameTimeoutMs;
				this.setAlarm();
				return;
			}
			const message = frames.take();
			this.#frameByMs = Infinity;
			this.messagesIn++;
			this.bytesIn += message.sizeWords * 8;
			receiver.receive(message);
		}
	}

	/** Writes first. False where the peer does not take it now: `onWritable` goes on. */
	private makeRoom(receiver: Receiver): boolean {
		const before = this.bytesOut;
		this.drain();
		if (!receiver.cramped) {
			this.#stuckByMs = Infinity;
			return true;
		}
		if (this.#stuckByMs === Infinity || this.bytesOut !== before)
			this.#stuckByMs = this.#clock.nowMs() + this.#frameTimeoutMs;
		// Nor is it the peer's fault that a message which has begun does not go on.
		this.#frameByMs = Infinity;
		this.setAlarm();
		return false;
	}

	private expectRest(): void {
		this.#frameByMs = this.#clock.nowMs() + this.#frameTimeoutMs;
		// A flush that is due comes first and sets the alarm again.
		if (this.#count === 0) this.setAlarm();
	}

	private tooSlow(): void {
		this.#frameByMs = Infinity;
		if (this.#receiver!.ended !== null) return;
		const what = this.#frames.refused
			? "no room for a message, the peer holds too much,"
			: "a message did not arrive whole";
		this.#receiver!.caught(new Fault(FaultCode.FRAME, what + " within " + this.#frameTimeoutMs + " ms"));
	}

	/** Writes as much as the transport takes. */
	private drain(): void {
		if (this.#closed || this.#closing) return;
		const before = this.bytesOut;
		while (this.#count > 0 && this.write(this.#queue[this.#first]!)) {
			this.messagesOut++;
			this.next();
		}
		this.#transport.flush();
		if (this.#count === 0) this.#unreadByMs = Infinity;
		else if (this.#budget !== null) this.expectReader(this.bytesOut !== before);
		if (this.#count > 0 || !this.#shutting) return;
		this.#closing = true;
		this.#transport.close();
		this.setAlarm();
	}

	private expectReader(took: boolean): void {
		if (!this.#budget!.congested) this.#unreadByMs = Infinity;
		else if (took || this.#unreadByMs === Infinity) {
			this.#unreadByMs = this.#clock.nowMs() + this.#frameTimeoutMs;
			this.setAlarm();
		}
	}

	/** False when the transport took only a part: the rest goes on after `onWritable`. */
	private write(message: Message): boolean {
		if (this.#headerLength === 0) this.#headerLength = message.headerBytes(this.#headerView, 0);
		if (this.#part === HEADER_WRITTEN) {
			if (!this.writePart(this.#header, 0, this.#headerLength)) return false;
		}
		while (this.#part < message.segmentCount) {
			const segment = message.segmentAt(this.#part);
			if (!this.writePart(segment.bytes, segment.startByte, segment.endByte)) return false;
		}
		return true;
	}

	private writePart(bytes: Uint8Array, start: number, end: number): boolean {
		const left = end - start - this.#offset;
		const count = left === 0 ? 0 : this.#transport.write(bytes, start + this.#offset, left);
		this.bytesOut += count;
		if (count < left) {
			this.#offset += count;
			return false;
		}
		this.#offset = 0;
		this.#part++;
		return true;
	}

	/** Drops the first of the queue. */
	private next(): void {
		const message = this.#queue[this.#first]!;
		this.#queue[this.#first] = null;
		this.#first = (this.#first + 1) % this.#queue.length;
		this.#count--;
		const words = message.sizeWords;
		this.queuedWords -= words;
		if (this.#budget !== null) this.#budget.addQueued(-1, -words);
		this.#headerLength = this.#offset = 0;
		this.#part = HEADER_WRITTEN;
		message.release();
	}

	private setAlarm(): void {
		if (this.#closed) return;
		this.#alarm.set(Math.min(this.#retryMs, this.#closeByMs, this.#frameByMs, this.#stuckByMs, this.#unreadByMs));
	}

	private grow(): void {
		const queue = Array.from<unknown, Message | null>({ length: this.#queue.length * 2 }, () => null);
		for (let i = 0; i < this.#count; i++) queue[i] = this.#queue[(this.#first + i) % this.#queue.length]!;
		this.#queue = queue;
		this.#first = 0;
	}
}

/** The reason where the peer ended the connection in order, before a word came from it. */
function unheard(): Exception {
	return new Exception(
		ExceptionType.DISCONNECTED,
		"Connection closed: the other side said nothing; it may have no place for another peer, or want TLS where the address says insecure",
	);
}

/** What callers are told. The text of an orderly end is one that peers of other makes match on. */
export function reasonOf(error: TransportError | null): Exception {
	return new Exception(
		ExceptionType.DISCONNECTED,
		error === null ? "Connection closed" : "Connection closed: " + error.message,
	);
}
