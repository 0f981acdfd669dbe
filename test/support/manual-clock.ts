import type { Alarm, AlarmHandler, Clock } from "../../src/ports/clock.js";

/** Time that stands still until `advance`. */
export class ManualClock implements Clock {
	#nowMs = 1000;
	readonly #alarms: ManualAlarm[] = [];

	nowMs(): number {
		return this.#nowMs;
	}

	createAlarm(handler: AlarmHandler): Alarm {
		const alarm = new ManualAlarm(handler);
		this.#alarms.push(alarm);
		return alarm;
	}

	/** Rings what is due now; true if there was any. */
	ring(): boolean {
		let rang = false;
		for (const alarm of this.#alarms) if (alarm.deadlineMs <= this.#nowMs) rang = alarm.ring(this.#nowMs) || rang;
		return rang;
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

	constructor(readonly handler: AlarmHandler) {}

	set(deadlineMs: number): void {
		this.deadlineMs = deadlineMs;
	}

	clear(): void {
		this.deadlineMs = Infinity;
	}

	ring(nowMs: number): boolean {
		this.deadlineMs = Infinity;
		this.handler.onAlarm(nowMs);
		return true;
	}
}
