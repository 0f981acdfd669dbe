/** What a suite, run as a child process, tells the test command. */
export interface SuiteReport {
	passed: number;
	failed: number;
	families: FamilyCount[];
}

/** Specs of one family. */
export interface FamilyCount {
	family: string;
	passed: number;
	failed: number;
}

/** How long a spec on a device may take; its own limit is less, where it comes back to its event loop. */
const SPEC_MS = 200_000;

/** What a device or process that runs specs prints about them. */
export class PrintedSums {
	readonly report: SuiteReport = { passed: 0, failed: 0, families: [] };
	readonly #silenceMs: number;
	#spec = "";
	#spoke = (): void => {};

	/** `silenceMs`: how long one spec may take. */
	constructor(silenceMs = SPEC_MS) {
		this.#silenceMs = silenceMs;
	}

	/** False: the line is about something else. */
	take(line: string): boolean {
		this.#spoke();
		const spec = /^spec (.+)$/.exec(line);
		if (spec) this.#spec = spec[1]!;
		if (spec) return true;
		const sums = /^(\d+) passed, (\d+) failed$/.exec(line);
		const family = /^family (.+): (\d+) passed, (\d+) failed$/.exec(line);
		if (sums) Object.assign(this.report, { passed: Number(sums[1]), failed: Number(sums[2]) });
		else if (family)
			this.report.families.push({ family: family[1]!, passed: Number(family[2]), failed: Number(family[3]) });
		return sums !== null || family !== null;
	}

	/**
	 * Waits for the end of what prints. A run that hangs is killed, with the name of its spec; one that ends before its sums has failed, whatever it
	 * printed. `empty`: it may have had no spec to run.
	 */
	async end(run: { exited: Promise<number>; kill(): void }, empty: boolean): Promise<void> {
		const hang = (): void => {
			console.log(`nothing was heard for ${this.#silenceMs / 1000} s of "${this.#spec}": it hangs`);
			run.kill();
		};
		let timer = setTimeout(hang, this.#silenceMs);
		this.#spoke = () => {
			clearTimeout(timer);
			timer = setTimeout(hang, this.#silenceMs);
		};
		const status = await run.exited;
		clearTimeout(timer);
		if (status !== 0 && this.report.failed === 0 && (this.report.passed > 0 || !empty)) this.report.failed = 1;
	}
}

/** How long a suite that is over may take to close what it opened. */
const GRACE_MS = 10_000;

/**
 * Sends the counts to the parent if there is one, and sets the exit code. What specs left open does not keep the process: it is named,
 * and fails the suite.
 */
export function reportSuite(report: SuiteReport, graceMs = GRACE_MS): void {
	process.exitCode = report.failed === 0 && report.passed > 0 ? 0 : 1;
	if (process.send) process.send(report, () => process.disconnect());
	setTimeout(() => {
		console.error(`specs left open: ${process.getActiveResourcesInfo().join(", ")}`);
		process.exit(1);
	}, graceMs).unref();
}
