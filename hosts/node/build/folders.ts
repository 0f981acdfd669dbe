import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds Vatlet's package.json, from wherever this file was compiled or bundled to. */
export function packageRoot(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "hosts/xs/tools/xslink.c"))) {
		const above = dirname(folder);
		if (above === folder) throw new Error("the C sources of hosts/xs are not beside this program");
		folder = above;
	}
	return folder;
}

/** A clone of the repository, rather than the package as it is installed elsewhere. */
export function isClone(): boolean {
	return existsSync(join(packageRoot(), "test"));
}

/** Where Vatlet's own sources lie as JavaScript, laid out as the sources are. */
export function compiledFolder(): string {
	return join(packageRoot(), isClone() ? "build/js" : "dist/js");
}

/**
 * What others made and we fetch: once for every version and installation. An installed package must not write into `node_modules`, which
 * others may own and `npm ci` empties.
 */
export function downloadFolder(): string {
	if (isClone()) return join(packageRoot(), "build");
	return process.env["VATLET_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vatlet");
}

/** What is built once for all applications, the engine and its tools: from this installation's sources, so for it alone. */
export function cacheFolder(): string {
	if (isClone()) return downloadFolder();
	const key = createHash("sha256").update(packageRoot()).digest("hex").slice(0, 12);
	return join(downloadFolder(), `${packageVersion()}-${key}`);
}

export function packageVersion(): string {
	return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}

/** Where an application's program goes: in a clone below its build folder, by whatever path it is reached; elsewhere beside the manifest. */
export function outputFolder(manifest: string, platform: string): string {
	const flat = platform.replaceAll("/", "-");
	const root = packageRoot();
	const inside = relative(root, realpathSync(dirname(manifest)));
	if (isClone() && !inside.startsWith("..")) return join(root, "build/xs", flat, inside.replaceAll("/", "-"));
	return join(dirname(manifest), "build", flat);
}
