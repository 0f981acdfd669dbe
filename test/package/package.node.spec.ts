import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { Cleanup } from "../support/cleanup.node.js";
import { outputOf, runToEnd } from "../support/command.node.js";
import { within } from "../support/waiting.js";
import { buildPackageBundles } from "../support/package-bundles.node.js";

/** For an engine, built from nothing, and an application. */
const BUILD_MS = 8 * 60_000;
/** For the longest of its commands, the build for a platform whose engine has to be built first. */
const COMMAND_MS = 6 * 60_000;
const root = packageRoot();
/** Kept between runs, with the engine built in it; what is about the package itself is made anew. */
const folder = join(root, "build/package-spec");
const app = join(folder, "app");
const tsc = join(root, "node_modules/typescript/bin/tsc");
const compilerOptions = {
	target: "es2022",
	module: "nodenext",
	lib: ["es2023", "esnext.disposable"],
	strict: true,
	exactOptionalPropertyTypes: true,
	types: ["node"],
	typeRoots: [join(root, "node_modules/@types")],
};
const environment = { ...process.env, VATLET_CACHE: join(folder, "cache") };

function run(program: string, args: string[], cwd: string): string {
	return outputOf(program, args, { cwd, env: environment, timeout: COMMAND_MS });
}

const vatlet = (...args: string[]): string =>
	run(process.execPath, ["node_modules/vatlet/hosts/node/cli/vatlet.mjs", ...args], app);

/** An application's hub on Node; its first line is the URI of what it serves. */
class Hub {
	readonly uri: Promise<string>;
	readonly #exited: Promise<number | null>;
	readonly #process = spawn(process.execPath, ["hub.js"], { cwd: app, stdio: ["pipe", "pipe", "inherit"] });

	constructor(cleanup: Cleanup) {
		cleanup.child(this.#process);
		this.#exited = new Promise((resolve) => this.#process.once("exit", resolve));
		this.uri = new Promise((resolve, reject) => {
			void this.#exited.then((status) => reject(new Error(`the hub ended with ${status}`)));
			let text = "";
			this.#process.stdout.setEncoding("utf8").on("data", (part: string) => {
				text += part;
				if (text.includes("\n")) resolve(text.split("\n")[0]!);
			});
		});
	}
	end(): Promise<number | null> {
		this.#process.stdin.end();
		return within(this.#exited, { what: "the hub's end" });
	}
}

describe("The package, installed in an empty folder elsewhere", () => {
	const cleanup = Cleanup.afterEach();

	beforeAll(() => {
		buildPackageBundles();
		rmSync(app, { recursive: true, force: true });
		mkdirSync(app, { recursive: true });
		cpSync(join(root, "test/package/app"), app, { recursive: true });
		writeFileSync(join(app, "package.json"), JSON.stringify({ name: "counter", private: true, type: "module" }));
		const [tarball] = run("npm", ["pack", "--silent", `--pack-destination=${folder}`], root)
			.trim()
			.split("\n");
		run("npm", ["install", "--silent", "--ignore-scripts", "--prefer-offline", join(folder, tarball!)], app);
		vatlet("compile", "counter.capnp");
		const options = { compilerOptions, files: ["hub.ts", "types.ts"] };
		writeFileSync(join(app, "tsconfig.json"), JSON.stringify(options));
		run(process.execPath, [tsc, "-p", "."], app);
		const device = { extends: "vatlet/tsconfig.device.json", include: ["main.ts", "modules.d.ts"] };
		writeFileSync(join(app, "tsconfig.device.json"), JSON.stringify(device));
	}, BUILD_MS);

	it("brings its command, which compiled the schema, and says what it lacks", () => {
		expect(vatlet("--help")).toContain("compile");
		expect(readdirSync(app)).toContain("counter.capnp.ts");
		expect(() => vatlet("build", "-p", "linux", "absent.json")).toThrowError(/absent\.json: no such manifest/);
	});

	it(
		"has types for the entry points: what was compiled is right, what is wrong is refused",
		() => {
			writeFileSync(join(app, "wrong.ts"), `import { Vat } from "vatlet";\nawait Vat.listen(7000);\n`);
			const wrong = { compilerOptions, files: ["wrong.ts"] };
			writeFileSync(join(app, "tsconfig.wrong.json"), JSON.stringify(wrong));
			expect(() => run(process.execPath, [tsc, "-p", "tsconfig.wrong.json"], app)).toThrowError(/TS2345/);
		},
		BUILD_MS,
	);

	it("has a type for each module that the manifests of its device hosts provide", () => {
		const read = (path: string) => JSON.parse(readFileSync(join(root, "hosts/xs", path), "utf8"));
		const provided = ["manifest.json", "native/manifest.json"]
			.map(read)
			.flatMap((manifest) => [manifest, manifest.platforms["..."]])
			.flatMap(({ modules }) => Object.keys(modules ?? {}))
			.filter((name) => name !== "*" && !name.startsWith("vatlet/"));
		expect(Object.keys(read("tsconfig.device.json").compilerOptions.paths).sort()).toEqual(provided.sort());
	});

	it(
		"has types for what runs on a device, its host's modules included",
		() => {
			run(process.execPath, [tsc, "-p", "tsconfig.device.json"], app);
			const wrong = [
				`import Timer from "timer";\nTimer.repeat("soon", 1);`,
				`import TCP from "embedded:io/socket/tcp";\nnew TCP({ address: 1 });`,
				`import KeyValue from "embedded:storage/key-value";\nKeyValue.open({ path: 1 });`,
				`import config from "mc/config";\nconfig.name = 1;`,
				`document.title = "no browser";`,
				`process.exit(0);`,
			];
			for (const [i, text] of wrong.entries()) writeFileSync(join(app, `wrong${i}.ts`), `${text}\nexport {};\n`);
			const device = { extends: "vatlet/tsconfig.device.json", include: ["wrong?.ts"] };
			writeFileSync(join(app, "tsconfig.wrong.json"), JSON.stringify(device));
			const refused = runToEnd(process.execPath, [tsc, "-p", "tsconfig.wrong.json"], { cwd: app });
			expect([...(refused.stdout.match(/^wrong\d/gm) ?? [])]).toEqual(wrong.map((_, i) => `wrong${i}`));
		},
		BUILD_MS,
	);

	for (const platform of ["linux", "qemu"] as const)
		it(
			`builds and runs an application with C of its own for ${platform}, which talks to its hub on Node`,
			async () => {
				vatlet("build", "-p", platform);
				const hub = new Hub(cleanup);
				const uri = await within(hub.uri, { what: "the hub's address" });
				const seen = uri.replace("127.0.0.1", platform === "qemu" ? "10.0.2.2" : "127.0.0.1");
				const child = spawn(
					process.execPath,
					["node_modules/vatlet/hosts/node/cli/vatlet.mjs", "run", "-p", platform, "--config", `hub=${seen}`],
					{ cwd: app, env: environment, stdio: ["ignore", "pipe", "inherit"] },
				);
				let output = "";
				child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
				const exited = new Promise((resolve) => child.once("exit", resolve));
				// Its device ends with it when it is asked to, not when it is killed.
				cleanup.defer(async () => {
					child.kill();
					await exited;
				}, "the end of vatlet run");
				const status = await within(exited, { what: "the device's end", saw: () => output, limitMs: 90_000 });
				expect(output).toContain("total 12");
				expect(status).toBe(0);
				expect(await hub.end()).toBe(0);
			},
			BUILD_MS,
		);
});
