/** Fails in the way that the configuration asks for. */
import Timer from "timer";
import { configValue, print } from "vatlet/system";

function throwDeep(): never {
	throw new RangeError("too deep");
}

function outer(): void {
	throwDeep();
}

function recurse(n: number): number {
	return recurse(n + 1) + 1;
}

const kept: unknown[] = [];

switch (configValue("fail")) {
	case "exception":
		outer();
		break;
	case "timer":
		Timer.set(outer, 1);
		break;
	case "rejection":
		void Promise.reject(new Error("nobody cares"));
		Timer.set(() => print("not reached"), 1000);
		break;
	case "memory":
		for (;;) print(String(kept.push(new Uint8Array(100_000))));
	case "stack":
		print(String(recurse(0)));
		break;
	case "timers": {
		const seen: string[] = [];
		const timer = Timer.repeat(() => {
			seen.push("repeat");
			if (seen.length === 4) {
				Timer.clear(timer);
				Timer.clear(timer);
				print(seen.join());
			}
		}, 2);
		Timer.set(() => seen.push("once"), 3);
		const cleared = Timer.set(() => seen.push("never"), 1);
		Timer.clear(cleared);
		const paused = Timer.set(() => seen.push("never"), 1);
		Timer.schedule(paused);
		Timer.set(() => Timer.clear(paused), 30);
	}
}
