import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { runCommand } from "./command.js";
import { downloadFolder, isClone, packageRoot } from "./folders.js";

/** Says what is under way; `detail` may change often. */
export type Progress = (step: string, detail?: string) => void;

/** What turns an application into bytecode, beyond the C compilers. */
export interface Toolchain {
	/** Of the minifier, whose output is kept. */
	readonly version: string;
	/** The `moddable/xs` folder of the package that carries XS. */
	readonly xsFolder: string;
	/** TypeScript's command, to be run by Node. */
	readonly tsc: string;
	readonly rollup: typeof import("rollup");
	readonly parseAst: typeof import("rollup/parseAst").parseAst;
	readonly minify: typeof import("terser").minify;
}

/** One npm package at the version that this release was tested with. `integrity` is npm's: the algorithm and the base64 of the hash. */
export interface PinnedPackage {
	/** Where it belongs, `node_modules/NAME` or deeper. */
	path: string;
	name: string;
	version: string;
	integrity: string;
	/** Where it is of use; anywhere without. As in package.json. */
	os?: string[];
	cpu?: string[];
	libc?: string[];
}

/**
 * In a clone these are its own development dependencies. An installed package does not depend on them, since most who install it
 * never build for a device: they are fetched the first time, by npm, each checked against the hash that came with the package.
 */
export async function openToolchain(onProgress: Progress): Promise<Toolchain> {
	const folder = isClone() ? packageRoot() : await fetched(onProgress);
	const require = createRequire(join(folder, "package.json"));
	const load = (name: string): Promise<unknown> => import(pathToFileURL(require.resolve(name)).href);
	const rollup = (await load("rollup")) as typeof import("rollup");
	const { parseAst } = (await load("rollup/parseAst")) as typeof import("rollup/parseAst");
	const { minify } = (await load("terser")) as typeof import("terser");
	const { version } = require("terser/package.json") as { version: string };
	return {
		version,
		xsFolder: join(dirname(require.resolve("@agoric/xsnap/package.json")), "moddable/xs"),
		tsc: join(dirname(require.resolve("typescript/package.json")), "bin/tsc"),
		rollup,
		parseAst,
		minify,
	};
}

async function fetched(onProgress: Progress): Promise<string> {
	const list = await readFile(join(packageRoot(), "dist/toolchain.json"), "utf8");
	const key = createHash("sha256").update(list).digest("hex").slice(0, 12);
	const folder = join(downloadFolder(), `toolchain-${key}`);
	if (existsSync(folder)) return folder;
	await mkdir(downloadFolder(), { recursive: true });
	const fresh = await mkdtemp(join(downloadFolder(), "toolchain-new-"));
	try {
		for (const item of (JSON.parse(list) as PinnedPackage[]).filter(fitsThisMachine)) {
			onProgress("tool chain", `fetching ${item.name} ${item.version}, once`);
			await unpack(item, fresh);
		}
		await rename(fresh, folder).catch((error: NodeJS.ErrnoException) => {
			// Another build was faster.
			if (!existsSync(folder)) throw error;
		});
	} finally {
		await rm(fresh, { recursive: true, force: true });
	}
	return folder;
}

function fitsThisMachine({ os, cpu, libc }: PinnedPackage): boolean {
	return (
		(os?.includes(process.platform) ?? true) &&
		(cpu?.includes(process.arch) ?? true) &&
		(libc?.includes("glibc") ?? true)
	);
}

/** Fetches the package's tarball, refuses it if it is not the pinned one, and lays it where `require` looks. */
async function unpack(item: PinnedPackage, into: string): Promise<void> {
	const printed = await runCommand("npm", [
		"pack",
		`${item.name}@${item.version}`,
		"--ignore-scripts",
		"--silent",
		`--pack-destination=${into}`,
	]);
	const file = join(into, printed.trim().split("\n").at(-1)!);
	const [algorithm, expected] = item.integrity.split("-") as [string, string];
	const found = createHash(algorithm)
		.update(await readFile(file))
		.digest("base64");
	if (found !== expected)
		throw new Error(`${item.name} ${item.version} is not the package that was pinned: its ${algorithm} is ${found}`);
	const target = join(into, item.path);
	await mkdir(target, { recursive: true });
	await runCommand("tar", ["-xzf", file, "--strip-components=1", "-C", target]);
	await rm(file);
}
