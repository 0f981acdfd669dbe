import type { LoggerMethods } from "./logger.capnp.js";

/** Writes under its label. Whoever holds it cannot write under another one: there is no method for that. */
export class LabelledLogger implements LoggerMethods {
	readonly #label: string;
	readonly #print: (line: string) => void;

	constructor(label: string, print: (line: string) => void) {
		this.#label = label;
		this.#print = print;
	}

	log({ text }: { text: string }): void {
		this.#print(`[${this.#label}] ${text}`);
	}

	sub({ label }: { label: string }): { logger: LabelledLogger } {
		return { logger: new LabelledLogger(`${this.#label}/${label}`, this.#print) };
	}
}
