import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../hosts/node/build/folders.js";
import { buildWithSdk } from "../../../hosts/node/build/sdk.js";
import { Cleanup } from "../../support/cleanup.node.js";
import { runToEnd } from "../../support/command.node.js";
import { buildPackageBundles } from "../../support/package-bundles.node.js";

describe("vatlet build -p esp32", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	let manifest: string;
	beforeAll(() => buildPackageBundles(), 300_000);
	beforeEach(() => {
		folder = cleanup.folder();
		manifest = join(folder, "manifest.json");
		writeFileSync(join(folder, "main.ts"), "");
		write({ include: "$(MODDABLE)/examples/manifest_base.json", modules: { "*": "./main" } });
	});

	function write(content: unknown): void {
		writeFileSync(manifest, JSON.stringify(content));
	}
	/** The SDK is not to be had here: a script in the place of mcconfig writes down what it was called with. */
	function environmentWithScript(): NodeJS.ProcessEnv {
		mkdirSync(join(folder, "sdk/examples"), { recursive: true });
		mkdirSync(join(folder, "bin"));
		writeFileSync(join(folder, "sdk/examples/manifest_base.json"), "{}");
		writeFileSync(join(folder, "bin/mcconfig"), `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/called"\nexit 3\n`);
		chmodSync(join(folder, "bin/mcconfig"), 0o755);
		return { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, MODDABLE: join(folder, "sdk") };
	}
	const build = (environment: NodeJS.ProcessEnv, settings: string[] = []): Promise<number> =>
		buildWithSdk({ manifest, platform: "esp32/esp32c3", release: true, settings, environment });

	it("checks the manifest first, and says what to install where the SDK is not", async () => {
		await expectAsync(build({})).toBeRejectedWithError(/in order for esp32\/esp32c3.*set MODDABLE/);
		write({ modules: { "*": "./absent" } });
		await expectAsync(build({})).toBeRejectedWithError(/modules\.\*: nothing found at \.\/absent/);
		write({ modules: { "*": "./main" }, creation: { main: "start" } });
		await expectAsync(build({})).toBeRejectedWithError(/there is no module "start"/);
		write({ modules: { "*": "./main" }, preload: "m*" });
		await expectAsync(build({})).toBeRejectedWithError(/preload: "m\*" does not reach TypeScript.*list "main"/);
		write({ modules: { "*": "./main" } });
		await expectAsync(build({}, ["ssid"])).toBeRejectedWithError(/ssid: settings are written name=value/);
	});

	it("says that the SDK's tools are missing, or a manifest of it", async () => {
		const environment = environmentWithScript();
		const unbuilt = { ...environment, PATH: "" };
		await expectAsync(build(unbuilt)).toBeRejectedWithError(/there is no mcconfig in it or on the PATH/);
		write({ include: "$(MODDABLE)/modules/none/manifest.json", modules: { "*": "./main" } });
		await expectAsync(build(environment)).toBeRejectedWithError(
			/include: there is no \$\(MODDABLE\)\/modules\/none\/manifest\.json in the Moddable SDK/,
		);
	});

	it("calls mcconfig with the platform, the manifest and the settings, and passes its status on", async () => {
		expect(await build(environmentWithScript(), ["ssid=home", "password=secret"])).toBe(3);
		const called = readFileSync(join(folder, "called"), "utf8").trim().split("\n");
		expect(called).toEqual(["-m", "-t", "build", "-p", "esp32/esp32c3", manifest, "ssid=home", "password=secret"]);
	});

	it("is part of the command, which takes settings for chips only", () => {
		const run = (...args: string[]): string => {
			const environment = { ...process.env };
			delete environment["MODDABLE"];
			const vatlet = join(packageRoot(), "build/js/hosts/node/cli/main.js");
			const done = runToEnd(process.execPath, [vatlet, "build", ...args], { env: environment });
			expect(done.status).toBe(1);
			return done.stderr;
		};
		expect(run("-p", "esp32", manifest)).toContain("set MODDABLE");
		expect(run("-p", "linux", manifest, "ssid=home")).toContain("settings at build time are for esp32");
	});
});
