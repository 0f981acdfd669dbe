import type { ByteSource } from "vatlet/runtime";

/** Bytes in pieces of sizes that a number chooses, now and then none. */
export class Pieces implements ByteSource {
	#bytes: Uint8Array = new Uint8Array(0);
	#offset = 0;
	#salt = 0;

	get ended(): boolean {
		return this.#offset === this.#bytes.length;
	}

	start(bytes: Uint8Array, salt: number): this {
		this.#bytes = bytes;
		this.#offset = 0;
		this.#salt = salt | 1;
		return this;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		this.#salt = (Math.imul(this.#salt, 0x915f77f5) + 0x12345) | 0;
		const size = this.#salt >>> 27;
		const left = this.#bytes.length - this.#offset;
		// Half of the time everything that is asked for.
		let count = size < 16 ? size * 3 : max;
		if (count > max) count = max;
		if (count > left) count = left;
		for (let i = 0; i < count; i++) into[offset + i] = this.#bytes[this.#offset + i]!;
		this.#offset += count;
		return count;
	}
}
