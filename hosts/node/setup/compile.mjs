// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Lets the compiled files import `vatlet`, `vatlet/runtime` and `vatlet/device` by the names that users write. */
const selfPackage = {
	name: "vatlet",
	type: "module",
	exports: {
		".": "./hosts/node/index.js",
		"./runtime": "./src/runtime.js",
		"./device": "./src/device.js",
	},
};

/**
 * Compiles all TypeScript to build/js, only what changed.
 * @param {string} root
 */
export function compile(root) {
	const out = join(root, "build/js");
	mkdirSync(out, { recursive: true });
	const description = JSON.stringify(selfPackage, null, "\t") + "\n";
	const descriptionPath = join(out, "package.json");
	if (!existsSync(descriptionPath) || readFileSync(descriptionPath, "utf8") !== description)
		writeFileSync(descriptionPath, description);
	prune(root, out, "");
	const tsc = join(root, "node_modules/typescript/bin/tsc");
	const args = [tsc, "-p", root, "--incremental", "--tsBuildInfoFile", join(out, "typescript.tsbuildinfo")];
	const run = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
	if (run.status !== 0) throw new Error("the TypeScript sources do not compile (see above)");
}

/**
 * Removes output whose source is gone: a deleted spec must not go on passing.
 * @param {string} root
 * @param {string} out
 * @param {string} folder
 */
function prune(root, out, folder) {
	for (const entry of readdirSync(join(out, folder), { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) prune(root, out, path);
		else if (path.endsWith(".js") && !existsSync(join(root, path.slice(0, -3) + ".ts"))) {
			rmSync(join(out, path));
			rmSync(join(out, path + ".map"), { force: true });
			// The build information still lists the file as written.
			rmSync(join(out, "typescript.tsbuildinfo"), { force: true });
		}
	}
}
