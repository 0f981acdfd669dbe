/** Applications for chips that the Moddable SDK builds for: we check what can be seen here, its own command does the rest. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { isClone, packageRoot } from "./folders.js";
import { matches } from "./manifest-files.js";
import { readManifest, type Application } from "./manifest.js";

export interface SdkBuildOptions {
	manifest: string;
	/** `esp32`, `esp32/esp32c3`, … */
	platform: string;
	release: boolean;
	output?: string;
	/** Pairs `name=value`, which become the manifest's `config`. */
	settings: readonly string[];
	/** Where the SDK's variables and commands are looked up; the process's own without. */
	environment?: NodeJS.ProcessEnv;
}

/** Checks the manifest and then runs `mcconfig`, whose output is the user's. Returns its exit status. */
export async function buildWithSdk(options: SdkBuildOptions): Promise<number> {
	const environment = options.environment ?? process.env;
	const moddable = environment["MODDABLE"];
	for (const setting of options.settings)
		if (!/^\w[\w.]*=/.test(setting)) throw new Error(`${setting}: settings are written name=value`);
	const application = readManifest(options.manifest, {
		platform: options.platform,
		moddable,
		warn: (text) => void process.stderr.write(`${text}\n`),
	});
	checkApplication(application);
	if (moddable === undefined)
		throw new Error(
			`the manifest is in order for ${options.platform}, as far as can be seen without the Moddable SDK, which builds for chips. ` +
				"Install it with ESP-IDF (its documentation/devices/esp32.md says how), set MODDABLE, and repeat this command",
		);
	const command = findMcconfig(environment, moddable);
	const parameters = [
		"-m",
		...(options.release ? [] : ["-d"]),
		"-t",
		"build",
		"-p",
		options.platform,
		...(options.output === undefined ? [] : ["-o", resolve(options.output)]),
		resolve(options.manifest),
		...options.settings,
	];
	process.stderr.write(`${command} ${parameters.map(hideSecret).join(" ")}\n`);
	const child = spawn(command, parameters, { env: environment, stdio: ["ignore", "inherit", "inherit"] });
	return new Promise((fulfil, reject) => {
		child.on("error", reject);
		child.on("close", (code) => fulfil(code ?? 1));
	});
}

/** What mcconfig and the XS linker would find late, or not at all. */
function checkApplication(application: Application): void {
	const main = String(application.creation["main"] ?? "main");
	if (!application.modules.has(main)) throw new Error(`${application.manifest}: there is no module "${main}"`);
	// A pattern that lists TypeScript preloads nothing there, silently.
	for (const pattern of application.preloadPatterns)
		for (const [name, source] of application.modules)
			if (pattern.includes("*") && source.endsWith(".ts") && matches(pattern, name))
				throw new Error(
					`${application.manifest}: preload: "${pattern}" does not reach TypeScript in the SDK; list "${name}" by its name`,
				);
	if (isClone() && !existsSync(join(packageRoot(), "dist/xs/library.js")))
		throw new Error("the bundles for devices are not built: npm run build");
}

function findMcconfig(environment: NodeJS.ProcessEnv, moddable: string): string {
	const folders = [...(environment["PATH"] ?? "").split(delimiter), join(moddable, "build/bin/lin/release")];
	for (const folder of folders) {
		const path = join(folder, "mcconfig");
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			continue;
		}
	}
	throw new Error(
		`MODDABLE is ${moddable}, but there is no mcconfig in it or on the PATH: build the SDK's tools first, as its getting-started guide says`,
	);
}

/** A Wi-Fi password has no place in a log. */
function hideSecret(parameter: string): string {
	return parameter.startsWith("password=") ? "password=…" : parameter;
}
