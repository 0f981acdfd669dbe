import { buildSanitized, compareSanitized } from "./sanitized.node.js";

/** A fraction of a second here, ten there: the engine's every access is checked. */
const INPUTS = 800;

describe("The codec's C under the sanitizers, in the engine", () => {
	let executable: string;
	beforeAll(async () => void (executable = await buildSanitized(() => {})), 8 * 60_000);

	it("reads, builds and packs mutated messages as the script does", async () => {
		const seen: number[] = [];
		await compareSanitized(executable, 7, INPUTS, (count) => seen.push(count));
		expect(seen.length).toBe(INPUTS / 100);
	}, 240_000);
});
