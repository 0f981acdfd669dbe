import { join } from "node:path";
import { build } from "../../../hosts/node/build/build.js";
import { packageRoot } from "../../../hosts/node/build/folders.js";
import { Cleanup } from "../../support/cleanup.node.js";
import { type CommandResult, outputOf, runToEnd } from "../../support/command.node.js";

const root = packageRoot();
const manifest = join(root, "test/hosts/xs-arguments/manifest.json");
const vatlet = join(root, "build/js/hosts/node/cli/main.js");

describe("vatlet run … -- arguments", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	// What is run below is built already: a run has the time of a command, not that of a build.
	beforeAll(async () => {
		for (const platform of ["linux", "qemu"] as const) await build({ manifest, platform });
	}, 300_000);
	beforeEach(() => void (folder = cleanup.folder()));

	function run(...parameters: string[]): CommandResult {
		const cwd = join(root, "test/hosts/xs-arguments");
		return runToEnd(process.execPath, [vatlet, "run", "--store", join(folder, "store"), ...parameters], { cwd });
	}

	for (const platform of ["linux", "qemu"] as const)
		it(`reach the program on ${platform}, as they are and in order`, () => {
			const { stdout, status, stderr } = run("-p", platform, manifest, "--", "one", "two words", "-p", "", "a=b");
			expect(stdout.trim()).withContext(stderr).toBe("5 <one><two words><-p><><a=b>");
			expect(status).toBe(0);
		}, 120_000);

	it("are none without --, and the manifest may be left out before it", () => {
		expect(run("-p", "linux", manifest).stdout.trim()).toBe("0");
		expect(run("-p", "linux", "--", "x").stdout.trim()).toBe("1 <x>");
	}, 120_000);

	it("are not guessed at: a second manifest and a line end are refused", () => {
		const second = run("-p", "linux", manifest, "one");
		expect(second.stderr).toContain("arguments of the program stand behind --");
		expect(second.status).toBe(1);
		expect(run("-p", "linux", manifest, "--", "a\nhub=evil").stderr).toContain("contains a line end");
	}, 120_000);

	it("follow options that a machine can have: ports that there are, and memory beyond what is taken before the program", () => {
		for (const ports of ["7000", "7000:0", "7000:65536", "70000:1", "1:2:3", "a:b"])
			expect(run("--port", ports, manifest).stderr).toContain("write HOST:DEVICE, both port numbers");
		expect(run("--gdb", "123456", manifest).stderr).toContain("must be a port number");
		const { stderr, status } = run("-p", "qemu", "--ram", "20", manifest);
		expect(stderr).toMatch(/--ram 20 is too little: \d+ KiB are taken before the program has any/);
		expect(status).toBe(1);
	}, 120_000);

	it("are taken by a program for Linux itself, too", async () => {
		const { executable } = await build({ manifest, platform: "linux" });
		const parameters = ["--store", join(folder, "store"), "--", "one", "--store"];
		expect(outputOf(executable, parameters).trim()).toBe("2 <one><--store>");
	}, 120_000);
});
