#!/usr/bin/env node
// @ts-check
/** The plug-in of `capnp compile -ovatlet:DIR`: from the bundles of an installed package or, in a clone, from what it compiles. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
if (existsSync(fileURLToPath(new URL("tsconfig.json", root)))) {
	process.argv.splice(2, 0, "src/capnpc/main.js");
	await import("../setup/run.mjs");
} else {
	await import(new URL("dist/node/capnpc-vatlet.js", root).href);
}
