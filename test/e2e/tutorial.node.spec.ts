import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "../support/cleanup.node.js";
import { typeCheck, writeJavaScript } from "../support/generated.node.js";
import { files, repository, steps, Tutorial } from "../support/tutorial.node.js";

/** Some of its steps build programs. */
const STEP_MS = 4 * 60_000;
const SPEC_MS = 8 * 60_000;

/** Kept between runs, with the programs that were built in it; what the page writes is written anew. */
const folder = join(repository, "build/tutorial");

/** What sources for devices find without an import. */
const ofDevices = ["hosts/xs/application.d.ts", "hosts/xs/native/native.d.ts"];

/** As if `npm install vatlet` had been run there: `vatlet` is what was compiled here, and its manifest the repository's. */
function installVatlet(): void {
	const installed = join(folder, "node_modules/vatlet");
	rmSync(installed, { recursive: true, force: true });
	mkdirSync(installed, { recursive: true });
	symlinkSync(join(repository, "build/js"), join(installed, "js"));
	writeFileSync(
		join(installed, "package.json"),
		JSON.stringify({
			name: "vatlet",
			type: "module",
			exports: { ".": "./js/hosts/node/index.js", "./runtime": "./js/src/runtime.js" },
		}),
	);
	writeFileSync(join(installed, "manifest.json"), JSON.stringify({ include: join(repository, "manifest.json") }));
}

describe("docs/tutorial.md", () => {
	const cleanup = Cleanup.afterEach();
	const page = readFileSync(join(repository, "docs/tutorial.md"), "utf8");
	const written = files(page);

	beforeAll(() => {
		mkdirSync(folder, { recursive: true });
		for (const name of readdirSync(folder))
			if (!["build", "node_modules"].includes(name)) rmSync(join(folder, name), { recursive: true });
		installVatlet();
		writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "garden", private: true, type: "module" }));
		for (const [name, text] of written) writeFileSync(join(folder, name), text);
	});

	it(
		"shows what its commands print, from a schema to a device in QEMU and one on Linux",
		async () => {
			const tutorial = new Tutorial(folder);
			cleanup.defer(() => tutorial.end(), "the tutorial's commands");
			for (const step of steps(page)) {
				if (step.command === "npx tsc") compile();
				else if (step.command === "npx tsc -p tsconfig.device.json") compileDevice();
				else await tutorial.run(step, STEP_MS);
			}
		},
		SPEC_MS,
	);

	function compileDevice(): void {
		const { include } = JSON.parse(written.get("tsconfig.device.json")!) as { include: [string] };
		expect(typeCheck(folder, "typescript", { only: include[0], more: ofDevices })).toBe("");
	}

	/** Checked against the sources, as strictly as they are: the package's spec shows that an installed one has its types. */
	function compile(): void {
		expect(existsSync(join(folder, "tsconfig.json"))).toBeTrue();
		expect(typeCheck(folder, "typescript", { types: ["node"], more: ofDevices })).toBe("");
		for (const path of readdirSync(folder).filter((name) => name.endsWith(".ts")))
			writeJavaScript(folder, { path, text: readFileSync(join(folder, path), "utf8") });
	}
});
