import { Cleanup } from "../support/cleanup.node.js";
import { soak, thermostat } from "./soak.js";
import { judge } from "./trend.js";

const MINUTES = 40 / 60;
const CUT_SECONDS = 4;

describe("A thermostat on a line that is cut", () => {
	const cleanup = Cleanup.afterEach();
	beforeAll(() => thermostat(), 8 * 60_000);

	it("comes back each time and holds no more than before", async () => {
		const stop = new AbortController();
		const running = soak({ minutes: MINUTES, cutSeconds: CUT_SECONDS, signal: stop.signal, onLine: () => {} });
		cleanup.defer(() => {
			stop.abort();
			return running.catch(() => {});
		}, "the end of the soak");
		const run = await running;
		expect(run.cuts).toBeGreaterThan(2);
		const { lines, troubles } = judge(run);
		expect(troubles).withContext(JSON.stringify(lines)).toEqual([]);
		expect(lines.map((line) => line.name)).toEqual(["slots", "chunk bytes", "C heap free, bytes"]);
	}, 120_000);

	it("is told when memory grows", () => {
		const samples = Array.from({ length: 600 }, (_, i) => ({
			seconds: i,
			slots: 3000 + i,
			chunkBytes: 12_000,
			heapFreeBytes: 9000 - (i % 7),
			collections: i,
		}));
		const run = {
			seconds: 600,
			samples,
			cuts: 1,
			connections: 2,
			registrations: 2,
			boots: 1,
			collectionsPerMinute: 60,
			complaints: [],
		};
		expect(judge(run).troubles).toEqual([
			jasmine.stringMatching(/^slots: \d+ in the last third after \d+ in the first$/),
		]);
	});
});
