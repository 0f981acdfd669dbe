/** What a run can do that another did not: reads, faults and sizes, hashed into slots. A slot can be two features; few are. */
const SLOTS = 1 << 14;
/** A run that does more than this has shown enough. */
const TOUCHED_MAX = 256;

/** The features of one run. */
export class Features {
	static readonly slots = SLOTS;
	readonly touched = new Uint16Array(TOUCHED_MAX);
	count = 0;
	readonly #stamps = new Uint32Array(SLOTS);
	#run = 0;

	start(): void {
		this.count = 0;
		this.#run++;
	}

	/** `family` says what the three numbers are. */
	add(family: number, a: number, b: number, c: number): void {
		let hash = Math.imul(family ^ Math.imul(a, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(b + 0x27d4eb2f, 0xc2b2ae35);
		hash = Math.imul(hash ^ (hash >>> 15) ^ c, 0x2c1b3c6d);
		const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
		if (this.#stamps[slot] === this.#run) return;
		this.#stamps[slot] = this.#run;
		if (this.count < TOUCHED_MAX) this.touched[this.count++] = slot;
	}
}

/** A number as small as its size class. */
export function sizeClass(value: number): number {
	return value < 4 ? value : 36 - Math.clz32(value);
}
