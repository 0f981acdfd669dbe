import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand, writeIfChanged } from "./command.js";
import type { BundledModule } from "./bundle.js";
import type { Application } from "./manifest.js";
import { nativeSyntax } from "./native-syntax.js";
import type { Toolchain } from "./toolchain.js";

export interface LinkedImage {
	modules: number;
	codeBytes: number;
	names: number;
	/** Those that the engine has of its own. */
	engineNames: number;
}

/** The engine's sizes where the manifest's `creation` says nothing. Slots are counted, the rest is bytes. */
export interface CreationDefaults {
	chunkInitial: number;
	chunkIncremental: number;
	heapInitial: number;
	heapIncremental: number;
	stack: number;
}

export const linuxCreation: CreationDefaults = {
	chunkInitial: 1 << 20,
	chunkIncremental: 1 << 20,
	heapInitial: 32768,
	heapIncremental: 32768,
	stack: 4096,
};

/** Built-in objects are in flash there; the rest grows as it is needed, until the RAM is used up. */
export const unikernelCreation: CreationDefaults = {
	chunkInitial: 8192,
	chunkIncremental: 512,
	heapInitial: 1024,
	heapIncremental: 64,
	stack: 640,
};

/** Compiles and links the bundle; writes linked.c, mc.xs.h and creation.c into `folder`. */
export async function linkImage(
	application: Application,
	modules: readonly BundledModule[],
	options: {
		xslink: string;
		parseAst: Toolchain["parseAst"];
		folder: string;
		debug: boolean;
		defaults: CreationDefaults;
		nativeSources: readonly string[];
	},
): Promise<LinkedImage> {
	const sources: string[] = [];
	for (const module of modules) {
		const source = join(options.folder, `${module.name}.js`);
		await writeIfChanged(source, nativeSyntax(module.code, source, options.parseAst));
		sources.push(`${module.preload ? "+" : ""}${module.name}=${module.name}.js`);
	}
	const names = nativeNames(options.nativeSources).flatMap((name) => ["-n", name]);
	const parameters = ["-o", options.folder, ...(options.debug ? ["-g"] : []), ...names, ...sources];
	const printed = await runCommand(options.xslink, parameters, options.folder);
	await writeIfChanged(join(options.folder, "creation.c"), creationSource(application, options.defaults));
	return JSON.parse(printed) as LinkedImage;
}

/** The names that C looks up, written there as `xsID_name`. */
function nativeNames(sources: readonly string[]): string[] {
	const names = new Set<string>();
	for (const source of sources)
		for (const [, name] of readFileSync(source, "utf8").matchAll(/\bxsID_(\w+)/g)) names.add(name!);
	return [...names].sort();
}

function creationSource(application: Application, defaults: CreationDefaults): string {
	const { creation } = application;
	const number = (section: string, key: string | null, otherwise: number): number => {
		const outer = creation[section];
		const value = key === null ? outer : (outer as Record<string, unknown> | undefined)?.[key];
		if (value === undefined) return otherwise;
		if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
			throw new Error(
				`${application.manifest}: creation.${section}${key === null ? "" : `.${key}`} must be a whole number`,
			);
		return value;
	};
	return `/* From the manifest's \`creation\`. */
#include "xsAll.h"
#include "linked.h"
const txCreation gxLinkedCreation = {
	.initialChunkSize = ${number("chunk", "initial", defaults.chunkInitial)},
	.incrementalChunkSize = ${number("chunk", "incremental", defaults.chunkIncremental)},
	.initialHeapCount = ${number("heap", "initial", defaults.heapInitial)},
	.incrementalHeapCount = ${number("heap", "incremental", defaults.heapIncremental)},
	.stackCount = ${number("stack", null, defaults.stack)},
	.initialKeyCount = ${number("keys", "initial", 0)},
	.incrementalKeyCount = ${number("keys", "incremental", 32)},
	.nameModulo = ${number("keys", "name", 127)},
	.symbolModulo = ${number("keys", "symbol", 11)},
};
`;
}
