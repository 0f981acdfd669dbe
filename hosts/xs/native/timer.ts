/** Timers as in the Moddable SDK (module `timer`). Milliseconds; a fixed number can be scheduled at once. */
class Timer extends Native("xs_timer_destructor") {
	/** Calls back once after `delayMs`, or, with `repeatMs`, then again and again. The callback gets the timer. */
	static set(callback: (timer: Timer) => void, delayMs?: number, repeatMs?: number): Timer {
		return native("xs_timer_set").call(this, callback, delayMs, repeatMs);
	}
	static repeat(callback: (timer: Timer) => void, intervalMs: number): Timer {
		return native("xs_timer_repeat").call(this, callback, intervalMs);
	}
	/** Gives a live timer new times; without `delayMs` it stays but does not fire until scheduled again. Allocates nothing. */
	static schedule(timer: Timer, delayMs?: number, repeatMs?: number): void {
		return native("xs_timer_schedule").call(this, timer, delayMs, repeatMs);
	}
	/** Ends a timer; one that has ended already, or undefined, is ignored. */
	static clear(timer?: Timer): void {
		return native("xs_timer_clear").call(this, timer);
	}
	/** Blocks. */
	static delay(ms: number): void {
		return native("xs_timer_delay").call(this, ms);
	}
}
export default Timer;
