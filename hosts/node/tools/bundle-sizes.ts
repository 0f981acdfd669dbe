import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terserModule from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { build } from "../build/build.js";
import { packageRoot } from "../build/folders.js";
import { sizeRow, type SizeRow } from "./size-row.js";

// The package is an ES module, its type declarations say CommonJS.
const terser = terserModule as unknown as typeof terserModule.default;
const compiled = fileURLToPath(new URL("../../../", import.meta.url));

/** What a program that uses this much of Vatlet carries; each is the modules named and all they need. */
const bundles: Readonly<Record<string, readonly string[]>> = {
	codec: ["src/message/message.js", "src/layout/struct-builder.js", "src/layout/list-builder.js"],
	core: [
		"src/message/message.js",
		"src/layout/struct-builder.js",
		"src/layout/list-builder.js",
		"src/cap/client.js",
		"src/cap/pools.js",
		"src/cap/server.js",
		"src/rpc/connection.js",
	],
	/** A whole program, which is run as it was bundled. */
	echo: ["test/sizes/echo/main.js"],
	runtime: ["src/runtime.js"],
	device: ["src/device.js"],
	vatlet: ["hosts/node/index.js"],
};

/** Readers, builders and messages (`codec`), with RPC (`core`), the smallest program (`echo`), and the entry points: minified, and gzipped after that. */
export async function measureBundles(): Promise<SizeRow[]> {
	const folder = mkdtempSync(join(tmpdir(), "vatlet-sizes-"));
	const rows: SizeRow[] = [];
	try {
		for (const [name, modules] of Object.entries(bundles)) {
			if (!modules.every((path) => existsSync(join(compiled, path)))) continue;
			const code = await minify(modules, folder);
			if (name === "echo") await run(code, folder);
			rows.push(
				sizeRow("static", "node", `bundle-${name}-minified`, code.length),
				sizeRow("static", "node", `bundle-${name}-gzipped`, gzipSync(code, { level: 9 }).length),
			);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
	return rows;
}

async function minify(modules: readonly string[], folder: string): Promise<Buffer> {
	const entry = join(folder, "entry.js");
	writeFileSync(entry, modules.map((path) => `export * from ${JSON.stringify(join(compiled, path))};\n`).join(""));
	const bundle = await rollup({
		input: entry,
		external: (id) => !id.startsWith(".") && !id.startsWith("/") && !id.startsWith("vatlet"),
		plugins: [nodeResolve()],
		onLog: () => {},
	});
	const { output } = await bundle.generate({
		format: "es",
		// gzip finds more in statements than in the same as one expression.
		plugins: [terser({ module: true, compress: { passes: 2, sequences: false } })],
	});
	await bundle.close();
	return Buffer.from(output[0].code);
}

/** What the bundler left out must not be missed. */
async function run(code: Buffer, folder: string): Promise<void> {
	const path = join(folder, "echo.mjs");
	writeFileSync(path, code);
	const { echo } = (await import(pathToFileURL(path).href)) as { echo: (text: string) => string };
	if (echo("hello") !== "hello") throw new Error("the bundled echo is none");
}

/** Linked bytecode, with the C of modules/codec in place, as devices have it; what an application of nothing has is taken off. */
export async function measureBytecode(): Promise<SizeRow[]> {
	const nothing = await bytecodeSize("nothing");
	const rows: SizeRow[] = [];
	for (const part of ["codec", "core"])
		rows.push(sizeRow("static", "linux", `bytecode-${part}`, (await bytecodeSize(part)) - nothing));
	return rows;
}

/** Of an application of that name in test/sizes. */
async function bytecodeSize(name: string): Promise<number> {
	const manifest = join(packageRoot(), "test/sizes", name, "manifest.json");
	return (await build({ manifest, platform: "linux", release: true, unnamed: true })).linked.codeBytes;
}
