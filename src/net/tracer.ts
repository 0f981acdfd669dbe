import type { Message } from "../message/message.js";
import type { MessageTracer } from "../rpc/state.js";
import { summary } from "../rpc/summary.js";

/** Prints every message of a connection on one line: `hub → call #3 on 0 f00d.1`. Never which service a bootstrap asks for: that is a secret. */
export class Tracer implements MessageTracer {
	readonly #name: string;
	readonly #print: (line: string) => void;

	constructor(name: string, print: (line: string) => void) {
		this.#name = name;
		this.#print = print;
	}

	sent(message: Message): void {
		this.#print(this.#name + " ← " + summary(message));
	}

	received(message: Message): void {
		this.#print(this.#name + " → " + summary(message));
	}
}
