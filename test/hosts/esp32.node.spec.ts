import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseAst } from "rollup/parseAst";
import { Vat } from "vatlet";
import { Registry, type Thermostat } from "../../examples/thermostat/thermostat.capnp.js";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { debianSource } from "../../hosts/node/build/debian-source.js";
import { readManifest, type Application } from "../../hosts/node/build/manifest.js";
import { mutableScope } from "../../hosts/node/build/frozen-scope.js";
import { openToolchain } from "../../hosts/node/build/toolchain.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { buildPackageBundles } from "../support/package-bundles.node.js";
import { until } from "../support/waiting.js";

const BUILD_MS = 6 * 60_000;
const root = packageRoot();

/** The example's manifest as the SDK reads it, but for the SDK's own. */
function thermostatFor(platform: string): Application {
	return readManifest(join(root, "examples/thermostat/manifest.json"), { platform });
}

describe("What an ESP32 gets, the bundles and the form of the SDK's sockets,", () => {
	const cleanup = Cleanup.afterEach();
	let executable: string;
	beforeAll(async () => {
		buildPackageBundles();
		const manifest = join(root, "test/hosts/esp32/manifest.json");
		({ executable } = await build({ manifest, platform: "linux", release: true }));
	}, BUILD_MS);

	it("serves a hub over TLS, and finds it again after it was gone", async () => {
		const folder = cleanup.folder();
		const secretKey = join(folder, "hub.pem");
		const registered: Thermostat[] = [];
		const open = async (address: string): Promise<{ vat: Vat; uri: string }> => {
			const vat = cleanup.closing(await Vat.listen(address, { secretKey }));
			const uri = vat.publish("registry", Registry, {
				register: ({ thermostat }) => {
					registered.push(thermostat!);
					return { registration: {} };
				},
			});
			return { vat, uri };
		};
		const first = await open("tcp:127.0.0.1:0");
		const device = BootedDevice.onLinux(cleanup, {
			executable,
			config: { hub: first.uri },
			storePath: join(folder, "store"),
		});
		const registration = async (count: number): Promise<Thermostat> => {
			await until(() => registered.length >= count, { what: `registration ${count}`, saw: () => device.lines });
			return registered[count - 1]!;
		};
		const thermostat = await registration(1);
		await thermostat.setTarget({ celsius: 23 });
		expect((await thermostat.read({})).target).toBe(23);
		await first.vat.close();
		await device.line(/^hub away: /);
		await open(`tcp:127.0.0.1:${/:(\d+)\//.exec(first.uri)![1]!}`);
		expect((await (await registration(2)).read({})).target).toBe(23);
	});

	it("is all there: every module and source that its manifests name, and every preloaded name", () => {
		const application = thermostatFor("esp32/esp32c3");
		for (const name of [
			"vatlet/runtime",
			"vatlet/device",
			"vatlet/machine",
			"vatlet/system",
			"mbedtls",
			"entropy",
			"main",
		])
			expect(application.modules.has(name)).withContext(name).toBeTrue();
		for (const name of [...application.modules.keys()].filter((name) => name.startsWith("vatlet/")))
			expect(application.preload).withContext("preloaded").toContain(name);
		expect(application.nativeSources.map((path) => path.slice(root.length + 1)).sort()).toEqual(
			jasmine.arrayContaining([
				"hosts/esp32/system.c",
				"modules/codec/codec.c",
				"modules/codec/glue.c",
				"modules/entropy/entropy.c",
				"modules/mbedtls/mbedtls.c",
				"modules/mbedtls/tls-engine.c",
			]),
		);
	});

	it(
		"compiles, all of its C, for the instruction set of the ESP32-C3 against mbedTLS 2.28",
		async () => {
			const mbedtls = await debianSource("mbedtls", { folder: join(root, "build/third-party") });
			const { xsFolder } = await openToolchain(() => {});
			const { nativeSources } = thermostatFor("esp32/esp32c3");
			const includes = [
				join(root, "test/hosts/esp32/declarations"),
				join(mbedtls.folder, "include"),
				join(root, "modules/mbedtls/unikernel"),
				join(xsFolder, "includes"),
				join(xsFolder, "platforms"),
			];
			const parameters = [
				"-march=rv32imc",
				"-mabi=ilp32",
				"--specs=picolibc.specs",
				"-std=gnu17",
				"-fsyntax-only",
				"-Wall",
				"-Wextra",
				"-Wno-unused-parameter",
				"-Werror",
				"-DESP32=1",
				"-DmxRun=1",
				"-DMODINSTRUMENTATION=1",
				// Which the SDK's platform header includes.
				"-include",
				"stddef.h",
				...includes.flatMap((path) => ["-isystem", path]),
			];
			expect(nativeSources.length).toBeGreaterThan(7);
			for (const source of nativeSources) {
				const run = spawnSync("riscv64-unknown-elf-gcc", [...parameters, source], { encoding: "utf8" });
				expect(run.stderr).withContext(source).toBe("");
				expect(run.status).toBe(0);
			}
		},
		BUILD_MS,
	);

	it("has nothing in the scope of its modules that could change, as the SDK's linker wants it of preloaded ones", () => {
		const { modules, preload } = thermostatFor("esp32/esp32c3");
		const ours = preload.map((name) => modules.get(name)!).filter((path) => !path.includes("/examples/"));
		expect(ours.length).toBeGreaterThan(8);
		for (const path of ours) {
			const compiled = path.endsWith(".ts") ? join(root, "build/js", path.slice(root.length + 1, -3) + ".js") : path;
			expect(mutableScope(readFileSync(compiled, "utf8"), parseAst))
				.withContext(compiled)
				.toEqual([]);
		}
	});

	it("imports nothing that neither it nor the SDK has", () => {
		const own = new Set(["library", "runtime", "device", "machine", "system", "socket", "serial"]);
		const provided =
			/^(embedded:(io\/socket\/(tcp|listener)|storage\/key-value)|mc\/config|timer|mbedtls|entropy|vatlet\/(system|socket|serial))$/;
		for (const name of own) {
			const path = join(root, "dist/xs", `${name}.js`);
			for (const [, from] of readFileSync(path, "utf8").matchAll(/^(?:import|export)\b.*?\bfrom ['"](.+?)['"];$/gm))
				if (from!.startsWith("."))
					expect(existsSync(resolve(dirname(path), from!)))
						.withContext(from!)
						.toBeTrue();
				else expect(from!).toMatch(provided);
		}
	});
});
