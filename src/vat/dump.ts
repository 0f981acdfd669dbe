import { dumpConnection } from "../rpc/describe.js";
import type { Vat } from "./vat.js";

/** The tables of all connections, for people. Allocates. */
export function dump(vat: Vat): string {
	return vat.peers
		.map((peer) => (peer.connection === null ? peer.name + ": not connected" : dumpConnection(peer.connection)))
		.join("\n\n");
}
