import type { Clock } from "./clock.js";
import type { Entropy } from "./entropy.js";
import type { Network } from "./network.js";
import type { Hashes, Identity } from "./secure.js";
import type { Store } from "./store.js";

/** All ports of one host together. A host makes it once, at start-up; what is missing (a random source, a sound store) stops the start with the reason. */
export interface Machine {
	readonly clock: Clock;
	readonly entropy: Entropy;
	readonly hashes: Hashes;
	readonly network: Network;
	/** Null where nothing can be kept. */
	readonly store: Store | null;
	/** The key of this machine: made on its first start, kept in the store. */
	readonly identity: Identity;
	/** One line for the operator. */
	log(line: string): void;
}
