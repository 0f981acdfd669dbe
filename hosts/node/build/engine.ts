import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, writeIfChanged } from "./command.js";
import { cacheFolder, packageRoot } from "./folders.js";
import type { Progress } from "./toolchain.js";

export interface Engine {
	/** The `moddable/xs` folder of the package that carries XS. */
	xsFolder: string;
	/** libxs.a */
	library: string;
}

/** A correction of the engine's text: refused if the text is not as it was when the correction was written. */
interface Patch {
	file: string;
	reason: string;
	from: string;
	to: string;
	times: number;
}

const patches: readonly Patch[] = [
	{
		file: "xsDataView.c",
		reason: "where misaligned access traps, 64-bit BigInt reads returned only the low 32 bits",
		from: "\tvalue = c_read32(data->value.arrayBuffer.address + offset);\n#else\n\tvalue = *((tx@8*)(data->value.arrayBuffer.address + offset));",
		to: "\tc_memcpy(&value, data->value.arrayBuffer.address + offset, sizeof(value));\n#else\n\tvalue = *((tx@8*)(data->value.arrayBuffer.address + offset));",
		times: 1,
	},
	{
		file: "xsRun.c",
		reason: "an engine without its debugger ignored the lines that modules carry, so that stacks had none",
		from: "\t\tmxCase(XS_CODE_LINE)\n",
		to: "\t\tmxCase(XS_CODE_LINE)\n\t\t#ifndef mxDebug\n\t\t\tmxEnvironment->value.environment.line = mxRunS2(1);\n\t\t#endif\n",
		times: 1,
	},
	{
		file: "xsRun.c",
		reason: "likewise for the names of their files",
		from: "\t\tmxCase(XS_CODE_FILE)\n",
		to: "\t\tmxCase(XS_CODE_FILE)\n\t\t#ifndef mxDebug\n\t\t\tmxEnvironment->ID = mxRunID(1);\n\t\t#endif\n",
		times: 1,
	},
	{
		file: "xsRun.c",
		reason: "what interrupts JavaScript could not tell which functions run: each call and return notes its frame",
		from: "mxFrame = mxStack + 1 + offset + 1;",
		to: "the->frame = mxFrame = mxStack + 1 + offset + 1;",
		times: 4,
	},
	{
		file: "xsRun.c",
		reason: "likewise at a return",
		from: "\t\t\tmxFrame = mxFrame->next;\n\t\t\tif (!mxFrame ||",
		to: "\t\t\tthe->frame = mxFrame = mxFrame->next;\n\t\t\tif (!mxFrame ||",
		times: 1,
	},
];

/** Applies the corrections to copies in `folder`. */
async function patchSources(xs: string, folder: string): Promise<string[]> {
	const texts = new Map<string, string>();
	for (const patch of patches) {
		let text = texts.get(patch.file) ?? (await readFile(join(xs, "sources", patch.file), "utf8"));
		for (const letter of patch.from.includes("@") ? ["S", "U"] : [""]) {
			const from = patch.from.replaceAll("@", letter);
			if (text.split(from).length !== patch.times + 1)
				throw new Error(
					`${patch.file} is not the text that was to be corrected (${patch.reason}): is this another XS?`,
				);
			text = text.replaceAll(from, patch.to.replaceAll("@", letter));
		}
		texts.set(patch.file, text);
	}
	for (const [file, text] of texts) await writeIfChanged(join(folder, file), text);
	return [...texts.keys()];
}

/** Configures when there is nothing yet or the parameters are others, then builds. */
export async function cmakeBuild(
	source: string,
	build: string,
	parameters: Readonly<Record<string, string>>,
	onProgress: Progress,
): Promise<void> {
	const flat = Object.entries(parameters).map(([name, value]) => `-D${name}=${value}`);
	await mkdir(build, { recursive: true });
	const changed = await writeIfChanged(join(build, "parameters.txt"), [source, ...flat].join("\n"));
	if (changed || !existsSync(join(build, "build.ninja"))) {
		onProgress("configure", build);
		await runCommand("cmake", ["-G", "Ninja", "-S", source, "-B", build, ...flat]);
	}
	await runCommand("ninja", ["-C", build, "-j2"]);
}

/** The bytecode compiler and linker; built once. */
export async function buildTools(xs: string, onProgress: Progress): Promise<string> {
	const build = join(cacheFolder(), "xs/tools");
	if (!existsSync(join(build, "xslink"))) onProgress("bytecode tools", "compiling");
	await cmakeBuild(join(packageRoot(), "hosts/xs/tools"), build, { XS_FOLDER: xs }, onProgress);
	return join(build, "xslink");
}

/** XS for a platform; built once for all applications. `folder` is the `moddable/xs` of the package that carries it. */
export async function buildEngine(
	folder: string,
	platform: string,
	parameters: Readonly<Record<string, string>>,
	onProgress: Progress,
): Promise<Engine> {
	const patched = join(cacheFolder(), "xs/patched");
	const corrected = await patchSources(folder, patched);
	const variant = parameters["VATLET_SANITIZE"] === undefined ? "engine" : "engine-sanitized";
	const build = join(cacheFolder(), "xs", platform.replaceAll("/", "-"), variant);
	if (!existsSync(join(build, "libxs.a"))) onProgress("engine", `XS ${xsVersion(folder)} for ${platform}, once`);
	await cmakeBuild(
		join(packageRoot(), "hosts/xs/engine"),
		build,
		{ ...parameters, XS_FOLDER: folder, XS_PATCHED: patched, XS_CORRECTED: corrected.join() },
		onProgress,
	);
	return { xsFolder: folder, library: join(build, "libxs.a") };
}

function xsVersion(folder: string): string {
	const text = readFileSync(join(folder, "sources/xsCommon.h"), "utf8");
	const part = (name: string) => new RegExp(`#define XS_${name}_VERSION (\\d+)`).exec(text)?.[1] ?? "?";
	return `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
}
