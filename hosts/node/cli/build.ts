import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { Listr } from "listr2";
import { build, type Built } from "../build/build.js";
import { packageRoot } from "../build/folders.js";
import { buildWithSdk } from "../build/sdk.js";
import { buildPlatformOption, type ChipPlatform, isSdkPlatform, type Platform, type SdkPlatform } from "./platform.js";

interface Options {
	platform: Platform | ChipPlatform;
	release: boolean;
	output?: string;
}

interface Target {
	platform: Platform | ChipPlatform | SdkPlatform;
}

export function addBuildCommand(program: Command): void {
	program
		.command("build")
		.description("build an application from its Moddable manifest")
		.argument("[manifest]", "path of its manifest", "manifest.json")
		.argument("[settings...]", "esp32: what mcconfig is given too, such as ssid=… password=… hub=capnp://…")
		.addOption(buildPlatformOption())
		.option("-r, --release", "smaller and faster: no line numbers in stacks", false)
		.option("-o, --output <folder>", "where to put what is made")
		.action(async (manifest: string, settings: string[], options: Omit<Options, "platform"> & Target) => {
			const { platform } = options;
			if (isSdkPlatform(platform)) {
				process.exitCode = await buildWithSdk({ ...options, manifest, platform, settings });
				return;
			}
			if (settings.length > 0) throw new Error(`${settings[0]}: settings at build time are for esp32; see vatlet run`);
			const built = await buildShown(manifest, { ...options, platform });
			const { flashBytes, staticBytes, poolBytes } = built.sizes;
			const pool = platform === "unikernel/esp32c3" ? `, ${poolBytes} bytes of RAM for JavaScript` : "";
			process.stdout.write(
				`${built.image}: ${flashBytes} bytes of code and constants, ${staticBytes} bytes of data${pool}\n`,
			);
		});
}

/** Builds with its progress on stderr. Installs the Debian packages that are missing. */
export async function buildShown(manifest: string, options: Options): Promise<Built> {
	await ensurePackages(options.platform);
	let built: Built | null = null;
	const title = `building ${manifest} for ${options.platform}`;
	const task = async (_: unknown, task: { output: string; title: string }): Promise<void> => {
		const startedMs = Date.now();
		built = await build({
			manifest,
			platform: options.platform,
			release: options.release,
			...(options.output === undefined ? {} : { out: options.output }),
			onProgress: (step, detail) => (task.output = detail === undefined ? step : `${step}: ${detail}`),
		});
		task.title = `${title} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`;
	};
	await new Listr([{ title, task }], { fallbackRenderer: "silent", collectErrors: false }).run();
	if (!built) throw new Error(`${manifest} was not built`);
	return built;
}

/** The set-up step is plain JavaScript that is not compiled, so it is imported from the package's folder. */
export async function ensurePackages(platform: Platform | ChipPlatform): Promise<void> {
	const path = join(packageRoot(), "hosts/node/setup/debian-packages.mjs");
	const setup = (await import(pathToFileURL(path).href)) as {
		ensurePackages(groups: string[], say: (line: string) => void): void;
	};
	setup.ensurePackages(platform === "linux" ? ["linux"] : ["linux", "qemu"], (line) =>
		process.stderr.write(`${line}\n`),
	);
}
