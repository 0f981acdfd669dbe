import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readManifest } from "../../../hosts/node/build/manifest.js";

describe("a manifest", () => {
	let folder: string;
	beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "vatlet-manifest-"))));
	afterEach(() => rmSync(folder, { recursive: true }));

	function write(files: Record<string, unknown>): void {
		for (const [name, content] of Object.entries(files)) {
			const path = join(folder, name);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
		}
	}

	function read(platform = "linux"): ReturnType<typeof readManifest> {
		const sdk = (path: string): string | null =>
			path === "examples/manifest_base.json" ? join(folder, "base/manifest.json") : null;
		return readManifest(join(folder, "manifest.json"), { platform, sdk });
	}

	it("names modules by their files, finds C sources beside them, and leaves out what ~ says", () => {
		write({
			"manifest.json": { modules: { "*": ["./main", "./parts/*"], "deep/*": "./deep/*", "~": "./parts/old" } },
			"main.ts": "",
			"parts/pump.js": "",
			"parts/pump.c": "",
			"parts/old.js": "",
			"deep/pipe.js": "",
		});
		const application = read();
		expect([...application.modules.keys()].sort()).toEqual(["deep/pipe", "main", "pump"]);
		expect(application.nativeSources).toEqual([join(folder, "parts/pump.c")]);
	});

	it("includes others once, lets the includer win, and stands in for the SDK's own", () => {
		write({
			"manifest.json": {
				build: { LIB: "./lib" },
				include: ["$(MODDABLE)/examples/manifest_base.json", "$(LIB)/manifest.json", "./lib/manifest.json"],
				modules: { "*": "./main" },
				config: { hub: { port: 2 } },
			},
			"base/manifest.json": { modules: { timer: "./timer" }, creation: { stack: 256 } },
			"base/timer.js": "",
			"lib/manifest.json": { modules: { "*": "./tool" }, config: { hub: { port: 1, host: "here" } }, preload: "to*" },
			"lib/tool.js": "",
			"main.js": "",
		});
		const application = read();
		expect([...application.modules.keys()].sort()).toEqual(["main", "timer", "tool"]);
		expect(application.config).toEqual({ hub: { port: 2, host: "here" } });
		expect(application.creation).toEqual({ stack: 256 });
		expect(application.preload).toEqual(["tool"]);
	});

	it("takes what it says for the platform, for its family, or for all others", () => {
		write({
			"manifest.json": {
				modules: {},
				platforms: {
					linux: { config: { on: "linux" } },
					"unikernel/*": { config: { on: "bare" } },
					"...": { config: { on: "other" } },
				},
			},
		});
		expect(read("linux").config).toEqual({ on: "linux" });
		expect(read("unikernel/virt").config).toEqual({ on: "bare" });
		expect(read("esp32/esp32c3").config).toEqual({ on: "other" });
	});

	it("names the key and the file where something is not supported or missing", () => {
		write({ "manifest.json": { modulse: {} } });
		expect(() => read()).toThrowError(/manifest\.json: "modulse" is not supported/);
		write({ "manifest.json": { modules: { "*": "./absent" } } });
		expect(() => read()).toThrowError(/modules\.\*: nothing found at \.\/absent/);
		write({ "manifest.json": { include: "$(MODDABLE)/modules/piu/manifest.json" } });
		expect(() => read()).toThrowError(/no equivalent of \$\(MODDABLE\)\/modules\/piu/);
		write({ "manifest.json": { include: "$(NOWHERE)/manifest.json" } });
		expect(() => read()).toThrowError(/\$\(NOWHERE\) is not defined/);
		write({ "manifest.json": "{" });
		expect(() => read()).toThrowError(/manifest\.json: .*JSON/);
	});
});
