import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/capnpc/compile.js";
import { requestFor, ROOT } from "../support/capnp-tool.node.js";
import { emptyFolder, importFile, typeCheck, writeJavaScript } from "../support/generated.node.js";
import { blocks } from "../support/tutorial.node.js";

/** What the comments behind `console.log(…)` say that a snippet prints. */
function promised(snippet: string): string[] {
	return Array.from(snippet.matchAll(/console\.log\(.*\/\/ (.*)$/gm), (match) => match[1]!);
}

describe("docs/schema-compiler.md", () => {
	const page = readFileSync(join(ROOT, "docs/schema-compiler.md"), "utf8");
	const snippets = blocks(page, "ts");
	let folder: string;

	beforeAll(() => {
		folder = emptyFolder("schema-compiler-page");
		writeFileSync(join(folder, "telemetry.capnp"), blocks(page, "capnp")[0]!);
		const files = generate(requestFor(["telemetry.capnp"], folder));
		snippets.forEach((text, i) => files.push({ path: `snippet-${i}.ts`, text }));
		for (const file of files) {
			writeFileSync(join(folder, file.path), file.text);
			writeJavaScript(folder, file);
		}
	});

	it("has snippets that type-check", () => {
		expect(snippets.length).toBeGreaterThan(4);
		expect(typeCheck(folder, "typescript", { types: ["node"] })).toBe("");
	});

	snippets.forEach((text, i) => {
		it(`has a snippet ${i + 1} that prints what it says`, async () => {
			const printed: string[] = [];
			spyOn(console, "log").and.callFake((...values: unknown[]) => void printed.push(values.map(String).join(" ")));
			await importFile(join(folder, `snippet-${i}.js`));
			expect(promised(text).length).toBeGreaterThan(0);
			expect(printed).toEqual(promised(text));
		});
	});
});
