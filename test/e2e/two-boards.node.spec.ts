import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "../support/cleanup.node.js";
import { blocks, repository, standsIn, steps, Tutorial } from "../support/tutorial.node.js";

/** Some of its steps build programs. */
const STEP_MS = 4 * 60_000;
const SPEC_MS = 8 * 60_000;

describe("the tutorial two-boards", () => {
	const folder = join(repository, "examples/two-boards");
	const cleanup = Cleanup.afterEach();
	const markdown = readFileSync(join(folder, "README.md"), "utf8");

	it("quotes its sources", () => {
		for (const snippet of [...blocks(markdown, "ts"), ...blocks(markdown, "capnp")])
			expect(standsIn(folder, snippet)).withContext(snippet).toBeTrue();
	});

	it(
		"shows what its commands print: a switch on one board moves the lamp on the other, also after that was restarted",
		async () => {
			const tutorial = new Tutorial();
			cleanup.defer(() => tutorial.end(), "the tutorial's commands");
			for (const step of steps(markdown)) await tutorial.run(step, STEP_MS);
		},
		SPEC_MS,
	);
});
