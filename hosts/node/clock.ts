import type { Alarm, AlarmHandler, Clock } from "../../src/ports/clock.js";

/** A set alarm keeps the process alive: somebody waits for it. */
export class NodeClock implements Clock {
	nowMs(): number {
		return performance.now();
	}

	createAlarm(handler: AlarmHandler): Alarm {
		return new NodeAlarm(handler);
	}
}

class NodeAlarm implements Alarm {
	readonly #handler: AlarmHandler;
	readonly #ring: () => void;
	#deadlineMs = Infinity;
	#timer: NodeJS.Timeout | null = null;
	#immediate: NodeJS.Immediate | null = null;

	constructor(handler: AlarmHandler) {
		this.#handler = handler;
		this.#ring = () => {
			this.#timer = this.#immediate = null;
			this.#deadlineMs = Infinity;
			this.#handler.onAlarm(performance.now());
		};
	}

	set(deadlineMs: number): void {
		if (deadlineMs === this.#deadlineMs) return;
		if (this.#immediate !== null && deadlineMs <= this.#deadlineMs) return;
		this.clear();
		if (deadlineMs === Infinity) return;
		this.#deadlineMs = deadlineMs;
		const delayMs = deadlineMs - performance.now();
		if (delayMs <= 0) this.#immediate = setImmediate(this.#ring);
		else this.#timer = setTimeout(this.#ring, Math.min(Math.ceil(delayMs), 0x7fffffff));
	}

	close(): void {
		this.clear();
	}

	clear(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		if (this.#immediate !== null) clearImmediate(this.#immediate);
		this.#timer = this.#immediate = null;
		this.#deadlineMs = Infinity;
	}
}
