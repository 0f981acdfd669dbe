/** A suite as a process of its own, and the end of everything that it started. */
import { fork } from "node:child_process";
import type { SuiteReport } from "./suite-report.js";

/** What is left of a suite's process group has no owner any more: it would keep its ports, a core, and the pipe this writes to. */
function endGroup(leader: number): void {
	try {
		process.kill(-leader, "SIGKILL");
	} catch (error) {
		// Nobody left is what is hoped for.
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}

/**
 * Runs `module`, which sends a `SuiteReport` (`reportSuite`), and fulfils with it once the process has ended. A suite that ends without
 * a report, exits with a failure although every spec passed, or runs into `limitMs` counts as one failure; whatever processes it
 * started and left are killed with it.
 */
export function runSuite(module: string, parameters: string[], limitMs: number): Promise<SuiteReport> {
	return new Promise((fulfil, reject) => {
		let report: SuiteReport | null = null;
		const child = fork(module, parameters, { stdio: ["ignore", "inherit", "inherit", "ipc"], detached: true });
		const end = (): void => endGroup(child.pid!);
		// A group of its own hears no Ctrl-C from the terminal.
		const interrupted = (signal: NodeJS.Signals): void => {
			end();
			process.exit(signal === "SIGINT" ? 130 : 143);
		};
		const limit = setTimeout(() => {
			console.error(`the suite has not ended after ${limitMs / 60_000} minutes and is killed`);
			end();
		}, limitMs);
		const settle = (): void => {
			clearTimeout(limit);
			process.off("SIGINT", interrupted).off("SIGTERM", interrupted).off("exit", end);
		};
		process.on("SIGINT", interrupted).on("SIGTERM", interrupted).on("exit", end);
		child.on("message", (message) => (report = message as SuiteReport));
		child.on("error", (error) => {
			settle();
			reject(error);
		});
		child.on("close", (code) => {
			settle();
			end();
			if (report === null) report = { passed: 0, failed: 1, families: [] };
			else if (code !== 0 && report.failed === 0 && report.passed > 0) report.failed = 1;
			fulfil(report);
		});
	});
}
