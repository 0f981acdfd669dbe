import Timer from "timer";
import { nowMs } from "vatlet/system";
import type { Alarm, AlarmHandler, Clock } from "../../src/ports/clock.js";

/** An interval that never passes: alarms are timers that repeat, since one that fires once is gone afterwards. */
const NEVER_MS = 0x3fff_ffff;

export class XsClock implements Clock {
	nowMs(): number {
		return nowMs();
	}
	createAlarm(handler: AlarmHandler): Alarm {
		return new XsAlarm(handler);
	}
}

/** One timer of the host's fixed table, until it is closed. Setting it allocates nothing. */
class XsAlarm implements Alarm {
	readonly #timer: Timer;

	constructor(handler: AlarmHandler) {
		this.#timer = Timer.repeat((timer) => {
			Timer.schedule(timer);
			handler.onAlarm(nowMs());
		}, NEVER_MS);
		Timer.schedule(this.#timer);
	}
	set(deadlineMs: number): void {
		const delayMs = deadlineMs - nowMs();
		// A deadline further away than a timer can tell rings early; whoever set it looks at the clock and sets it again.
		if (deadlineMs === Infinity) Timer.schedule(this.#timer);
		else Timer.schedule(this.#timer, delayMs <= 0 ? 0 : delayMs < NEVER_MS ? Math.ceil(delayMs) : NEVER_MS, NEVER_MS);
	}
	clear(): void {
		Timer.schedule(this.#timer);
	}
	close(): void {
		Timer.clear(this.#timer);
	}
}
