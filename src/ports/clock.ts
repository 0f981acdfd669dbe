/** Time that never jumps. Back-off, deadlines and keepalive run on it; nothing in the project depends on the wall clock. */
export interface Clock {
	/** Milliseconds since an arbitrary start; never goes back. */
	nowMs(): number;
	/** Makes an alarm, not set. Made at start-up: an alarm is a pooled thing on some hosts. */
	createAlarm(handler: AlarmHandler): Alarm;
}

export interface Alarm {
	/** Rings once at or after `deadlineMs` on this clock, replacing an earlier setting. `Infinity` clears. */
	set(deadlineMs: number): void;
	clear(): void;
}

export interface AlarmHandler {
	onAlarm(nowMs: number): void;
}
