/** A hub in a process of its own: sends its URI, then its memory whenever it is asked. */
import { formatUri } from "../../../src/net/address.js";
import { createPools, createVat } from "./vats.js";

const vat = await createVat(createPools(), {
	listening: (endpoint) =>
		void process.send!({ uri: formatUri({ endpoint, digest: vat.digest, id: new Uint8Array(0) }) }),
});
process.on("message", () => {
	globalThis.gc?.();
	process.send!({ peers: vat.peers.length, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
vat.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
