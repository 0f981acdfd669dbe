import Source from "entropy";
import type { Entropy } from "../../src/ports/entropy.js";

/** The platform's secure random source as a port. */
export class XsEntropy implements Entropy {
	fill(into: Uint8Array, offset: number, length: number): void {
		Source.fill(into, offset, length);
	}
}
