import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** From the bottom up: a file imports from its own layer and from those before it. */
const layers = [
	"base",
	"wire",
	"arena",
	"layout",
	"message",
	"cap",
	"runtime.ts",
	"gen",
	"reflect",
	"rpc",
	"net",
	"vat",
	"facade",
	"capnpc",
];
/** Entry points and types: outside of the order. */
const entryPoints = ["device.ts"];
const sourceFolders = ["src", "hosts", "modules", "examples", "test"].filter((name) => existsSync(join(root, name)));

function filesUnder(folder: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
		.map((path) => join(folder, path))
		.filter((path) => !path.includes("node_modules"))
		.filter((path) => statSync(join(root, path)).isFile());
}

const allFiles = sourceFolders.flatMap(filesUnder);
const typeScript = allFiles.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));

interface Import {
	target: string;
	typeOnly: boolean;
}

const importPattern =
	/^(?:import|export) (type )?(?:(?:\w+|\*(?: as \w+)?|(?:\w+, )?\{[^}]*\}) from )?["']([^"']+)["']/gm;

function importsOf(path: string): Import[] {
	const text = readFileSync(join(root, path), "utf8");
	const found: Import[] = [];
	for (const match of text.matchAll(importPattern))
		found.push({ target: resolveImport(path, match[2] ?? ""), typeOnly: match[1] !== undefined });
	return found;
}

function resolveImport(from: string, name: string): string {
	if (name === "vatlet") return "hosts/node/index.ts";
	if (name.startsWith("vatlet/")) return `src/${name.slice(7)}.ts`;
	return name.startsWith(".") ? normalize(join(dirname(from), name.replace(/\.js$/, ".ts"))) : name;
}

function layerOf(path: string): number {
	return layers.indexOf(path.split("/")[1] ?? "");
}

describe("the source tree", () => {
	it("imports only downwards in src", () => {
		const upward: string[] = [];
		for (const path of typeScript.filter((name) => name.startsWith("src/"))) {
			const from = path.split("/")[1] ?? "";
			if (entryPoints.includes(from)) continue;
			for (const { target } of importsOf(path)) {
				if (!target.startsWith("src/") || target.startsWith("src/ports/")) continue;
				// Generated code names its runtime through the package, as a user's generated code does.
				if (layerOf(target) > layerOf(path) || entryPoints.includes(target.slice(4)))
					upward.push(`${path} → ${target}`);
			}
		}
		expect(upward).toEqual([]);
	});

	it("keeps src free of hosts and modules, and ports free of everything but types", () => {
		const wrong: string[] = [];
		for (const path of typeScript.filter((name) => name.startsWith("src/"))) {
			for (const { target, typeOnly } of importsOf(path)) {
				if (/^(hosts|modules|test|examples)\//.test(target)) wrong.push(`${path} → ${target}`);
				if (path.startsWith("src/ports/") && !typeOnly) wrong.push(`${path} → ${target} is not a type import`);
			}
		}
		expect(wrong).toEqual([]);
	});

	it("has no file in src that needs Node outside of the compiler", () => {
		const wrong = typeScript
			.filter((path) => path.startsWith("src/") && !path.startsWith("src/capnpc/"))
			.filter((path) => importsOf(path).some(({ target }) => target.startsWith("node:")));
		expect(wrong).toEqual([]);
	});

	it("has no cycle of imports", () => {
		expect(cyclesAmong(typeScript)).toEqual([]);
	});

	it("has no mutable module scope where XS would freeze it", () => {
		const wrong: string[] = [];
		const frozenOnXs = typeScript.filter(
			(path) => /^(src|hosts\/xs|modules)\//.test(path) && !path.startsWith("src/capnpc/"),
		);
		for (const path of frozenOnXs) {
			for (const line of readFileSync(join(root, path), "utf8").split("\n")) {
				// An empty buffer has nothing that could be written.
				if (/new (\w+Array|DataView\(new ArrayBuffer)\(0\)\)?;$/.test(line)) continue;
				if (/^(export )?(let|var)\s/.test(line)) wrong.push(`${path}: ${line}`);
				if (/^(export )?const .*= new (Map|Set|WeakMap|WeakSet|ArrayBuffer|DataView|\w+Array|Promise)\b/.test(line))
					wrong.push(`${path}: ${line}`);
				if (/^\tstatic (?!readonly\b)[#\w]+ ?(:[^(]*)?=/.test(line)) wrong.push(`${path}: ${line}`);
			}
		}
		expect(wrong).toEqual([]);
	});

	it("has no regular expression in what devices run: the engine's would take 30 KB of their flash", () => {
		const onDevices = typeScript.filter((path) =>
			/^(src\/(base|wire|arena|layout|message|rpc|net|vat|device\.ts)|hosts\/xs|modules)\b/.test(path),
		);
		const wrong = onDevices.filter((path) =>
			/[=(,:?!&|]\s*\/(?![/*])(\\.|\[[^\]\n]*\]|[^/\n])+\/[a-z]*[.,;)\s]/.test(
				readFileSync(join(root, path), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*|"[^"\n]*"|`[^`]*`/g, '""'),
			),
		);
		expect(wrong).toEqual([]);
	});

	it("has no file over 500 lines", () => {
		const long = allFiles
			.filter((path) => /\.(ts|mjs|c|h)$/.test(path) && !path.endsWith(".capnp.ts"))
			.map((path) => ({ path, lines: readFileSync(join(root, path), "utf8").split("\n").length - 1 }))
			.filter(({ lines }) => lines > 500);
		expect(long).toEqual([]);
	});

	it("has kebab-case file names", () => {
		const odd = allFiles
			// Others' headers, by the names that sources include.
			.filter((path) => !path.startsWith("test/hosts/esp32/declarations/"))
			.map((path) => path.split("/").pop() ?? "")
			.filter((name) => /[A-Z_]/.test(name.replace(/\.S$/, "")) && !/^(README\.md|CMakeLists\.txt)$/.test(name));
		expect(odd).toEqual([]);
	});

	it("has a README in every folder of src, hosts and modules", () => {
		const folders = new Set(
			allFiles.filter((path) => /^(src|hosts|modules)\/.*\.(ts|mjs|c|h)$/.test(path)).map((path) => dirname(path)),
		);
		const without = [...folders].filter((path) => path !== "src" && !isDocumented(path));
		expect(without).toEqual([]);
	});
});

/** A folder has a README of its own, or one further up names it. */
function isDocumented(folder: string): boolean {
	for (let above = folder; above !== "."; above = dirname(above)) {
		const path = join(root, above, "README.md");
		if (!existsSync(path)) continue;
		if (above === folder || readFileSync(path, "utf8").includes(`${relative(above, folder)}/`)) return true;
	}
	return false;
}

function cyclesAmong(files: string[]): string[] {
	const state = new Map<string, "open" | "done">();
	const cycles: string[] = [];
	const visit = (path: string, trail: string[]): void => {
		if (state.get(path) === "done") return;
		if (state.get(path) === "open") {
			cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
			return;
		}
		state.set(path, "open");
		for (const { target, typeOnly } of importsOf(path))
			if (!typeOnly && files.includes(target)) visit(target, [...trail, path]);
		state.set(path, "done");
	};
	for (const path of files) visit(path, []);
	return cycles;
}
