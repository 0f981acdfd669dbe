/** Cryptographic randomness from the machine. */
export interface Entropy {
	/** Fills `length` bytes at `offset`, or throws: never pseudo-random without a hardware or system seed. */
	fill(into: Uint8Array, offset: number, length: number): void;
}
