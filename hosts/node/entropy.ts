import { createHash, randomFillSync } from "node:crypto";
import type { Entropy } from "../../src/ports/entropy.js";
import type { Hashes } from "../../src/ports/secure.js";

export class NodeEntropy implements Entropy {
	fill(into: Uint8Array, offset: number, length: number): void {
		randomFillSync(into, offset, length);
	}
}

export class NodeHashes implements Hashes {
	sha256(bytes: Uint8Array, offset: number, length: number, into: Uint8Array, intoOffset: number): void {
		into.set(
			createHash("sha256")
				.update(bytes.subarray(offset, offset + length))
				.digest(),
			intoOffset,
		);
	}
}
