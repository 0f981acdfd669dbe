// @ts-check
import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the lock file asks for and node_modules does not have in that version.
 * npm itself records what it installed in node_modules/.package-lock.json; optional packages are for other platforms.
 * @param {string} root
 */
function stalePackages(root) {
	const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
	/** @type {Record<string, {version: string}>} */
	let present;
	try {
		present = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")).packages;
	} catch {
		present = {};
	}
	return Object.keys(wanted).filter(
		(path) => path !== "" && !wanted[path].optional && present[path]?.version !== wanted[path].version,
	);
}

/**
 * Brings node_modules to the lock file's state.
 * @param {string} root
 * @param {(line: string) => void} say
 */
export function ensureModules(root, say) {
	const stale = stalePackages(root);
	if (stale.length === 0) return;
	if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
		say(`node_modules is a link and ${stale.length} packages behind the lock file; left alone`);
		return;
	}
	say(`installing npm packages (${stale.length} missing or changed)`);
	// Not `npm ci`: it refuses a lock file that lacks the optional binaries of platforms a registry mirror does not carry.
	const install = spawnSync("npm", ["install", "--no-save", "--loglevel=error"], {
		cwd: root,
		stdio: ["ignore", 2, 2],
	});
	if (install.error) throw new Error("npm was not found; it comes with Node 20 or newer");
	const still = stalePackages(root);
	if (install.status !== 0 || still.length > 0)
		throw new Error(`npm install failed in ${root}; run it by hand to see why`);
}
