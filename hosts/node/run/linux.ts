/** Starts an application built for Linux and hands out its console line by line. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { eachLine } from "./lines.js";

export interface LinuxOptions {
	executable: string;
	/** Boot configuration, as lines `name=value`. */
	config?: Record<string, string>;
	/** Folder of the store, kept between runs. */
	storePath?: string;
	resetStore?: boolean;
	/** The size of the engine's pool; it grows without. */
	memoryBytes?: number;
	onLine?: (line: string) => void;
}

export interface LinuxRun {
	process: ChildProcess;
	/** The exit status: the program's own, or 128 + signal as a shell counts. */
	exited: Promise<number>;
	kill(): void;
}

export function runLinux(options: LinuxOptions): LinuxRun {
	if (!existsSync(options.executable)) throw new Error(`there is no program ${options.executable}: build it first`);
	const parameters: string[] = [];
	for (const [name, value] of Object.entries(options.config ?? {})) parameters.push("--config", `${name}=${value}`);
	if (options.storePath !== undefined) parameters.push("--store", options.storePath);
	if (options.resetStore) parameters.push("--reset-store");
	if (options.memoryBytes !== undefined) parameters.push("--memory", String(options.memoryBytes));
	const child = spawn(options.executable, parameters, { stdio: ["ignore", "pipe", "pipe"] });
	const onLine = options.onLine ?? (() => {});
	eachLine(child.stdout, onLine);
	eachLine(child.stderr, onLine);
	const exited = new Promise<number>((fulfil, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => fulfil(code ?? 128 + (signal ? constants.signals[signal] : 0)));
	});
	return { process: child, exited, kill: () => void child.kill("SIGKILL") };
}
