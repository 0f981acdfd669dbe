import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { type Report, summarise } from "./bench.js";

const ROUNDS = 5;

/** From nothing but packages and downloaded sources to everything; and an application again after one of its modules was changed. */
export async function run(report: Report): Promise<void> {
	const base = { suite: "build", host: "qemu", impl: "vatlet" } as const;
	report({ ...base, host: "node", case: "clean", metric: "ms", ...summarise([cleanMs()]) });
	for (const release of [false, true]) {
		const samples = await incrementalMs(release);
		report({ ...base, case: `incremental-${release ? "release" : "debug"}`, metric: "ms", ...summarise(samples) });
	}
}

/** A clone of its own builds bundles and the thermostat for both hosts; compilers have no cache to look into. */
function cleanMs(): number {
	const root = packageRoot();
	const folder = mkdtempSync(join(tmpdir(), "vatlet-clean-"));
	const { PATH, HOME } = process.env;
	const run = (program: string, ...parameters: string[]): void => {
		const done = spawnSync(program, parameters, {
			cwd: folder,
			env: { PATH, HOME },
			stdio: ["ignore", "ignore", "pipe"],
		});
		if (done.status !== 0) throw new Error(`${program} ${parameters.join(" ")}:\n${String(done.stderr)}`);
	};
	try {
		run("git", "clone", "--quiet", root, ".");
		symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
		const archives = join(root, "build/third-party/archives");
		mkdirSync(join(folder, "build/third-party"), { recursive: true });
		if (existsSync(archives)) cpSync(archives, join(folder, "build/third-party/archives"), { recursive: true });
		const startedMs = performance.now();
		run("npm", "run", "build");
		for (const platform of ["linux", "qemu"])
			run(
				"node",
				"hosts/node/cli/vatlet.mjs",
				"build",
				"--release",
				"-p",
				platform,
				"examples/thermostat/manifest.json",
			);
		return performance.now() - startedMs;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** A copy of the thermostat, as an application of somebody else's. */
async function incrementalMs(release: boolean): Promise<number[]> {
	const root = packageRoot();
	const folder = join(root, "build/bench-application");
	cpSync(join(root, "examples/thermostat"), folder, { recursive: true });
	const manifest = join(folder, "manifest.json");
	const room = join(folder, "room.ts");
	const text = readFileSync(room, "utf8");
	const samples: number[] = [];
	try {
		for (let round = 0; round <= ROUNDS; round++) {
			writeFileSync(room, text.replace(/celsius = \d+;/, `celsius = ${10 + round};`));
			const startedMs = performance.now();
			await build({ manifest, platform: "qemu", release, out: join(folder, release ? "release" : "debug") });
			if (round > 0) samples.push(performance.now() - startedMs);
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	return samples;
}
