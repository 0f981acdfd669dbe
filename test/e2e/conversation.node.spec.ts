import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const start = fileURLToPath(new URL("../../hosts/node/start/main.js", import.meta.url));
/** The first one builds everything. */
const TIMEOUT_MS = 15 * 60_000;

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

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
	return spawnSync(process.execPath, [start, ...args], { encoding: "utf8", timeout: TIMEOUT_MS });
}

describe("npm start", () => {
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
			TIMEOUT_MS,
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
