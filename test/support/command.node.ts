import { spawnSync, type SpawnSyncOptions } from "node:child_process";

/** While it runs the whole suite stands still, its limits of time too. */
const LIMIT_MS = 120_000;

export interface CommandResult {
	/** Null: ended by a signal. */
	status: number | null;
	stdout: string;
	stderr: string;
}

/** Runs a program to its end. Throws where it cannot be started or does not end in time, with what it had printed. */
export function runToEnd(
	program: string,
	parameters: readonly string[],
	options: SpawnSyncOptions = {},
): CommandResult {
	const run = spawnSync(program, parameters, { timeout: LIMIT_MS, maxBuffer: 1 << 28, ...options, encoding: "utf8" });
	if (run.error)
		throw new Error(`${program} ${parameters.join(" ")}: ${run.error.message}\n${run.stdout ?? ""}${run.stderr ?? ""}`);
	return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

/** As `runToEnd`, of a program that has to succeed: what it printed. */
export function outputOf(program: string, parameters: readonly string[], options: SpawnSyncOptions = {}): string {
	const { status, stdout, stderr } = runToEnd(program, parameters, options);
	if (status !== 0) throw new Error(`${program} ${parameters.join(" ")} ended with ${status}\n${stdout}${stderr}`);
	return stdout;
}
