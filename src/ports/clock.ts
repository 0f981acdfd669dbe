/** Time that never jumps. Back-off, deadlines and keepalive run on it; nothing in the project depends on the wall clock. */
export interface Clock {
	/** Milliseconds since an arbitrary start; never goes back. */
	nowMs(): number;
	/** Makes an alarm, not set. On some hosts it takes a place in a fixed table until it is closed. */
	createAlarm(handler: AlarmHandler): Alarm;
}

export interface Alarm {
	/** Rings once at or after `deadlineMs` on this clock, replacing an earlier setting. `Infinity` clears. */
	set(deadlineMs: number): void;
	clear(): void;
	/** Gives the alarm up: it never rings again and is not set again. */
	close(): void;
}

export interface AlarmHandler {
	onAlarm(nowMs: number): void;
}
