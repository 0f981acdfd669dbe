import type { Alarm, AlarmHandler, Clock } from "../ports/clock.js";

export interface KeepaliveTimes {
	/** How long a peer may be silent before it is asked for a sign of life; `Infinity`: it never is. */
	idleMs: number;
	/** How long it then has to send anything at all. */
	answerMs: number;
}

/** As TCP's own: a router that forgets quiet connections does so later than this. */
export const KEEPALIVE: Readonly<KeepaliveTimes> = Object.freeze({ idleMs: 60_000, answerMs: 30_000 });

/** Whose peer is watched: a channel. */
export interface KeepaliveOwner {
	/** Bytes of whole messages so far: what is counted as life. */
	readonly bytesIn: number;
	/** What the peer sent is not being read, or has begun to arrive and has a deadline of its own: silence says nothing about the peer. */
	readonly busy: boolean;
	/** Send something that any peer answers. */
	probe(): void;
	/** The peer is gone, whatever its kernel says. */
	silent(silentMs: number): void;
}

/** An alarm that rings this late says that we slept, so that what the peer sent may still wait to be read. */
const OVERSLEPT_MS = 1000;

/**
 * Finds out a peer that hangs while its kernel, or a proxy in between, still acknowledges what is sent to it: TCP's keepalive is content with
 * such a one for ever.
 *
 * Life: idle → asked (nothing came for `idleMs`: a probe is sent) → idle again (anything came), or the end after `answerMs`.
 * Looks at a counter when its alarm rings, so that traffic costs nothing and silence is seen within twice `idleMs`.
 */
export class Keepalive implements AlarmHandler {
	readonly #owner: KeepaliveOwner;
	readonly #times: KeepaliveTimes;
	readonly #clock: Clock;
	readonly #alarm: Alarm;
	#dueMs = Infinity;
	#heardMs = 0;
	#bytesIn = 0;
	#asked = false;

	constructor(owner: KeepaliveOwner, clock: Clock, times: KeepaliveTimes) {
		this.#owner = owner;
		this.#times = times;
		this.#clock = clock;
		this.#alarm = clock.createAlarm(this);
	}

	start(): void {
		this.heard(this.#clock.nowMs());
	}

	close(): void {
		this.#alarm.close();
	}

	onAlarm(nowMs: number): void {
		const owner = this.#owner;
		if (nowMs < this.#dueMs) this.#alarm.set(this.#dueMs);
		else if (owner.busy || owner.bytesIn !== this.#bytesIn) this.heard(nowMs);
		else if (!this.#asked) {
			this.#asked = true;
			this.wait(nowMs, this.#times.answerMs);
			owner.probe();
		} else if (nowMs - this.#dueMs >= OVERSLEPT_MS) this.wait(nowMs, OVERSLEPT_MS);
		else owner.silent(nowMs - this.#heardMs);
	}

	private heard(nowMs: number): void {
		this.#heardMs = nowMs;
		this.#bytesIn = this.#owner.bytesIn;
		this.#asked = false;
		this.wait(nowMs, this.#times.idleMs);
	}

	private wait(nowMs: number, ms: number): void {
		this.#dueMs = nowMs + ms;
		this.#alarm.set(this.#dueMs);
	}
}
