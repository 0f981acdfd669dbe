/** A small pseudo-random sequence (mulberry32): the same seed gives the same test. */
export class Seeded {
	#state: number;

	constructor(seed: number) {
		this.#state = seed | 0;
	}

	/** 32 random bits, unsigned. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return (t ^ (t >>> 14)) >>> 0;
	}

	/** An integer from 0 to `limit` - 1. */
	below(limit: number): number {
		return this.next() % limit;
	}

	chance(one: number): boolean {
		return this.below(one) === 0;
	}
}
