import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blocks, repository, standsIn, steps, Tutorial } from "../support/tutorial.node.js";

describe("the tutorial two-boards", () => {
	const folder = join(repository, "examples/two-boards");
	const markdown = readFileSync(join(folder, "README.md"), "utf8");

	it("quotes its sources", () => {
		for (const snippet of [...blocks(markdown, "ts"), ...blocks(markdown, "capnp")])
			expect(standsIn(folder, snippet)).withContext(snippet).toBeTrue();
	});

	it("shows what its commands print: a switch on one board moves the lamp on the other, also after that was restarted", async () => {
		const tutorial = new Tutorial();
		try {
			for (const step of steps(markdown)) await tutorial.run(step, 300_000);
		} finally {
			await tutorial.end();
		}
	}, 900_000);
});
