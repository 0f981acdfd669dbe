// @ts-check
/** Bundles of what tsc wrote to build/js: dist/node for Node, dist/xs for what a manifest.json points to. */
import { existsSync } from "node:fs";
import { nodeResolve } from "@rollup/plugin-node-resolve";

/** @param {string} name */
const compiled = (name) => `build/js/${name}.js`;

/** @param {Record<string, string>} entries */
const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)));

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
		input: present({ runtime: compiled("src/runtime"), device: compiled("src/device") }),
		// What the platform itself provides on XS.
		external: (id) => /^(embedded:|timer$|system$|mbedtls$|entropy$|codec$)/.test(id),
		plugins: [nodeResolve()],
		output: { dir: "dist/xs", format: "es", chunkFileNames: "chunk-[name].js" },
	},
];

export default bundles;
