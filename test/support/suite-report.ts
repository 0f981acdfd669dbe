/** What a suite, run as a child process, tells the test command. */
export interface SuiteReport {
	passed: number;
	failed: number;
}

/** Sends the counts to the parent if there is one, and sets the exit code. */
export function reportSuite(report: SuiteReport): void {
	process.exitCode = report.failed === 0 && report.passed > 0 ? 0 : 1;
	if (process.send) process.send(report, () => process.disconnect());
}
