import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readManifest } from "../../../hosts/node/build/manifest.js";
import { Cleanup } from "../../support/cleanup.node.js";

describe("a manifest", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	function write(files: Record<string, unknown>): void {
		for (const [name, content] of Object.entries(files)) {
			const path = join(folder, name);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
		}
	}

	let warnings: string[];
	function read(platform = "linux"): ReturnType<typeof readManifest> {
		warnings = [];
		return readManifest(join(folder, "manifest.json"), { platform, warn: (text) => void warnings.push(text) });
	}
	function refusal(manifest: unknown, platform = "linux"): string {
		write({ "manifest.json": manifest });
		try {
			read(platform);
		} catch (error) {
			return (error as Error).message.replaceAll(folder, "");
		}
		return "nothing";
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

	it("includes others once, lets the includer win, and defines variables for all that come after", () => {
		write({
			"manifest.json": {
				build: { LIB: "./lib", "GIVEN ?=": "absent", NAME: "pump" },
				include: ["./base", "$(LIB)/manifest.json", "./lib/manifest.json", "$(PARTS)/manifest.json"],
				modules: { "*": ["./main", "$(PARTS)/$(SUBPLATFORM)*"] },
				config: { hub: { port: 2 } },
				platforms: { "unikernel/virt": { include: "./board", config: { hub: { port: 3 } } } },
			},
			"base/manifest.json": { build: { PARTS: "../parts" }, modules: { timer: "./timer" }, creation: { stack: 256 } },
			"base/timer.js": "",
			"board/manifest.json": { config: { hub: { board: true } } },
			"lib/manifest.json": { modules: { "*": "./tool" }, config: { hub: { port: 1, host: "here" } }, preload: "to*" },
			"lib/tool.js": "",
			"parts/manifest.json": { config: { given: true } },
			"parts/virt-lamp.js": "",
			"main.js": "",
		});
		const application = read("unikernel/virt");
		expect(application.name).toBe("pump");
		expect([...application.modules.keys()].sort()).toEqual(["-lamp", "main", "timer", "tool"]);
		expect(application.config).toEqual({ hub: { port: 3, host: "here", board: true }, given: true });
		expect(application.creation).toEqual({ stack: 256 });
		expect(application.preload).toEqual(["tool"]);
	});

	it("has the SDK's base, net and io manifests, their variables too, and names them where there is none", () => {
		write({
			"manifest.json": {
				include: [
					"$(MODDABLE)/examples/manifest_base.json",
					"$(MODDABLE)/examples/manifest_net.json",
					"$(MODULES)/io/manifest.json",
				],
				modules: { "*": "./main" },
				preload: ["Resource", "absent"],
			},
			"main.ts": "",
		});
		const { modules, config, preload } = read();
		expect([...modules.keys()]).toEqual(
			jasmine.arrayContaining(["main", "timer", "Resource", "embedded:io/socket/tcp"]),
		);
		expect(config).toEqual({ sntp: "pool.ntp.org" });
		expect(preload).toEqual(["Resource"]);
		expect(warnings).toEqual([jasmine.stringMatching(/preload: no manifest has a module "absent"/)]);
		expect(refusal({ include: "$(MODDABLE)/modules/piu/manifest.json" })).toMatch(
			/^\/manifest\.json: include: there is no equivalent of \$\(MODDABLE\)\/modules\/piu\/manifest\.json here; .*there are examples\/manifest_base\.json, /,
		);
		expect(
			refusal({ include: "$(MODDABLE)/examples/manifest_base.json", modules: { "*": "$(MODULES)/data/base64/*" } }),
		).toBe("/manifest.json: modules.*: $(MODULES)/data/base64/* is a part of the Moddable SDK, which is not used here");
	});

	it("finds files as the SDK does: prefixes, other names, headers, declarations, JSON, ~ over all manifests", () => {
		write({
			"manifest.json": {
				include: "./lib/manifest.json",
				modules: {
					"*": ["./main", { source: "./mod*" }, "./headers/", "./set"],
					"other:lamp": "./lamp",
					"~": ["./lib/unwanted"],
				},
				data: { "*": "./pages/*", "table.bin": "./tables/table" },
				resources: { "*": ["./pages/index", "./pictures/a.jpg"] },
			},
			"lib/manifest.json": { modules: { "*": "./*" } },
			"lib/unwanted.js": "",
			"lib/wanted.js": "",
			"lib/wanted.h": "",
			"lib/wanted.S": "",
			"lib/.hidden.js": "",
			"main.ts": "",
			"main.js": "compiled",
			"main.d.ts": "",
			"modLamp.c": "",
			"modLamp.js": "",
			"headers/x.h": "",
			"lamp.mjs": "",
			"set.json": "{}",
			"pages/index.html": "",
			"pages/style.css": "",
			"tables/table.dat": "",
			"pictures/a.jpg": "",
		});
		const application = read();
		const short = (path: string): string => path.slice(folder.length + 1);
		expect([...application.modules].map(([name, path]) => `${name} ${short(path)}`).sort()).toEqual([
			"Lamp modLamp.js",
			"main main.ts",
			"other:lamp lamp.mjs",
			"set set.json",
			"wanted lib/wanted.js",
		]);
		expect(application.nativeSources.map(short).sort()).toEqual(["lib/wanted.S", "modLamp.c"]);
		expect(application.includeFolders.map(short).sort()).toEqual(["headers", "lib"]);
		expect(application.declarations.map(short)).toEqual(["main.d.ts"]);
		expect([...application.data].map(([name, path]) => `${name} ${short(path)}`).sort()).toEqual([
			"a.jpg pictures/a.jpg",
			"index.html pages/index.html",
			"style.css pages/style.css",
			"table.bin.dat tables/table.dat",
		]);
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

	it("takes a section for the board in any family, an empty one too, and only one", () => {
		const platforms = { "*/virt": { config: { by: "board" } }, "...": { error: "nothing for this platform" } };
		write({ "manifest.json": { platforms } });
		expect(read("unikernel/virt").config).toEqual({ by: "board" });
		expect(() => read("linux")).toThrowError(/manifest\.json: nothing for this platform/);
		write({ "manifest.json": { platforms: { ...platforms, unikernel: {}, linux: {} } } });
		expect(read("unikernel/virt").config).toEqual({ by: "board" });
		expect(read("linux").config).toEqual({});
		expect(refusal({ platforms: { linux: { platforms: {} } } })).toContain("platforms.linux.platforms");
	});

	it("leaves to the SDK, on its platforms, what only the SDK can do", () => {
		const manifest = {
			include: [{ git: "https://example.org/a.git" }, "$(MODDABLE)/modules/piu/manifest.json"],
			modules: { "*": ["./main", "./motor", "$(MODULES)/data/base64/*", "$(SUBPLATFORMDIRECTORY)/lamp"] },
			resources: { "*-alpha": "./picture" },
			platforms: { esp32: { dependency: [{ name: "onewire_bus" }], recipes: { strings: "x" } } },
		};
		write({ "manifest.json": manifest, "main.js": "", "motor.cpp": "", "picture.png": "" });
		expect([...read("esp32/esp32c3").modules.keys()]).toEqual(["main"]);
	});

	it("names the file and the key where something is not supported, missing or of another type", () => {
		write({
			"main.js": "",
			"motor.cpp": "",
			"picture.png": "",
			"strings/de.json": "{}",
			"lib/main.js": "",
			"empty/x": "",
		});
		const cases: [unknown, string][] = [
			["{", "/manifest.json: Expected property name"],
			[[], "/manifest.json: the manifest must be an object"],
			[{ modulse: {} }, '/manifest.json: "modulse" is not supported here'],
			[{ platforms: { linux: { modulse: {} } } }, '/manifest.json: "platforms.linux.modulse" is not supported here'],
			[{ modules: { "*": "./absent" } }, "/manifest.json: modules.*: nothing found at ./absent"],
			[{ modules: { "*": "./absent/*" } }, "/manifest.json: modules.*: nothing found at ./absent/*"],
			[{ modules: { "*": 1 } }, "/manifest.json: modules.* must be a string"],
			[{ modules: "./main" }, "/manifest.json: modules must be an object"],
			[{ preload: [1] }, "/manifest.json: preload must be a string"],
			[{ strip: { a: 1 } }, "/manifest.json: strip must be a string"],
			[{ build: { A: 1 } }, "/manifest.json: build.A must be a string"],
			[{ include: "./none" }, "/none: no such manifest"],
			[{ include: "$(NOWHERE)/manifest.json" }, "/manifest.json: include: $(NOWHERE) is not defined"],
			[
				{ include: { git: "https://example.org/a.git" } },
				"/manifest.json: include: repositories are not fetched here; clone https://example.org/a.git",
			],
			[{ include: { manifest: "x" } }, "/manifest.json: include must be a string"],
			[
				{ modules: { "*": "./motor" } },
				"/manifest.json: modules.*: /motor.cpp: only C, assembler and JavaScript are compiled here",
			],
			[
				{ modules: { a: { source: "./main", transform: "cdv" } } },
				'/manifest.json: modules.a: the SDK\'s transform "cdv" is not done here',
			],
			[
				{ modules: { "*": ["./main", "./lib/main"] } },
				'/manifest.json: modules.*: "main" is /lib/main.js, and also /main.js; leave one out with "~"',
			],
			[
				{ resources: { "*": "./picture" } },
				"/manifest.json: resources.*: /picture.png: the SDK converts bitmaps, which is not done here",
			],
			[{ resources: { "*-alpha": "./main" } }, "/manifest.json: resources.*-alpha: /main.js: the SDK converts images"],
			[{ resources: { "*": "./strings/*" } }, "/manifest.json: resources.*: /strings/de.json: the SDK converts texts"],
			[{ recipes: { a: "b" } }, '/manifest.json: "recipes" is not supported here: the SDK\'s make rules are not run'],
			[
				{ dependency: [{ idf: "mbedtls" }] },
				'/manifest.json: "dependency" is not supported here: there are no components of ESP-IDF',
			],
			[{ commonjs: "./a" }, '/manifest.json: "commonjs" is not supported here: modules are ECMAScript modules'],
		];
		for (const [manifest, expected] of cases) expect(refusal(manifest).slice(0, expected.length)).toBe(expected);
		expect(
			refusal({ modules: { "*": "./empty/q*" }, recipes: {}, bundle: { id: "a" }, run: {}, strip: ["*", "eval"] }),
		).toBe("nothing");
		expect(warnings).toEqual([`${join(folder, "manifest.json")}: modules.*: nothing found at ./empty/q*`]);
	});
});
