import { Inputs } from "./input.js";

/** Seeds that once found something. */
const FOUND = [4676, 15697];

describe("Mutated messages", () => {
	const inputs = new Inputs();

	it("fault or are read, and nothing else", () => {
		let checksum = 0;
		for (let seed = 0; seed < 300; seed++) checksum ^= inputs.run(seed);
		// Not all of them may fault at once, or nothing was tested.
		expect(checksum).not.toBe(0);
	});

	for (const seed of FOUND) {
		it(`do so with seed ${seed}, which did not`, () => expect(() => inputs.run(seed)).not.toThrow());
	}
});
