import { parseCase } from "./case.js";
import { FOUND } from "./found.js";
import { Fuzzer } from "./fuzzer.js";
import { Trial } from "./trial.js";

const INPUTS = 600;

describe("Mutated messages", () => {
	it("fault or are read, copied, compared and sent, and nothing else", () => {
		const fuzzer = new Fuzzer(1);
		let checksum = 0;
		for (let i = 0; i < INPUTS; i++) checksum ^= fuzzer.step();
		expect(checksum).not.toBe(0);
		// Not all of them may fault at once, or nothing was tested.
		expect(fuzzer.corpus.features).toBeGreaterThan(200);
	});

	for (const [what, found] of FOUND) {
		it(what, () => expect(() => new Trial().run(parseCase(found))).not.toThrow());
	}
});
