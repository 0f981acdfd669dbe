// @ts-check
/**
 * `node run.mjs [--needs group,…] MODULE [arguments]`: sets a clone up, then runs a compiled module from build/js.
 * Plain JavaScript, because it runs before anything is installed or compiled.
 */
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import { compile } from "./compile.mjs";
import { ensurePackages } from "./debian-packages.mjs";
import { ensureModules } from "./npm-packages.mjs";

/** @typedef {import("./debian-packages.mjs").PackageGroup} PackageGroup */

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** @param {string} line */
const say = (line) => void process.stderr.write(`set-up: ${line}\n`);

/** @param {string[]} args */
function choosePlatform(args) {
	const at = args.findIndex((arg) => arg === "-p" || arg === "--platform");
	const inline = args.find((arg) => arg.startsWith("--platform="))?.slice("--platform=".length);
	return inline ?? (at >= 0 ? args[at + 1] : undefined) ?? "qemu";
}

/**
 * @param {string} needs
 * @param {string[]} args
 * @returns {PackageGroup[]}
 */
function groupsFor(needs, args) {
	if (args.includes("--help") || args.includes("-h")) return [];
	if (needs === "platform") {
		if (choosePlatform(args) !== "linux") return ["linux", "qemu"];
		return args.includes("serial") || args.includes("--link=serial") ? ["linux", "serial"] : ["linux"];
	}
	return /** @type {PackageGroup[]} */ (needs.split(",").filter((name) => name !== ""));
}

const args = process.argv.slice(2);
const needs = args[0] === "--needs" ? (args.splice(0, 2)[1] ?? "") : "";
const target = args.shift();
try {
	const major = Number(process.versions.node.split(".")[0]);
	if (major < 20) throw new Error(`Node ${process.versions.node} is too old: Vatlet needs 20 or newer`);
	ensureModules(root, say);
	ensurePackages(groupsFor(needs, args), say);
	compile(root);
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exit(1);
}
if (target) {
	const path = join(root, "build/js", target);
	process.argv = [process.execPath, path, ...args];
	await import(pathToFileURL(path).href);
}
