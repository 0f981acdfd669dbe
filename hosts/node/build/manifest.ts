import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { packageRoot } from "./folders.js";
import { absolutePath, matches, matchFiles, type FileEntry, type FileKey, type Json } from "./manifest-files.js";
import { standInFor, standInNames } from "./sdk-manifests.js";

/** An application, read from a Moddable manifest and everything that it includes. */
export interface Application {
	/** `NAME` among the build variables, else the name of the manifest's folder. */
	readonly name: string;
	readonly manifest: string;
	readonly platform: string;
	/** Absolute path of the JavaScript, TypeScript or JSON source of each module, by the name it is imported by. */
	readonly modules: ReadonlyMap<string, string>;
	/** Absolute paths of C and assembler sources. */
	readonly nativeSources: readonly string[];
	/** Folders of headers, beside those of the sources. */
	readonly includeFolders: readonly string[];
	/** Absolute paths of type declarations, for the compiler only. */
	readonly declarations: readonly string[];
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
	/** Where the SDK is, for a platform that it builds for; its manifests are only checked to be there. */
	moddable?: string | undefined;
	/** Is told what a manifest warns of. */
	warn?: (text: string) => void;
}

const mergedKeys = ["config", "creation", "defines"] as const;
const fileKeys: readonly FileKey[] = ["data", "modules", "resources"];
const usedKeys = ["build", "include", "preload", "platforms", "error", "warning", "strip", ...fileKeys, ...mergedKeys];
/** For other commands of the SDK, for its checker of types, and a comment. */
const ignoredKeys = ["bundle", "run", "typescript", "//"];
/** Of the SDK only. On a platform of ours they are refused, since what they ask for would silently be missing. */
const foreignKeys: Readonly<Record<string, string>> = {
	ble: "there is no Bluetooth",
	commonjs: "modules are ECMAScript modules",
	components: "there are no components of ESP-IDF",
	dependency: "there are no components of ESP-IDF",
	ffi: "functions in C are declared by native()",
	recipes: "the SDK's make rules are not run",
	zephyrConfig: "there is no Zephyr",
	zephyrOverlay: "there is no Zephyr",
	zephyrShields: "there is no Zephyr",
};
const knownKeys = new Set([...usedKeys, ...ignoredKeys, ...Object.keys(foreignKeys)]);
/** Variables that collect what several manifests give. */
const lists = ["LIBRARIES", "CMAKE", "DEBIAN_SOURCES"] as const;

/** Reads `path` and what it includes; throws with the file and the key where something is wrong or not supported. */
export function readManifest(path: string, options: ManifestOptions): Application {
	const absolute = resolve(path);
	const reader = new ManifestReader(options, basename(dirname(absolute)));
	reader.include(absolute);
	return reader.finish(absolute);
}

/** A manifest, or what it says for our platform, once its includes have been read. */
interface Section {
	path: string;
	/** Before a key in messages: empty, or `platforms.NAME.` */
	prefix: string;
	content: Json;
}

/**
 * As in the SDK: what is included comes before what includes it, the platform's section after the rest of its manifest; later values
 * win; build variables are one set for all, in the order in which manifests are met; files are matched at the end, for all together.
 */
class ManifestReader {
	readonly #options: ManifestOptions;
	readonly #foreign: boolean;
	readonly #variables = new Map<string, string>();
	readonly #collected: Record<(typeof lists)[number], Set<string>>;
	readonly #included = new Set<string>();
	readonly #sections: Section[] = [];
	readonly #merged: Record<(typeof mergedKeys)[number], Json> = { config: {}, creation: {}, defines: {} };
	readonly #files: Record<FileKey, FileEntry[]> = { data: [], modules: [], resources: [] };
	readonly #preload: string[] = [];

	constructor(options: ManifestOptions, name: string) {
		this.#options = options;
		const [family, board] = options.platform.split("/");
		this.#foreign = family !== "linux" && family !== "unikernel";
		this.#collected = { LIBRARIES: new Set(), CMAKE: new Set(), DEBIAN_SOURCES: new Set() };
		this.#variables.set("MODDABLE", options.moddable ?? "$(MODDABLE)");
		this.#variables.set("PLATFORM", family ?? "");
		this.#variables.set("SUBPLATFORM", board ?? "");
		this.#variables.set("NAME", name);
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
		const whole = { path, prefix: "", content: object(path, "", manifest) };
		const sections: Section[] = [whole];
		const platforms = object(path, "platforms", whole.content["platforms"] ?? {});
		const chosen = choosePlatform(platforms, this.#options.platform);
		if (chosen !== null) {
			const prefix = `platforms.${chosen}.`;
			const content = object(path, `platforms.${chosen}`, platforms[chosen]);
			if (content["platforms"] !== undefined)
				throw new Error(`${path}: ${prefix}platforms: one within another is not read`);
			sections.push({ path, prefix, content });
		}
		for (const section of sections) this.#open(section);
		for (const { prefix, content } of sections) {
			const key = `${prefix}include`;
			for (const item of array(content["include"])) this.#includeFrom(path, key, item);
		}
		this.#sections.push(...sections);
	}

	finish(manifest: string): Application {
		for (const section of this.#sections) this.#merge(section);
		const files = matchFiles(this.#files, { foreign: this.#foreign, warn: (text) => this.#options.warn?.(text) });
		const names = [...files.modules.keys()];
		for (const pattern of this.#preload)
			if (!this.#foreign && !names.some((name) => matches(pattern, name)))
				this.#options.warn?.(`${manifest}: preload: no manifest has a module "${pattern}"`);
		return {
			name: this.#variables.get("NAME")!,
			manifest,
			platform: this.#options.platform,
			modules: files.modules,
			nativeSources: [...files.nativeSources],
			includeFolders: [...files.includeFolders],
			declarations: [...files.declarations],
			data: files.data,
			preload: names.filter((name) => this.#preload.some((pattern) => matches(pattern, name))),
			preloadPatterns: this.#preload,
			config: this.#merged.config,
			creation: this.#merged.creation,
			defines: this.#merged.defines,
			libraries: [...this.#collected.LIBRARIES],
			cmakeFiles: [...this.#collected.CMAKE],
			debianSources: [...this.#collected.DEBIAN_SOURCES],
		};
	}

	/** Keys are looked at, and variables defined, before anything is included. */
	#open({ path, prefix, content }: Section): void {
		for (const key of Object.keys(content)) {
			if (!knownKeys.has(key)) throw new Error(`${path}: "${prefix}${key}" is not supported here`);
			const why = foreignKeys[key];
			if (why !== undefined && !this.#foreign && !isEmpty(content[key]))
				throw new Error(`${path}: "${prefix}${key}" is not supported here: ${why}`);
		}
		if (content["error"] !== undefined) throw new Error(`${path}: ${string(path, `${prefix}error`, content["error"])}`);
		if (content["warning"] !== undefined)
			this.#options.warn?.(`${path}: ${string(path, `${prefix}warning`, content["warning"])}`);
		for (const [name, value] of Object.entries(object(path, `${prefix}build`, content["build"] ?? {})))
			this.#define(path, name, string(path, `${prefix}build.${name}`, value));
	}

	/** `NAME ?=` gives way to the environment. */
	#define(path: string, written: string, value: string): void {
		const name = written.replace(/ \?=$/, "");
		const given = name === written ? undefined : process.env[name];
		// What only the SDK's make files know stays as it is, until somebody uses it in a path.
		const text = given ?? value.replace(variable, (whole, other: string) => this.#variable(other) ?? whole);
		const located = given === undefined && text.startsWith(".") ? absolutePath(path, text) : text;
		const list = lists.find((item) => item === name);
		if (list === undefined) this.#variables.set(name, located);
		else for (const item of located.split(/\s+/)) if (item) this.#collected[list].add(item);
	}

	#variable(name: string): string | undefined {
		return this.#variables.get(name) ?? process.env[name];
	}

	#includeFrom(path: string, key: string, item: unknown): void {
		if (isObject(item) && item["git"] !== undefined) {
			if (this.#foreign) return;
			throw new Error(
				`${path}: ${key}: repositories are not fetched here; clone ${String(item["git"])} and include its manifest by its path`,
			);
		}
		const written = source(path, key, item);
		const target = this.#substitute(path, key, written);
		if (target === null) return;
		if (target.startsWith("$(MODDABLE)/")) return this.#standIn(path, key, target.slice("$(MODDABLE)/".length));
		const inSdk = this.#options.moddable !== undefined && target.startsWith(`${this.#options.moddable}/`);
		if (!inSdk) return this.include(manifestAt(absolutePath(path, target)));
		// With the SDK its manifests are its own matter.
		if (!existsSync(target)) throw new Error(`${path}: ${key}: there is no ${written} in the Moddable SDK`);
	}

	#standIn(path: string, key: string, target: string): void {
		const standIn = standInFor(target);
		if (standIn === null)
			throw new Error(
				`${path}: ${key}: there is no equivalent of $(MODDABLE)/${target} here; of the SDK's manifests there are ${standInNames()}`,
			);
		for (const [name, value] of Object.entries(standIn.variables)) this.#variables.set(name, value);
		merge(this.#merged.config, standIn.config);
		this.include(join(packageRoot(), "hosts/xs/native/manifest.json"));
	}

	#merge({ path, prefix, content }: Section): void {
		for (const key of fileKeys) this.#collectFiles(path, prefix, key, content[key]);
		for (const item of array(content["preload"])) this.#preload.push(string(path, `${prefix}preload`, item));
		for (const item of array(content["strip"])) string(path, `${prefix}strip`, item);
		for (const key of mergedKeys) merge(this.#merged[key], object(path, prefix + key, content[key] ?? {}));
	}

	#collectFiles(path: string, prefix: string, key: FileKey, section: unknown): void {
		for (const [target, value] of Object.entries(object(path, prefix + key, section ?? {})))
			for (const item of array(value)) {
				const place = `${path}: ${prefix}${key}.${target}`;
				const written = source(path, `${prefix}${key}.${target}`, item);
				const found = this.#substitute(path, `${prefix}${key}.${target}`, written);
				if (found === null) continue;
				if (found.startsWith("$(MODDABLE)"))
					throw new Error(`${place}: ${written} is a part of the Moddable SDK, which is not used here`);
				const extras = isObject(item) ? item : {};
				this.#files[key].push({ place, target, written, path: absolutePath(path, found), extras });
			}
	}

	/** The text with its variables replaced; null for what the SDK alone knows, on its own platforms. */
	#substitute(path: string, key: string, text: string): string | null {
		const names = Array.from(text.matchAll(variable), ([, name]) => name!);
		const unknown = names.find((name) => this.#variable(name) === undefined);
		if (unknown !== undefined && !this.#foreign) throw new Error(`${path}: ${key}: $(${unknown}) is not defined`);
		const whole = text.replace(variable, (written, name: string) => this.#variable(name) ?? written);
		return this.#foreign && whole.includes("$(") ? null : whole;
	}
}

/**
 * The name of the section for a platform: its own, else its family's (for `unikernel/virt` those are `unikernel` with an asterisk, then
 * `unikernel`), else one for this board of any family, else `...`. One section counts, as in the SDK.
 */
function choosePlatform(platforms: Json, platform: string): string | null {
	const [family, board] = platform.split("/");
	const candidates = [platform, ...(board === undefined ? [] : [`${family}/*`, `*/${board}`, family!]), "..."];
	return candidates.find((name) => Object.hasOwn(platforms, name)) ?? null;
}

function manifestAt(path: string): string {
	return existsSync(path) && statSync(path).isDirectory() ? join(path, "manifest.json") : path;
}

/** `$(NAME)` */
const variable = /\$\((\w+)\)/g;

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

function isEmpty(value: unknown): boolean {
	return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function object(path: string, key: string, value: unknown): Json {
	if (!isObject(value)) throw new Error(`${path}: ${key || "the manifest"} must be an object`);
	return value;
}

function string(path: string, key: string, value: unknown): string {
	if (typeof value !== "string") throw new Error(`${path}: ${key} must be a string`);
	return value;
}

/** A path, or an object that has it as its `source`. */
function source(path: string, key: string, item: unknown): string {
	return string(path, key, isObject(item) ? item["source"] : item);
}

function array(value: unknown): unknown[] {
	if (value === undefined) return [];
	return Array.isArray(value) ? value : [value];
}
