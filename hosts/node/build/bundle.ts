import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Plugin } from "rollup";
import { compactOnce } from "./compact.js";
import { compiledFolder, packageRoot } from "./folders.js";
import { type Named, namedBy } from "./unnamed-methods.js";
import type { Application } from "./manifest.js";
import type { Toolchain } from "./toolchain.js";

export interface BundleOptions {
	toolchain: Toolchain;
	/** Where the JavaScript of sources that are not Vatlet's own is, below it as they lie below `/`. */
	foreign: string;
	/** Puts what can be preloaded, the package's own modules and those the manifest lists, into a module of its own. */
	preload?: boolean;
	/** Smaller code, for which no lines are known. */
	compact?: Compaction | undefined;
}

export interface Compaction {
	/** Where what was made is kept. */
	folder: string;
	/** Names of properties that C asks for; null where methods stay that nobody names. */
	asked: ReadonlySet<string> | null;
}

export interface BundledModule {
	name: string;
	code: string;
	/** To be evaluated at build time where the host can keep objects in flash. */
	preload: boolean;
}

export interface Bundle {
	/** `main`, and before it what it imports. */
	modules: BundledModule[];
	/** Every file that went in. */
	files: string[];
}

/** What Vatlet's own entry points are called by applications and by generated code. */
const entryPoints: Readonly<Record<string, string>> = {
	"vatlet/runtime": "src/runtime.ts",
	"vatlet/device": "src/device.ts",
};

/** The SDK's name for the manifest's `config`. */
const configName = "mc/config";

/**
 * The application's `main` module and all it imports, as few ES modules. Names are looked up as XS would: among the manifest's modules.
 * An import that nobody provides is an error here rather than on the device.
 */
export async function bundleApplication(application: Application, options: BundleOptions): Promise<Bundle> {
	const main = String(application.creation["main"] ?? "main");
	const entry = application.modules.get(main);
	const { compact } = options;
	const { rollup } = options.toolchain.rollup;
	if (!entry) throw new Error(`${application.manifest}: there is no module "${main}"`);
	const bundle = await rollup({
		input: compiledPath(entry, options),
		plugins: [manifestNames(application, options)],
		onLog(level, log) {
			if (log.code === "CIRCULAR_DEPENDENCY" || log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
			if (level === "warn") process.stderr.write(`rollup: ${log.message}\n`);
		},
	});
	try {
		const preloaded = preloadedFiles(application, options);
		const { output } = await bundle.generate({
			format: "es",
			generatedCode: "es2015",
			entryFileNames: "main.js",
			chunkFileNames: "[name].js",
			plugins: compact === undefined ? [] : [compacting(compact, options.toolchain)],
			...(options.preload
				? { manualChunks: (id: string) => (preloaded(id) ? libraryName : undefined) }
				: { inlineDynamicImports: true }),
		});
		const modules = output
			.filter((chunk) => chunk.type === "chunk")
			.map(({ fileName, code }) => {
				const name = fileName.slice(0, -".js".length);
				return { name, code, preload: name === libraryName };
			})
			.sort((a, b) => Number(b.preload) - Number(a.preload));
		return { modules, files: bundle.watchFiles };
	} finally {
		await bundle.close();
	}
}

function compacting({ folder, asked }: Compaction, toolchain: Toolchain): Plugin {
	let named: Named | undefined;
	return {
		name: "compact",
		renderChunk(code, { name }, _options, { chunks }) {
			if (asked === null) return compactOnce(name, code, null, toolchain, folder);
			named ??= namedBy(
				Object.values(chunks).flatMap(({ modules }) =>
					Object.entries(modules).map(([id, module]) => ({ code: module.code ?? "", own: namesAreWritten(id) })),
				),
				asked,
				toolchain.parseAst,
			);
			return compactOnce(name, code, named, toolchain, folder);
		},
	};
}

/** Vatlet's own modules, and those that it generates, never make a name out of pieces. */
function namesAreWritten(id: string): boolean {
	return ownFolders.test(relative(compiledFolder(), id)) || id.endsWith(".capnp.js");
}

const libraryName = "library";
const ownFolders = /^(src|hosts|modules)\//;

/** Vatlet's modules keep no state of their own; an application's manifest says which of its modules do not either. */
function preloadedFiles(application: Application, options: BundleOptions): (id: string) => boolean {
	const listed = new Set<string>();
	for (const name of application.preload) {
		const source = application.modules.get(name);
		if (source) listed.add(compiledPath(source, options));
	}
	return (id) => id === configName || listed.has(id) || ownFolders.test(relative(compiledFolder(), id));
}

function manifestNames(application: Application, options: BundleOptions): Plugin {
	return {
		name: "manifest-names",
		resolveId(name, importer) {
			if (name === configName) return name;
			if (importer && name.startsWith("."))
				return comparing.test(relative(compiledFolder(), importer))
					? null
					: nativeStandIn(application, options, resolve(dirname(importer), name));
			if (!importer || name.startsWith("/")) return null;
			const source = application.modules.get(name) ?? entryPoint(name);
			if (!source) throw new Error(`${importer} imports "${name}", which no manifest provides`);
			return compiledPath(source, options);
		},
		load(id) {
			if (id === configName) return `export default ${frozen(application.config)};`;
			return id.endsWith(".json") ? `export default ${jsonText(id)};` : null;
		},
	};
}

/** The specs of native modules hold them against what they stand in for, and need that itself. */
const comparing = /^test\/modules\//;

/** A literal whose objects and lists are all frozen. */
function frozen(value: unknown): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const items = Array.isArray(value)
		? `[${value.map(frozen).join()}]`
		: `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${frozen(item)}`)}}`;
	return `Object.freeze(${items})`;
}

function jsonText(path: string): string {
	try {
		return JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
	} catch (error) {
		throw new Error(`${path}: ${(error as Error).message}`);
	}
}

/** What a native module puts in the place of `src/PATH.ts`, as the manifest's module `vatlet/native/PATH`. */
function nativeStandIn(application: Application, options: BundleOptions, imported: string): string | null {
	const inside = relative(join(compiledFolder(), "src"), imported);
	if (inside.startsWith("..") || !inside.endsWith(".js")) return null;
	const source = application.modules.get(`vatlet/native/${inside.slice(0, -3)}`);
	return source ? compiledPath(source, options) : null;
}

function entryPoint(name: string): string | null {
	const source = entryPoints[name];
	return source ? join(packageRoot(), source) : null;
}

/** The JavaScript of a module. A source is TypeScript of Vatlet's own, of somebody else's, or JavaScript already. */
function compiledPath(source: string, options: BundleOptions): string {
	if (!source.endsWith(".ts")) return source;
	const inside = relative(packageRoot(), source);
	const path = isOwn(source)
		? join(compiledFolder(), inside.slice(0, -3) + ".js")
		: join(options.foreign, source.slice(0, -3) + ".js");
	if (!existsSync(path)) throw new Error(`${source} is not compiled`);
	return path;
}

/** Whether a source is compiled with the package, or with the application that is somewhere else: beside it, or in what is made here. */
export function isOwn(source: string): boolean {
	return !/^(\.\.|node_modules|build|dist)\//.test(relative(packageRoot(), source));
}
