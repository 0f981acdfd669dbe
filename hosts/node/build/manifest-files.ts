import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";

export type Json = Record<string, unknown>;

/** What the manifests' `modules`, `data` and `resources` come to. */
export interface ManifestFiles {
	readonly modules: Map<string, string>;
	readonly nativeSources: Set<string>;
	readonly includeFolders: Set<string>;
	readonly declarations: Set<string>;
	readonly data: Map<string, string>;
}

export type FileKey = "modules" | "data" | "resources";

/** One entry of such a section: where files are looked for, and who said so. */
export interface FileEntry {
	/** `MANIFEST: modules.NAME`, for messages. */
	readonly place: string;
	readonly target: string;
	/** As written, and as an absolute path. */
	readonly written: string;
	readonly path: string;
	/** What stands beside `source`. */
	readonly extras: Json;
}

export interface MatchOptions {
	/** The SDK builds for this platform: what only it can make of a file is left to it. */
	foreign: boolean;
	warn: (text: string) => void;
}

/** Files that the SDK's own tools turn into something else. */
const converted: Readonly<Record<string, string>> = {
	".png": "bitmaps",
	".act": "color tables",
	".fnt": "fonts",
	".ttf": "fonts",
	".otf": "fonts",
	".wav": "audio",
};
const moduleEndings = [".js", ".json", ".mjs", ".ts"];
const nativeEndings = [".c", ".S"];
const foreignEndings = [".cc", ".cpp", ".m", ".java", ".pio"];

/**
 * Finds the files of all manifests together, as the SDK does: `~` of any manifest leaves a file out of all of them, data goes before
 * modules and those before resources.
 */
export function matchFiles(
	entries: Readonly<Record<FileKey, readonly FileEntry[]>>,
	options: MatchOptions,
): ManifestFiles {
	const files: ManifestFiles = {
		modules: new Map(),
		nativeSources: new Set(),
		includeFolders: new Set(),
		declarations: new Set(),
		data: new Map(),
	};
	const isData = new Set<string>();
	walk(entries.data, options, (entry, name, source) => {
		isData.add(source);
		addOnce(files.data, entry, name + extname(source), source);
	});
	walk(entries.modules, options, (entry, name, source) => {
		if (!isData.has(source)) addModule(files, options, entry, name, source);
	});
	walk(entries.resources, options, (entry, name, source) => {
		if (!isData.has(source)) addResource(files, options, entry, name, source);
	});
	return files;
}

function walk(
	entries: readonly FileEntry[],
	options: MatchOptions,
	add: (entry: FileEntry, name: string, source: string) => void,
): void {
	const excluded = new Set<string>();
	for (const entry of entries) if (entry.target === "~") for (const { path } of expand(entry.path)) excluded.add(path);
	for (const entry of entries) {
		if (entry.target === "~") continue;
		const found = entry.path.endsWith("/") ? [{ path: entry.path, name: "" }] : expand(entry.path);
		if (found.length === 0) {
			const text = `${entry.place}: nothing found at ${entry.written}`;
			if (!basename(entry.path).includes("*") || !existsSync(dirname(entry.path))) throw new Error(text);
			options.warn(text);
		}
		const star = entry.target.lastIndexOf("*");
		for (const { path, name } of found)
			if (!excluded.has(path)) add(entry, star < 0 ? entry.target : entry.target.slice(0, star) + name, path);
	}
}

function addModule(files: ManifestFiles, options: MatchOptions, entry: FileEntry, name: string, source: string): void {
	const ending = extname(source);
	const refuse = (why: string): void => {
		if (!options.foreign) throw new Error(`${entry.place}: ${why}`);
	};
	if (entry.extras["transform"] !== undefined)
		return refuse(`the SDK's transform "${String(entry.extras["transform"])}" is not done here`);
	if (source.endsWith("/")) files.includeFolders.add(source.slice(0, -1));
	else if (ending === ".h") files.includeFolders.add(dirname(source));
	else if (nativeEndings.includes(ending)) files.nativeSources.add(source);
	else if (source.endsWith(".d.ts")) files.declarations.add(source);
	else if (ending === ".json" && basename(source).startsWith("manifest")) return;
	else if (moduleEndings.includes(ending)) addOnce(files.modules, entry, name, source);
	else if (foreignEndings.includes(ending)) refuse(`${source}: only C, assembler and JavaScript are compiled here`);
}

function addResource(
	files: ManifestFiles,
	options: MatchOptions,
	entry: FileEntry,
	name: string,
	source: string,
): void {
	if (options.foreign) return;
	const ending = extname(source);
	const kind = converted[ending] ?? (ending === ".json" && dirname(source).endsWith("strings") ? "texts" : undefined);
	if (kind !== undefined || /\*-/.test(entry.target))
		throw new Error(
			`${entry.place}: ${source}: the SDK converts ${kind ?? "images"}, which is not done here; below "data" its bytes are kept as they are`,
		);
	const isCode =
		ending === ".h" || (ending !== ".json" && moduleEndings.includes(ending)) || nativeEndings.includes(ending);
	if (!isCode && !source.endsWith("/")) addOnce(files.data, entry, name + ending, source);
}

/** Two files under one name: which one an import gets would be luck. */
function addOnce(into: Map<string, string>, entry: FileEntry, name: string, source: string): void {
	const other = into.get(name);
	if (other === undefined || other === source) into.set(name, source);
	else if (other.slice(0, -extname(other).length) === source.slice(0, -extname(source).length)) {
		// Compiled beside its source: the source counts.
		if (source.endsWith(".ts")) into.set(name, source);
	} else throw new Error(`${entry.place}: "${name}" is ${source}, and also ${other}; leave one out with "~"`);
}

/**
 * The files that a path stands for: with or without its ending, or with `*` at the end of its name. What is called by a pattern's name
 * is what the `*` stood for. A C source comes with its module.
 */
function expand(pattern: string): { path: string; name: string }[] {
	const folder = dirname(pattern);
	const wanted = basename(pattern);
	if (!existsSync(folder)) return [];
	const star = wanted.indexOf("*");
	const found = [];
	for (const file of readdirSync(folder).sort()) {
		if (file.startsWith(".")) continue;
		const stem = file.endsWith(".d.ts") ? file.slice(0, -5) : basename(file, extname(file));
		const fits =
			star < 0
				? wanted === stem || wanted === file
				: stem.startsWith(wanted.slice(0, star)) && [".*", "", extname(file)].includes(wanted.slice(star + 1));
		const path = join(folder, file);
		if (fits && statSync(path).isFile()) found.push({ path, name: star < 0 ? stem : stem.slice(star) });
	}
	return found;
}

/** Whether a name is the one that is written, or begins as a pattern with `*` does. */
export function matches(pattern: string, name: string): boolean {
	const star = pattern.indexOf("*");
	return star < 0 ? pattern === name : name.startsWith(pattern.slice(0, star));
}

/** Relative to the folder of its manifest; a trailing slash says a folder of headers. */
export function absolutePath(manifest: string, path: string): string {
	return resolve(dirname(manifest), path) + (path.endsWith("/") ? "/" : "");
}
