export interface Step {
	readonly name: string;
	readonly title: string;
}

/** In the order in which they are first possible. */
export const steps: readonly Step[] = [
	{ name: "uri", title: "the hub prints its capnp:// URI" },
	{ name: "authenticated", title: "both ends authenticate by pinned key digest over TLS" },
	{ name: "registered", title: "the device registers its Thermostat in a call" },
	{ name: "read", title: "the hub calls read" },
	{ name: "setTarget", title: "the hub calls setTarget and reads the new target back" },
	{ name: "pipelined", title: "a call on the not yet returned result of another" },
	{ name: "exception", title: "an application exception arrives as such" },
	{ name: "telemetry", title: "telemetry arrives through the callback" },
	{ name: "released", title: "the released capability is seen to go" },
	{ name: "reregistered", title: "hub killed (-9) and started again: the device registers anew" },
	{ name: "disconnected", title: "device killed: the hub reports it" },
	{ name: "empty", title: "the hub's tables are empty" },
	{ name: "identity", title: "a second boot has the same identity" },
];

/** Which steps have been seen. Knows neither processes nor time. */
export class Conversation {
	readonly #seen = new Set<string>();
	readonly #waiting = new Map<string, () => void>();

	see(name: string): void {
		if (!steps.some((step) => step.name === name)) throw new Error(`no such step: ${name}`);
		this.#seen.add(name);
		this.#waiting.get(name)?.();
	}

	has(name: string): boolean {
		return this.#seen.has(name);
	}

	missing(): Step[] {
		return steps.filter((step) => !this.#seen.has(step.name));
	}

	/** Resolves once all of `names` are seen; rejects with the missing ones after `timeoutMs` or when `signal` aborts. */
	async until(names: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<void> {
		const timeout = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
		for (const name of names) {
			if (this.#seen.has(name)) continue;
			await new Promise<void>((resolve, reject) => {
				const abort = (): void => {
					this.#waiting.delete(name);
					if (signal.aborted) reject(signal.reason);
					else reject(new Error(`not seen within ${timeoutMs / 1000} s: ${titleOf(name)}`));
				};
				if (timeout.aborted) return abort();
				timeout.addEventListener("abort", abort, { once: true });
				this.#waiting.set(name, () => {
					this.#waiting.delete(name);
					timeout.removeEventListener("abort", abort);
					resolve();
				});
			});
		}
	}
}

function titleOf(name: string): string {
	return steps.find((step) => step.name === name)?.title ?? name;
}
