import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../../hosts/node/build/folders.js";

/** By what `npm run` calls them. */
const COMMANDS: Record<string, string> = {
	start: "hosts/node/start/main.js",
	sizes: "hosts/node/tools/sizes.js",
	bench: "test/bench/main.js",
	fuzz: "test/fuzz/main.js",
	powercut: "test/powercut/main.js",
	"serial-link": "test/serial-link/main.js",
	simulate: "test/simulation/main.js",
	soak: "test/soak/main.js",
	test: "test/support/run.js",
};

function run(command: string, ...args: string[]): { status: number | null; out: string; error: string } {
	const path = join(packageRoot(), "build/js", COMMANDS[command]!);
	const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
		encoding: "utf8",
		timeout: 30_000,
	});
	return { status, out: stdout, error: stderr };
}

describe("A command of the repository", () => {
	for (const command of Object.keys(COMMANDS))
		it(`says how it is called, and what it does not take: ${command}`, () => {
			const help = run(command, "--help");
			expect(help.status).toBe(0);
			expect(help.out).toMatch(new RegExp(`^npm (run )?${command} \\[`));
			const wrong = run(command, "--hleb");
			expect(wrong.status).toBe(2);
			expect(wrong.error).toMatch(/^Unknown option '--hleb'/);
			expect(wrong.error).toContain(help.out);
			expect(wrong.error).not.toMatch(/^ +at .*:\d+/m);
			expect(wrong.out).toBe("");
		});

	it("does not take for a number what is none", () => {
		for (const [command, option, value] of [
			["start", "ram", "16k"],
			["fuzz", "seconds", "0"],
			["fuzz", "jobs", "x"],
			["powercut", "kills", "-3"],
			["serial-link", "schedules", "many"],
			["simulate", "steps", "1e99"],
			["simulate", "world", "0"],
			["soak", "minutes", ""],
		] as const) {
			const { status, error } = run(command, `--${option}=${value}`);
			expect(status).withContext(command).toBe(2);
			expect(error).toMatch(new RegExp(`^--${option} takes a (whole )?number`));
			expect(error).toContain(`"${value}"`);
		}
	});
});
