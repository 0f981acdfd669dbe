import type { ByteSource } from "vatlet/runtime";

/** Bytes that are all there at once. */
export class BytesSource implements ByteSource {
	readonly #bytes: Uint8Array;
	#offset = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const count = Math.min(max, this.#bytes.length - this.#offset);
		for (let i = 0; i < count; i++) into[offset + i] = this.#bytes[this.#offset + i]!;
		this.#offset += count;
		return count;
	}
}
