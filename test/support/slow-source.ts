import type { ByteSource } from "vatlet/runtime";
import type { Seeded } from "./seeded.js";

/** Bytes that come in random pieces, now and then none at all. */
export class SlowSource implements ByteSource {
	readonly #bytes: Uint8Array;
	readonly #random: Seeded;
	#offset = 0;

	constructor(bytes: Uint8Array, random: Seeded) {
		this.#bytes = bytes;
		this.#random = random;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const left = this.#bytes.length - this.#offset;
		const count = Math.min(max, left, this.#random.below(12));
		for (let i = 0; i < count; i++) into[offset + i] = this.#bytes[this.#offset + i]!;
		this.#offset += count;
		return count;
	}
}
