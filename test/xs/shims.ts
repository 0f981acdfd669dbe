/** What jasmine wants from its surroundings, for XS: timers, a console, a process that says it is Node and never does anything. */
import Timer from "timer";
import { nowMs, print } from "vatlet/system";

type Callback = (...args: unknown[]) => void;

function once(callback: Callback, delayMs = 0, ...args: unknown[]): Timer {
	return Timer.set(() => callback(...args), delayMs);
}

function repeat(callback: Callback, intervalMs = 0, ...args: unknown[]): Timer {
	return Timer.repeat(() => callback(...args), intervalMs);
}

function clear(timer?: Timer): void {
	Timer.clear(timer);
}

function text(value: unknown): string {
	if (value instanceof Error) return value.stack ?? String(value);
	return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

const log = (...values: unknown[]): void => print(values.map(text).join(" "));
const nothing = (): void => {};

function clone<T>(value: T): T {
	if (value instanceof Uint8Array) return value.slice() as T;
	if (Array.isArray(value)) return value.map(clone) as T;
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)])) as T;
}

Object.assign(globalThis, {
	self: globalThis,
	global: globalThis,
	setTimeout: once,
	setInterval: repeat,
	clearTimeout: clear,
	clearInterval: clear,
	setImmediate: (callback: Callback, ...args: unknown[]) => once(callback, 0, ...args),
	clearImmediate: clear,
	queueMicrotask: (callback: () => void) => void Promise.resolve().then(callback),
	structuredClone: clone,
	performance: { now: nowMs },
	console: { log, info: log, warn: log, error: log, debug: log },
	addEventListener: nothing,
	removeEventListener: nothing,
	location: { search: "" },
	process: {
		versions: { node: "0" },
		on: nothing,
		removeListener: nothing,
		removeAllListeners: nothing,
		listeners: () => [],
	},
});
