import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";

/** An application, read from a Moddable manifest and everything that it includes. */
export interface Application {
	/** The name of the manifest's folder. */
	readonly name: string;
	readonly manifest: string;
	readonly platform: string;
	/** Absolute path of the JavaScript or TypeScript source of each module, by the name it is imported by. */
	readonly modules: ReadonlyMap<string, string>;
	/** Absolute paths of C and assembler sources. */
	readonly nativeSources: readonly string[];
	/** Absolute paths of data and resource files by name. */
	readonly data: ReadonlyMap<string, string>;
	readonly preload: readonly string[];
	/** The same as the manifests have it: names, or patterns with `*`. */
	readonly preloadPatterns: readonly string[];
	readonly config: Readonly<Record<string, unknown>>;
	readonly creation: Readonly<Record<string, unknown>>;
	readonly defines: Readonly<Record<string, unknown>>;
	/** What the linker is given: `build.LIBRARIES`. */
	readonly libraries: readonly string[];
	/** CMake files that add to the target `app`: `build.CMAKE`. */
	readonly cmakeFiles: readonly string[];
	/** Debian source packages that those want unpacked: `build.DEBIAN_SOURCES`. */
	readonly debianSources: readonly string[];
}

export interface ManifestOptions {
	/** As the SDK names it: `linux`, `unikernel/virt`, `esp32/esp32c3`. */
	platform: string;
	/**
	 * What stands for the SDK's own manifests: a path below `$(MODDABLE)` to the absolute path of a manifest, undefined for one that is left to the
	 * SDK, null where there is no equivalent.
	 */
	sdk: (path: string) => string | null | undefined;
	/** Is told what a manifest warns of. */
	warn?: (text: string) => void;
}

type Json = Record<string, unknown>;

const mergedKeys = ["config", "creation", "defines"] as const;
/** Of use to the SDK only, or with no meaning for our hosts: read and left alone. */
const ignoredKeys = new Set(["strip", "commonjs", "typescript", "run", "recipes", "ble", "dependency", "//"]);
const knownKeys = new Set([
	"build",
	"include",
	"modules",
	"preload",
	"platforms",
	"error",
	"warning",
	"data",
	"resources",
	...mergedKeys,
	...ignoredKeys,
]);
const moduleEndings = [".ts", ".js", ".mjs"];
const nativeEndings = [".c", ".S"];

/** Reads `path` and what it includes; throws with the file and the key where something is wrong or not supported. */
export function readManifest(path: string, options: ManifestOptions): Application {
	const reader = new ManifestReader(options);
	const absolute = resolve(path);
	reader.include(absolute);
	return {
		name: basename(dirname(absolute)),
		manifest: absolute,
		platform: options.platform,
		modules: reader.modules,
		nativeSources: [...reader.nativeSources],
		data: reader.data,
		preload: reader.preloaded(),
		preloadPatterns: reader.preload,
		config: reader.merged.config,
		creation: reader.merged.creation,
		defines: reader.merged.defines,
		libraries: [...reader.libraries],
		cmakeFiles: [...reader.cmakeFiles],
		debianSources: [...reader.debianSources],
	};
}

class ManifestReader {
	readonly modules = new Map<string, string>();
	readonly nativeSources = new Set<string>();
	readonly data = new Map<string, string>();
	readonly libraries = new Set<string>();
	readonly cmakeFiles = new Set<string>();
	readonly debianSources = new Set<string>();
	readonly merged: Record<(typeof mergedKeys)[number], Json> = { config: {}, creation: {}, defines: {} };
	readonly #options: ManifestOptions;
	readonly #included = new Set<string>();
	readonly preload: string[] = [];

	constructor(options: ManifestOptions) {
		this.#options = options;
	}

	include(path: string): void {
		if (this.#included.has(path)) return;
		this.#included.add(path);
		let manifest: unknown;
		try {
			manifest = JSON.parse(readFileSync(path, "utf8"));
		} catch (error) {
			throw new Error(`${path}: ${existsSync(path) ? (error as Error).message : "no such manifest"}`);
		}
		this.#section(path, object(path, "", manifest), { MODDABLE: "$(MODDABLE)" });
	}

	preloaded(): string[] {
		return [...this.modules.keys()].filter((name) => this.preload.some((pattern) => matches(pattern, name)));
	}

	/** One manifest, or what it says for our platform. Includes come first, so that the includer wins. */
	#section(path: string, section: Json, inherited: Readonly<Record<string, string>>): void {
		for (const key of Object.keys(section))
			if (!knownKeys.has(key)) throw new Error(`${path}: "${key}" is not supported here`);
		if (section["error"] !== undefined) throw new Error(`${path}: ${string(path, "error", section["error"])}`);
		if (section["warning"] !== undefined)
			this.#options.warn?.(`${path}: ${string(path, "warning", section["warning"])}`);
		const variables = { ...inherited };
		for (const [name, value] of Object.entries(object(path, "build", section["build"] ?? {})))
			variables[name] = this.#location(path, string(path, `build.${name}`, value), variables);
		this.#collectBuild(variables, inherited);
		for (const item of list(path, "include", section["include"])) this.#includeFrom(path, item, variables);
		this.#files(path, "modules", section["modules"], variables, (name, source) => this.#addModule(name, source));
		for (const key of ["data", "resources"])
			this.#files(path, key, section[key], variables, (name, source) => this.data.set(name + extname(source), source));
		this.preload.push(...list(path, "preload", section["preload"]));
		for (const key of mergedKeys) merge(this.merged[key], object(path, key, section[key] ?? {}));
		const platform = choosePlatform(object(path, "platforms", section["platforms"] ?? {}), this.#options.platform);
		if (platform) this.#section(path, object(path, "platforms", platform), variables);
	}

	#collectBuild(variables: Readonly<Record<string, string>>, inherited: Readonly<Record<string, string>>): void {
		const into = { LIBRARIES: this.libraries, CMAKE: this.cmakeFiles, DEBIAN_SOURCES: this.debianSources };
		for (const [name, set] of Object.entries(into))
			if (variables[name] !== undefined && variables[name] !== inherited[name])
				for (const item of variables[name].split(/\s+/)) if (item) set.add(item);
	}

	#includeFrom(path: string, item: string, variables: Readonly<Record<string, string>>): void {
		const target = substitute(path, item, variables);
		if (!target.startsWith("$(MODDABLE)")) return this.include(manifestAt(resolve(dirname(path), target)));
		const standIn = this.#options.sdk(target.slice("$(MODDABLE)/".length));
		if (standIn === undefined) return;
		if (standIn === null) throw new Error(`${path}: include: there is no equivalent of ${item} here`);
		this.include(standIn);
	}

	#location(path: string, value: string, variables: Readonly<Record<string, string>>): string {
		// What only the SDK's make files know stays as it is, until somebody uses it in a path.
		const text = value.replace(variable, (whole, name: string) => variables[name] ?? process.env[name] ?? whole);
		return text.startsWith(".") ? resolve(dirname(path), text) : text;
	}

	/** Walks `modules`, `data` or `resources`: names to paths, `*` in both, `~` for what is left out. */
	#files(
		path: string,
		key: string,
		section: unknown,
		variables: Readonly<Record<string, string>>,
		add: (name: string, source: string) => void,
	): void {
		const entries = object(path, key, section ?? {});
		const excluded = new Set<string>();
		for (const item of list(path, `${key}.~`, entries["~"]))
			for (const source of expand(resolve(dirname(path), substitute(path, item, variables)))) excluded.add(source);
		for (const [name, value] of Object.entries(entries)) {
			if (name === "~") continue;
			for (const item of list(path, `${key}.${name}`, value)) {
				const sources = expand(resolve(dirname(path), substitute(path, item, variables)));
				if (sources.length === 0) throw new Error(`${path}: ${key}.${name}: nothing found at ${item}`);
				for (const source of sources)
					if (!excluded.has(source)) add(name.replace("*", basename(source, extname(source))), source);
			}
		}
	}

	#addModule(name: string, source: string): void {
		const ending = extname(source);
		if (nativeEndings.includes(ending)) this.nativeSources.add(source);
		else if (moduleEndings.includes(ending)) this.modules.set(name, source);
	}
}

/** The section for a platform: its own, its family's (`unikernel/*` or `unikernel`), or `...` for all others. */
function choosePlatform(platforms: Json, platform: string): unknown {
	const family = platform.split("/")[0] ?? platform;
	return platforms[platform] ?? platforms[`${family}/*`] ?? platforms[family] ?? platforms["..."];
}

function manifestAt(path: string): string {
	return existsSync(path) && statSync(path).isDirectory() ? join(path, "manifest.json") : path;
}

/** `$(NAME)` */
const variable = /\$\((\w+)\)/g;

function substitute(path: string, text: string, variables: Readonly<Record<string, string>>): string {
	return text.replace(variable, (_, name: string) => {
		const value = variables[name] ?? process.env[name];
		if (value === undefined) throw new Error(`${path}: $(${name}) is not defined`);
		return value;
	});
}

/** The files that a path without ending, or with `*` as its last part, stands for. A C source comes with its module. */
function expand(pattern: string): string[] {
	const folder = dirname(pattern);
	const wanted = basename(pattern);
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name === wanted || (!name.endsWith(".d.ts") && matches(wanted, basename(name, extname(name)))))
		.map((name) => join(folder, name))
		.filter((path) => statSync(path).isFile())
		.sort();
}

/** Whether a name is the one that is written, or fits a pattern with `*`. */
export function matches(pattern: string, name: string): boolean {
	if (!pattern.includes("*")) return pattern === name;
	const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*");
	return new RegExp(`^${escaped}$`).test(name);
}

/** Deep for objects; lists and plain values of the later one win. */
function merge(into: Json, from: Json): void {
	for (const [key, value] of Object.entries(from)) {
		const old = into[key];
		if (isObject(old) && isObject(value)) merge(old, value);
		else into[key] = isObject(value) ? structuredClone(value) : value;
	}
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(path: string, key: string, value: unknown): Json {
	if (!isObject(value)) throw new Error(`${path}: ${key || "the manifest"} must be an object`);
	return value;
}

function string(path: string, key: string, value: unknown): string {
	if (typeof value !== "string") throw new Error(`${path}: ${key} must be a string`);
	return value;
}

/** A string, `{source}`, or a list of them. */
function list(path: string, key: string, value: unknown): string[] {
	if (value === undefined) return [];
	return (Array.isArray(value) ? value : [value]).map((item) =>
		string(path, key, isObject(item) ? item["source"] : item),
	);
}
