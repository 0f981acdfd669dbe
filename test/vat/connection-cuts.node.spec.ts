import { ConnectionCuts } from "../powercut/connection-cuts.js";

describe("a reference over TLS", () => {
	let cuts: ConnectionCuts;
	beforeAll(async () => (cuts = await ConnectionCuts.open()));
	afterAll(() => cuts.close());

	/** A slice of what `npm run powercut` does at every byte. */
	it("heals after its line was cut in the handshake or the conversation, and leaves nothing behind", async () => {
		const { bytesOut, bytesIn } = await cuts.live({});
		for (let at = 1; at < bytesOut; at += 97) await cuts.live({ cutAfterBytesOut: at });
		for (let at = 1; at < bytesIn; at += 197) await cuts.live({ cutAfterBytesIn: at });
		expect(cuts.count).toBeGreaterThan(20);
	}, 120_000);

	it("heals after a stall in the handshake, within the time of a dial", async () => {
		for (const at of [1, 300]) {
			const startMs = performance.now();
			await cuts.live({ stallAfterBytesIn: at });
			expect(performance.now() - startMs).toBeLessThan(10_000);
		}
	}, 60_000);
});
