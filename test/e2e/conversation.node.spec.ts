import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { type CommandResult, runToEnd } from "../support/command.node.js";

const start = fileURLToPath(new URL("../../hosts/node/start/main.js", import.meta.url));
/** Of a conversation, whose every step has a limit of its own. */
const TIMEOUT_MS = 180_000;

interface Measured {
	platform: string;
	ramBytes: number;
	flashBytes: number;
	bootToPrintMs: number;
	handshakeMs: number;
	bootToFirstCallMs: number;
	reconnectMs: number;
	calls: number;
	stepsMissing: string[];
}

function run(...args: string[]): CommandResult {
	return runToEnd(process.execPath, [start, ...args], { timeout: TIMEOUT_MS });
}

describe("npm start", () => {
	beforeAll(async () => {
		const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
		for (const platform of ["linux", "qemu"] as const) await build({ manifest, platform, release: true });
	}, 8 * 60_000);

	for (const [platform, link] of [
		["linux", "network"],
		["linux", "serial"],
		["qemu", "network"],
		["qemu", "serial"],
	] as const) {
		it(
			`sees every step of the conversation with a device on ${platform}, over the ${link}`,
			() => {
				const { status, stdout, stderr } = run("-p", platform, "--link", link, "--once", "--json");
				const measured = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as Measured;
				expect(measured.stepsMissing).withContext(stderr).toEqual([]);
				expect(status).toBe(0);
				expect(measured.platform).toBe(platform);
				for (const name of [
					"ramBytes",
					"flashBytes",
					"bootToPrintMs",
					"handshakeMs",
					"bootToFirstCallMs",
					"reconnectMs",
					"calls",
				] as const)
					expect(measured[name]).withContext(name).toBeGreaterThan(0);
				if (platform === "qemu") {
					expect(measured.ramBytes).toBeLessThanOrEqual(400 * 1024);
					expect(measured.flashBytes).toBeLessThanOrEqual(1024 * 1024);
				}
			},
			TIMEOUT_MS + 10_000,
		);
	}

	it("refuses a platform that it does not know, and says which there are", () => {
		const { status, stderr } = run("-p", "toaster");
		expect(status).toBe(2);
		expect(stderr).toContain("unknown platform toaster; there are qemu and linux");
	});

	it("prints its options", () => {
		const { status, stdout } = run("--help");
		expect(status).toBe(0);
		expect(stdout).toContain("--reset-store");
	});
});
