/** Time as in the Moddable SDK (module `time`). Local time is UTC on these hosts. */
import { nowMs, setWallMs } from "vatlet/system";

function utcOnly(seconds: number): void {
	if (seconds !== 0) throw new RangeError("there are no time zones here: local time is UTC");
}

class Time {
	/** Sets the clock that `Date` reads, as Unix time; until the program ends. */
	static set(seconds: number): void {
		setWallMs(seconds * 1000);
	}
	/** Whole milliseconds since start; unrelated to the time of day. */
	static get ticks(): number {
		return Math.floor(nowMs());
	}
	/** From one value of `ticks` to another, or to now. */
	static delta(start: number, end?: number): number {
		return (end ?? Time.ticks) - start;
	}
	static get microseconds(): number {
		return Math.floor(nowMs() * 1000);
	}
	static get timezone(): number {
		return 0;
	}
	static set timezone(seconds: number) {
		utcOnly(seconds);
	}
	static get dst(): number {
		return 0;
	}
	static set dst(seconds: number) {
		utcOnly(seconds);
	}
}
export default Time;
