import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "./cleanup.node.js";
import { runSuite } from "./suite-process.js";
import type { SuiteReport } from "./suite-report.js";

const passed: SuiteReport = { passed: 1, failed: 0, families: [] };

function runs(pid: number): boolean {
	try {
		// A killed process that nobody has waited for yet still takes signals.
		return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

describe("A suite as a process of its own", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	/** Runs `lines` as a suite that has first started a process which never ends. */
	async function run(lines: string, limitMs = 60_000): Promise<{ report: SuiteReport; left: boolean }> {
		const module = join(folder, "suite.mjs");
		const report = new URL("./suite-report.js", import.meta.url).href;
		writeFileSync(
			module,
			`import { spawn } from "node:child_process";
			import { writeFileSync } from "node:fs";
			import { reportSuite } from ${JSON.stringify(report)};
			const child = spawn("sleep", ["600"], { stdio: "inherit" });
			child.unref();
			writeFileSync(${JSON.stringify(join(folder, "pid"))}, String(child.pid));
			${lines}`,
		);
		const sums = await runSuite(module, [], limitMs);
		const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
		// A signal is sent before it is acted on.
		for (let waits = 0; runs(pid) && waits < 100; waits += 1) await new Promise((wait) => setTimeout(wait, 50));
		return { report: sums, left: runs(pid) };
	}

	it("reports its counts, and takes with it what it started", async () => {
		expect(await run(`reportSuite(${JSON.stringify(passed)});`)).toEqual({ report: passed, left: false });
	});

	it("fails when it dies without a report", async () => {
		expect(await run("process.abort();")).toEqual({ report: { passed: 0, failed: 1, families: [] }, left: false });
	});

	it("fails when it is over and something keeps it from ending", async () => {
		const { report, left } = await run(`setInterval(() => {}, 1000); reportSuite(${JSON.stringify(passed)}, 100);`);
		expect(report).toEqual({ ...passed, failed: 1 });
		expect(left).toBeFalse();
	});

	it("is killed at its limit", async () => {
		const { report, left } = await run("setInterval(() => {}, 1000);", 2000);
		expect(report.failed).toBe(1);
		expect(left).toBeFalse();
	});
});
