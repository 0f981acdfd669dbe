import { configValue, print } from "vatlet/system";
import type { Machine } from "../../src/ports/machine.js";
import { XsClock } from "./clock.js";
import { XsEntropy } from "./entropy.js";
import { XsNetwork } from "./network.js";
import { openIdentity, XsHashes } from "./secure.js";
import { XsStore } from "./store.js";

/** All of this machine's ports. Throws, with the reason, where there is no randomness or the stored identity is damaged. */
export function createMachine(): Machine {
	const store = new XsStore();
	return {
		clock: new XsClock(),
		entropy: new XsEntropy(),
		hashes: new XsHashes(),
		network: new XsNetwork(),
		store,
		identity: openIdentity(store),
		log: print,
	};
}

/** One line of the boot configuration (`name=value`), or undefined. */
export { configValue };
