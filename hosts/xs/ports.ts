import { print } from "vatlet/system";
import type { Machine } from "../../src/ports/machine.js";
import { XsClock } from "./clock.js";
import { XsEntropy } from "./entropy.js";
import type { IpStreams } from "./ip-streams.js";
import { XsNetwork } from "./network.js";
import { openIdentity, XsHashes } from "./secure.js";
import { XsStore } from "./store.js";

/** All of a machine's ports. Throws, with the reason, where there is no randomness or the stored identity is damaged. */
export function openPorts(ip: IpStreams | null): Machine {
	const store = new XsStore();
	return {
		clock: new XsClock(),
		entropy: new XsEntropy(),
		hashes: new XsHashes(),
		network: new XsNetwork(ip),
		store,
		identity: openIdentity(store),
		log: print,
	};
}
