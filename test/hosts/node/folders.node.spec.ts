import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { outputFolder, packageRoot } from "../../../hosts/node/build/folders.js";
import { Cleanup } from "../../support/cleanup.node.js";

describe("what is built", () => {
	const cleanup = Cleanup.afterEach();

	it("goes below the clone's build folder, by whatever path its manifest is reached, else beside the manifest", () => {
		const root = packageRoot();
		const elsewhere = cleanup.folder();
		symlinkSync(join(root, "examples"), join(elsewhere, "examples"));
		mkdirSync(join(elsewhere, "own"));
		const below = join(root, "build/xs/unikernel-virt/examples-two-boards-lamp");
		for (const folder of [root, elsewhere])
			expect(outputFolder(join(folder, "examples/two-boards/lamp/manifest.json"), "unikernel/virt")).toBe(below);
		expect(outputFolder(join(elsewhere, "own/manifest.json"), "linux")).toBe(join(elsewhere, "own/build/linux"));
	});
});
