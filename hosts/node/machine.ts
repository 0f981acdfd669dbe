import type { Machine } from "../../src/ports/machine.js";
import { NodeClock } from "./clock.js";
import { NodeEntropy, NodeHashes } from "./entropy.js";
import { FileStore } from "./files.js";
import { NodeIdentity } from "./identity.js";
import { NodeNetwork } from "./net.js";

export interface NodeMachineOptions {
	/** PEM file, made when it does not exist; without one, an identity for this run. */
	secretKey?: string;
	/** Folder for records. */
	store?: string;
	/** Default: standard error. */
	log?: (line: string) => void;
}

/** This Node process as a machine. */
export async function createMachine(options: NodeMachineOptions = {}): Promise<Machine> {
	const { secretKey, store } = options;
	return {
		clock: new NodeClock(),
		entropy: new NodeEntropy(),
		hashes: new NodeHashes(),
		network: new NodeNetwork(),
		store: store === undefined ? null : new FileStore(store),
		identity: await (secretKey === undefined ? NodeIdentity.create() : NodeIdentity.loadOrCreate(secretKey)),
		log: options.log ?? ((line) => void process.stderr.write(line + "\n")),
	};
}
