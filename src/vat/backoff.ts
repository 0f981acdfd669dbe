import type { Entropy } from "../ports/entropy.js";

/** How long to wait before the next attempt: twice as long each time up to a limit, and at random, so that a thousand devices do not come back at once. */
export class Backoff {
	readonly #firstMs: number;
	readonly #maxMs: number;
	readonly #entropy: Entropy;
	readonly #random = new Uint8Array(2);
	#nextMs: number;

	constructor(entropy: Entropy, firstMs = 250, maxMs = 30_000) {
		this.#entropy = entropy;
		this.#firstMs = firstMs;
		this.#maxMs = maxMs;
		this.#nextMs = firstMs;
	}

	/** Between half of the present step and the whole of it. */
	takeMs(): number {
		this.#entropy.fill(this.#random, 0, 2);
		const share = (this.#random[0]! * 256 + this.#random[1]!) / 65536;
		const step = this.#nextMs;
		this.#nextMs = step * 2 < this.#maxMs ? step * 2 : this.#maxMs;
		return step * (0.5 + share / 2);
	}

	/** It worked: the next wait is short again. */
	reset(): void {
		this.#nextMs = this.#firstMs;
	}
}
