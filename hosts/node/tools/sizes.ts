/** `npm run sizes [-- --json]`: what each part costs, in bytes. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terserModule from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { build } from "../build/build.js";
import { packageRoot } from "../build/folders.js";
import { takeCensus } from "./census.js";

// The package is an ES module, its type declarations say CommonJS.
const terser = terserModule as unknown as typeof terserModule.default;

interface SizeRow {
	part: string;
	metric: string;
	bytes: number;
	/** Of a class in the device's heap: how many there are, and the engine's slots among the bytes. */
	objects?: number;
	slots?: number;
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const compiled = fileURLToPath(new URL("../../../", import.meta.url));

/** What a program that uses this much of Vatlet carries; each is the modules named and all they need. */
const bundles: Readonly<Record<string, readonly string[]>> = {
	"codec (readers, builders, messages)": [
		"src/message/message.js",
		"src/layout/struct-builder.js",
		"src/layout/list-builder.js",
	],
	"core (codec and RPC level 1)": [
		"src/message/message.js",
		"src/layout/struct-builder.js",
		"src/layout/list-builder.js",
		"src/cap/client.js",
		"src/cap/server.js",
		"src/rpc/connection.js",
	],
	"vatlet/runtime": ["src/runtime.js"],
	"vatlet/device": ["src/device.js"],
	vatlet: ["hosts/node/index.js"],
};

async function bundleSize(name: string, modules: readonly string[], folder: string): Promise<SizeRow[]> {
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
		plugins: [terser({ module: true, compress: { passes: 2 } })],
	});
	await bundle.close();
	const code = Buffer.from(output[0].code);
	return [
		{ part: name, metric: "minified", bytes: code.length },
		{ part: name, metric: "gzipped", bytes: gzipSync(code, { level: 9 }).length },
	];
}

/** Bytes of linked bytecode of an application of that name in test/sizes. */
async function bytecodeSize(name: string): Promise<number> {
	const manifest = join(packageRoot(), "test/sizes", name, "manifest.json");
	return (await build({ manifest, platform: "linux", release: true })).linked.codeBytes;
}

const folder = mkdtempSync(join(tmpdir(), "vatlet-sizes-"));
try {
	for (const [name, modules] of Object.entries(bundles)) {
		if (!modules.every((path) => existsSync(join(compiled, path)))) continue;
		for (const row of await bundleSize(name, modules, folder)) print(row);
	}
} finally {
	rmSync(folder, { recursive: true });
}

// With the C of modules/codec in place, as devices have it; what an application of nothing has is taken off.
const nothing = await bytecodeSize("nothing");
for (const part of Object.keys(bundles).slice(0, 2))
	print({ part, metric: "linked bytecode", bytes: (await bytecodeSize(part.split(" ")[0]!)) - nothing });

for (const platform of ["linux", "qemu"]) {
	const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
	const { sizes } = await build({ manifest, platform, release: true });
	for (const [name, bytes] of Object.entries(sizes))
		print({ part: `thermostat on ${platform}`, metric: name.replace("Bytes", ""), bytes });
}

const heap = "heap of the thermostat on qemu";
const census = await takeCensus();
const whole = (slots: number, chunkBytes: number) => ({ slots, bytes: slots * census.slotBytes + chunkBytes });
print({ part: heap, metric: "in use", ...whole(census.slots, census.chunkBytes) });
print({ part: heap, metric: "peak", ...whole(census.peakSlots, census.peakChunkBytes) });
for (const { name, objects, slots, chunkBytes } of census.rows)
	print({ part: heap, metric: name, objects, ...whole(slots, chunkBytes) });

function print(row: SizeRow): void {
	if (values.json) return console.log(JSON.stringify(row));
	const of = row.slots === undefined ? "" : `  ${row.slots} slots${row.objects ? ` in ${row.objects} objects` : ""}`;
	console.log(`${row.part.padEnd(40)} ${row.metric.padEnd(28)} ${String(row.bytes).padStart(9)} bytes${of}`);
}
