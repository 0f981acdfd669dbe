import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "../support/cleanup.node.js";
import { blocks, repository, standsIn, steps, Tutorial } from "../support/tutorial.node.js";

/** What the README of each example shows is what its files say, and what its commands print. */
for (const name of ["echo", "pipelining", "sturdy-ref", "saved-store", "calculator"]) {
	describe(`the tutorial ${name}`, () => {
		const folder = join(repository, "examples", name);
		const cleanup = Cleanup.afterEach();
		const markdown = readFileSync(join(folder, "README.md"), "utf8");

		it("quotes its sources", () => {
			const snippets = [...blocks(markdown, "ts"), ...blocks(markdown, "capnp")];
			expect(snippets.length).toBeGreaterThan(0);
			for (const snippet of snippets) expect(standsIn(folder, snippet)).withContext(snippet).toBeTrue();
		});

		it("shows what its commands print", async () => {
			const tutorial = new Tutorial();
			cleanup.defer(() => tutorial.end(), "the tutorial's commands");
			const told = steps(markdown);
			expect(told.length).toBeGreaterThan(0);
			for (const step of told) await tutorial.run(step);
		}, 240_000);
	});
}
