/**
 * Sources of Debian packages, fetched through the machine's own apt: it knows the mirror, checks the signatures and the checksums.
 * Everything happens in a private apt configuration below the folder that is given, so the user's own lists and settings stay as
 * they are.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface DebianSource {
	/** Source package, for example `lwip`. */
	name: string;
	/** The unpacked and patched tree. */
	folder: string;
	version: string;
}

export interface DebianSourceOptions {
	/** Where trees, archives and apt's private state go, for example `build/third-party`. */
	folder: string;
	onProgress?: (detail: string) => void;
	/** apt's settings; `/etc/apt` unless a test says otherwise. */
	aptFolder?: string;
}

/** Unpacked and patched sources of a package. Does nothing when they are there already. */
export async function debianSource(name: string, options: DebianSourceOptions): Promise<DebianSource> {
	const folder = resolve(options.folder, name);
	const stamp = join(folder, ".version");
	if (existsSync(stamp)) return { name, folder, version: (await readFile(stamp, "utf8")).trim() };
	const downloads = resolve(options.folder, "archives");
	await mkdir(downloads, { recursive: true });
	let description = await findDescription(downloads, name);
	if (description === null) {
		const apt = await privateApt(resolve(options.folder, "apt"), options.aptFolder ?? "/etc/apt");
		options.onProgress?.(`fetching Debian's source package lists`);
		await aptRun(apt, ["update"], downloads, name);
		options.onProgress?.(`fetching the source package ${name}`);
		await aptRun(apt, ["source", "--download-only", name], downloads, name);
		description = await findDescription(downloads, name);
		if (description === null) throw new Error(`apt reported success, but there is no ${name}_*.dsc in ${downloads}`);
	}
	options.onProgress?.(`unpacking ${name}`);
	const version = await unpack(downloads, description, folder);
	return { name, folder, version };
}

async function findDescription(downloads: string, name: string): Promise<string | null> {
	const found = (await readdir(downloads)).filter((file) => file.startsWith(`${name}_`) && file.endsWith(".dsc"));
	return found.sort().at(-1) ?? null;
}

/** `deb` entries turned into `deb-src` ones, in both of apt's formats. */
export function sourceEntries(text: string, deb822: boolean): string {
	if (deb822) return text.replace(/^Types:.*$/gm, "Types: deb-src");
	return text
		.split("\n")
		.filter((line) => /^deb\s/.test(line))
		.map((line) => line.replace(/^deb\s/, "deb-src "))
		.join("\n");
}

async function privateApt(folder: string, aptFolder: string): Promise<string[]> {
	const parts = join(folder, "parts");
	await rm(parts, { recursive: true, force: true });
	for (const each of [parts, join(folder, "lists/partial"), join(folder, "cache/archives/partial")])
		await mkdir(each, { recursive: true });
	let entries = 0;
	for (const file of await sourceFiles(aptFolder)) {
		const text = sourceEntries(await readFile(file, "utf8"), file.endsWith(".sources"));
		if (!/deb-src/.test(text)) continue;
		await writeFile(join(parts, `${entries++}${file.endsWith(".sources") ? ".sources" : ".list"}`), text);
	}
	if (entries === 0)
		throw new Error(`apt has no package sources below ${aptFolder}: the sources of lwIP and mbedTLS come from there`);
	return [
		"-o",
		"Dir::Etc::SourceList=/dev/null",
		"-o",
		`Dir::Etc::SourceParts=${parts}`,
		"-o",
		`Dir::State::Lists=${join(folder, "lists")}`,
		"-o",
		`Dir::Cache=${join(folder, "cache")}`,
		"-o",
		"APT::Sandbox::User=",
	];
}

async function sourceFiles(aptFolder: string): Promise<string[]> {
	const files = [];
	if (existsSync(join(aptFolder, "sources.list"))) files.push(join(aptFolder, "sources.list"));
	const parts = join(aptFolder, "sources.list.d");
	if (existsSync(parts))
		for (const file of (await readdir(parts)).sort()) if (/\.(list|sources)$/.test(file)) files.push(join(parts, file));
	return files;
}

async function aptRun(apt: string[], command: string[], folder: string, name: string): Promise<void> {
	try {
		await run("apt-get", [...apt, "-q", ...command], { cwd: folder, maxBuffer: 1 << 24 });
	} catch (error) {
		const { stderr, code } = error as { stderr?: string; code?: string };
		if (code === "ENOENT")
			throw new Error(
				"apt-get is not there: this build takes lwIP and mbedTLS from Debian's (or Ubuntu's) source packages",
			);
		const lines = (stderr ?? String(error)).split("\n").filter((line) => /^[EW]:/.test(line));
		throw new Error(
			`apt could not fetch the source package ${name}; is the machine online?\n${lines.slice(-5).join("\n")}`,
		);
	}
}

/** The upstream archive plus Debian's patches, in the order of their series. */
async function unpack(downloads: string, description: string, folder: string): Promise<string> {
	const text = await readFile(join(downloads, description), "utf8");
	const version = /^Version: (.+)$/m.exec(text)?.[1];
	const files = [...text.matchAll(/^ [0-9a-f]{64} \d+ (\S+)$/gm)].map((match) => match[1]!);
	const upstream = files.find((file) => /\.orig\.tar\.\w+$/.test(file));
	const debian = files.find((file) => /\.debian\.tar\.\w+$/.test(file));
	if (version === undefined || upstream === undefined || debian === undefined)
		throw new Error(`${description} does not name an upstream and a Debian archive`);
	const fresh = `${folder}.new`;
	await rm(fresh, { recursive: true, force: true });
	await mkdir(fresh, { recursive: true });
	await run("tar", ["-xf", join(downloads, upstream), "--strip-components=1", "-C", fresh]);
	await run("tar", ["-xf", join(downloads, debian), "-C", fresh]);
	const series = join(fresh, "debian/patches/series");
	if (existsSync(series)) {
		for (const line of (await readFile(series, "utf8")).split("\n")) {
			const patch = line.replace(/\s+#.*$/, "").trim();
			if (patch === "" || patch.startsWith("#")) continue;
			await run("patch", ["-p1", "-s", "-f", "-i", join("debian/patches", patch)], { cwd: fresh });
		}
	}
	await writeFile(join(fresh, ".version"), `${version}\n`);
	await rm(folder, { recursive: true, force: true });
	await rename(fresh, folder);
	return version;
}
