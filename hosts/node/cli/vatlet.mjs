#!/usr/bin/env node
// @ts-check
/** The `vatlet` command: from the bundles of an installed package or, in a clone, from what it compiles. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
const isClone = existsSync(fileURLToPath(new URL("test", root)));
if (isClone) {
	process.argv.splice(2, 0, "hosts/node/cli/main.js");
	await import("../setup/run.mjs");
} else {
	await import(new URL("dist/node/cli.js", root).href);
}
