import { readCensus, takeCensus } from "../../hosts/node/tools/census.js";

/** What the thermostat may keep in RAM while it talks with its hub: lower it with the figure, raise it only with a reason. */
const SLOTS_MAX = 3500;
const CHUNK_BYTES_MAX = 15_000;

describe("The heap of a device", () => {
	it("stays within its budget, and every slot of it has a name", async () => {
		const census = await takeCensus();
		expect(census.slots).toBeLessThanOrEqual(SLOTS_MAX);
		expect(census.chunkBytes).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
		const named = census.rows.reduce((sum, row) => sum + row.slots, 0);
		expect(Math.abs(named - census.slots)).toBeLessThan(10);
		expect(census.rows.find((row) => row.name === "Call")).toBeDefined();
	}, 300_000);

	it("says so when a device took no census", () => {
		expect(() => readCensus(["the hub refused"])).toThrowError(/took no census.*\n.*the hub refused/);
	});
});
