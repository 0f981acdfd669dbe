import type { Alarm, AlarmHandler, Clock } from "../../src/ports/clock.js";

/** Time that stands still until `advance`. */
export class ManualClock implements Clock {
	#nowMs = 1000;
	readonly #alarms: ManualAlarm[] = [];

	nowMs(): number {
		return this.#nowMs;
	}

	createAlarm(handler: AlarmHandler): Alarm {
		const alarm = new ManualAlarm(handler, (closed) => this.#alarms.splice(this.#alarms.indexOf(closed), 1));
		this.#alarms.push(alarm);
		return alarm;
	}

	/** Alarms that were made and not closed. */
	get alarms(): number {
		return this.#alarms.length;
	}

	/** Rings what is due now; true if there was any. */
	ring(): boolean {
		let rang = false;
		for (const alarm of this.#alarms.slice())
			if (alarm.deadlineMs <= this.#nowMs) rang = alarm.ring(this.#nowMs) || rang;
		return rang;
	}

	/** Passes without a ring: the machine was asleep. */
	sleep(ms: number): void {
		this.#nowMs += ms;
	}

	/** Rings each alarm at its time on the way. */
	advance(byMs: number, between: () => void = () => {}): void {
		const end = this.#nowMs + byMs;
		for (;;) {
			const next = Math.min(...this.#alarms.map((alarm) => alarm.deadlineMs));
			if (next > end) break;
			this.#nowMs = Math.max(this.#nowMs, next);
			this.ring();
			between();
		}
		this.#nowMs = end;
	}
}

class ManualAlarm implements Alarm {
	deadlineMs = Infinity;

	constructor(
		readonly handler: AlarmHandler,
		readonly close_: (alarm: ManualAlarm) => void,
	) {}

	set(deadlineMs: number): void {
		this.deadlineMs = deadlineMs;
	}

	clear(): void {
		this.deadlineMs = Infinity;
	}

	close(): void {
		this.deadlineMs = Infinity;
		this.close_(this);
	}

	ring(nowMs: number): boolean {
		this.deadlineMs = Infinity;
		this.handler.onAlarm(nowMs);
		return true;
	}
}
