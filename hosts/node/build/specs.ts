import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { buildFrom, type Built } from "./build.js";
import { writeIfChanged } from "./command.js";
import { packageRoot } from "./folders.js";
import { readManifest, type Application } from "./manifest.js";
import type { Progress } from "./toolchain.js";

export interface SpecsOptions {
	platform: string;
	/** Paths below test/, such as `rpc/calls.spec.ts`; every spec that needs no Node without. */
	specs?: readonly string[];
	/** What a spec is counted under. */
	familyOf?: (path: string) => string;
	release?: boolean;
	out?: string;
	onProgress?: Progress;
}

/** The specs that run on XS, as paths below test/. */
export function portableSpecs(): string[] {
	const entries = readdirSync(join(packageRoot(), "test"), { recursive: true, encoding: "utf8" });
	return entries.filter((path) => path.endsWith(".spec.ts") && !path.endsWith(".node.spec.ts")).sort();
}

/** A program that runs specs under jasmine, prints a line per failure and `N passed, N failed`, and ends with 0 if none failed. */
export async function buildSpecs(options: SpecsOptions): Promise<Built> {
	const root = packageRoot();
	const out = options.out ?? join(root, "build/xs", basename(options.platform), "specs");
	const specs = options.specs ?? portableSpecs();
	await writeJasmine(root, join(out, "jasmine-core.js"));
	const test = (path: string) => JSON.stringify(join(root, "build/js/test", path.replace(/\.ts$/, ".js")));
	await writeIfChanged(
		join(out, "boot.js"),
		`import core from "./jasmine-core.js";\nimport { install } from ${test("xs/runner.ts")};\ninstall(core);\n`,
	);
	const imports: string[] = [];
	for (const path of specs) {
		const family = options.familyOf?.(path) ?? "";
		const marker = `family-${imports.length / 2}.js`;
		await writeIfChanged(
			join(out, marker),
			`import { family } from ${test("xs/runner.ts")};\nfamily(${JSON.stringify(family)});\n`,
		);
		imports.push(`import "./${marker}";`, `import ${test(path)};`);
	}
	await writeIfChanged(
		join(out, "entry.js"),
		`import ${test("xs/shims.ts")};\nimport "./boot.js";\n${imports.join("\n")}\nimport { run } from ${test("xs/runner.ts")};\nrun();\n`,
	);
	const native = readManifest(join(root, "test/xs/manifest.json"), {
		platform: options.platform === "qemu" ? "unikernel/virt" : options.platform,
	});
	const application: Application = {
		...native,
		name: "specs",
		modules: new Map([...native.modules, ["main", join(out, "entry.js")]]),
	};
	const parameters = { VATLET_C_HEAP_BYTES: "4194304", VATLET_C_STACK_BYTES: "65536" };
	return buildFrom(application, {
		...options,
		out,
		romHeap: false,
		...(options.platform === "linux" ? {} : { parameters }),
	});
}

/** jasmine-core is CommonJS: one file, evaluated with a module object of its own. */
async function writeJasmine(root: string, path: string): Promise<void> {
	const require = createRequire(join(root, "package.json"));
	const text = readFileSync(join(dirname(require.resolve("jasmine-core")), "jasmine-core/jasmine.js"), "utf8");
	await writeIfChanged(
		path,
		`const module = { exports: {} };\nconst exports = module.exports;\n${text}\nexport default module.exports;\n`,
	);
}
