import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
// The compiler that is still a library.
import typescript from "typescript-6";
import type { GeneratedFile } from "../../src/capnpc/compile.js";
import { ROOT } from "./capnp-tool.node.js";
import { runToEnd } from "./command.node.js";

/** An empty folder from which `vatlet` and `vatlet/runtime` resolve as from compiled sources. */
export function emptyFolder(name: string): string {
	const folder = join(ROOT, "build/js/scratch", name);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	return folder;
}

/** Writes the JavaScript of a module below `folder`. */
export function writeJavaScript(folder: string, { path, text }: GeneratedFile): string {
	const { outputText } = typescript.transpileModule(text, {
		compilerOptions: { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext },
	});
	const file = join(folder, path.replace(/\.ts$/, ".js"));
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, outputText);
	return file;
}

export function importFile(file: string): Promise<Record<string, unknown>> {
	return import(pathToFileURL(file).href) as Promise<Record<string, unknown>>;
}

/**
 * Type-checks TypeScript in `folder`, or its file `only` as a program for a device, and what `more` names, strictly, against our own
 * sources; "" or what is wrong.
 */
export function typeCheck(
	folder: string,
	compiler: "typescript" | "typescript-6",
	{ more = [], types = [], only }: { more?: readonly string[]; types?: readonly string[]; only?: string } = {},
): string {
	const options = {
		extends: join(ROOT, "tsconfig.json"),
		compilerOptions: {
			noEmit: true,
			rootDir: ROOT,
			types,
			lib: ["es2023", "esnext.disposable", ...(types.length > 0 || only !== undefined ? [] : ["dom"])],
		},
		include: [join(folder, only ?? "**/*.ts"), ...more.map((path) => join(ROOT, path))],
		exclude: [],
	};
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
	const tsc = join(ROOT, "node_modules", compiler, "bin/tsc");
	const { status, stdout } = runToEnd(process.execPath, [tsc, "-p", folder], { cwd: ROOT });
	return status === 0 ? "" : stdout || `tsc ended with ${status}`;
}
