// @ts-check
/** Bundles of what tsc wrote to build/js: dist/node for Node, dist/xs for what a manifest.json points to. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { parseAst } from "rollup/parseAst";

/** @param {string} name */
const compiled = (name) => `build/js/${name}.js`;

/** @param {Record<string, string>} entries */
const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)));

/** What the SDK, or a manifest beside these bundles, provides on a device. */
const provided = /^(embedded:|mc\/|vatlet\/(?!runtime$)|timer$|mbedtls$|entropy$)/;

/**
 * The SDK preloads these bundles, and its linker wants nothing there that could change.
 * @type {import("rollup").OutputPlugin}
 */
const frozenScope = {
	name: "frozen-scope",
	async renderChunk(code) {
		const { freezeScope } = await import("./build/js/hosts/node/build/frozen-scope.js");
		return { code: freezeScope(code, parseAst), map: null };
	},
};

/** @type {import("rollup").OutputOptions} */
const deviceOutput = {
	dir: "dist/xs",
	format: "es",
	generatedCode: "es2015",
	chunkFileNames: "[name].js",
	hoistTransitiveImports: false,
	plugins: [frozenScope],
};

/**
 * C for what does many words of work, as far as that needs nothing but the engine's public interface.
 * @returns {import("rollup").Plugin}
 */
function nativeStandIns() {
	const natives = ["base/bytes", "base/utf8", "base/column", "wire/packed"];
	return {
		name: "native-stand-ins",
		resolveId(id, importer) {
			const target = importer && id.startsWith(".") ? resolve(dirname(importer), id) : "";
			const native = natives.find((name) => target === resolve(compiled(`src/${name}`)));
			return native ? resolve(compiled(`modules/codec/${native.slice(native.indexOf("/") + 1)}`)) : null;
		},
	};
}

/**
 * Generated modules of ours import `vatlet/runtime`, which is beside them here: as a module of its own it would import the library that imports it.
 * @returns {import("rollup").Plugin}
 */
function ownRuntime() {
	return {
		name: "own-runtime",
		resolveId: (id) => (id === "vatlet/runtime" ? resolve(compiled("src/runtime")) : null),
	};
}

/** @type {import("rollup").RollupOptions[]} */
const bundles = [
	{
		input: present({
			index: compiled("hosts/node/index"),
			runtime: compiled("src/runtime"),
			device: compiled("src/device"),
			cli: compiled("hosts/node/cli/main"),
			"capnpc-vatlet": compiled("src/capnpc/main"),
		}),
		// Packages stay imports; our own files come together.
		external: (id) =>
			!id.startsWith(".") && !id.startsWith("/") && !id.startsWith("build/") && !/^vatlet(\/|$)/.test(id),
		plugins: [nodeResolve()],
		output: { dir: "dist/node", format: "es", chunkFileNames: "chunk-[name].js", sourcemap: true },
	},
	{
		input: present({
			runtime: compiled("src/runtime"),
			device: compiled("src/device"),
			machine: compiled("hosts/xs/machine"),
		}),
		external: provided,
		plugins: [ownRuntime(), nativeStandIns(), nodeResolve()],
		// What they share is one module of a known name, since a manifest lists every one.
		output: { ...deviceOutput, manualChunks: (id) => (/\/(src\/.*|modules)\//.test(id) ? "library" : undefined) },
	},
	{
		input: present({
			system: compiled("hosts/esp32/system"),
			socket: compiled("hosts/esp32/socket"),
			serial: compiled("hosts/esp32/serial"),
		}),
		external: provided,
		plugins: [nativeStandIns(), nodeResolve()],
		output: deviceOutput,
	},
];

export default bundles;
