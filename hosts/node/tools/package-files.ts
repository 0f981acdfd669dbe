/**
 * What an installed package needs in `dist` beside the bundles: the device's modules as JavaScript, one by one, since an application's build
 * picks from them; and the list of pinned packages that such a build fetches.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../build/folders.js";
import type { PinnedPackage } from "../build/toolchain.js";

interface LockEntry {
	version: string;
	integrity?: string;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	os?: string[];
	cpu?: string[];
	libc?: string[];
}

const root = packageRoot();
const modules = ["src", "hosts/xs", "modules"];
/** Taken for its C sources alone, without what it depends on. */
const engine = "@agoric/xsnap";
const tools = ["rollup", "terser", "typescript"];

function copyModules(): void {
	const target = join(root, "dist/js");
	rmSync(target, { recursive: true, force: true });
	for (const folder of modules)
		cpSync(join(root, "build/js", folder), join(target, folder), {
			recursive: true,
			filter: (path) => !path.endsWith(".map") && !path.includes("/capnpc"),
		});
}

function pinnedPackages(): PinnedPackage[] {
	const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
		packages: Record<string, LockEntry>;
	};
	const found = new Map<string, PinnedPackage>();
	const add = (name: string, from: string, whole: boolean): void => {
		const path = nearest(lock.packages, name, from);
		const entry = path === null ? undefined : lock.packages[path];
		// Optional ones can be missing for machines that no registry at hand had a build for.
		if (path === null || entry === undefined || found.has(path)) return;
		if (entry.integrity === undefined) throw new Error(`package-lock.json has no integrity for ${name}`);
		const { version, integrity, os, cpu, libc } = entry;
		found.set(path, { path, name, version, integrity, ...(os && { os }), ...(cpu && { cpu }), ...(libc && { libc }) });
		if (!whole) return;
		for (const other of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) add(other, path, true);
	};
	add(engine, "", false);
	for (const name of tools) add(name, "", true);
	return [...found.values()];
}

/** Where `require(name)` would look, from the package at `from` upwards. */
function nearest(packages: Record<string, LockEntry>, name: string, from: string): string | null {
	for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
		const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
		if (packages[path] !== undefined) return path;
		if (folder === "") return null;
	}
}

copyModules();
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/toolchain.json"), JSON.stringify(pinnedPackages(), null, "\t") + "\n");
