import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Runs a program to its end and returns what it printed; what it said is in the error if it fails. */
export function runCommand(program: string, parameters: readonly string[], cwd?: string): Promise<string> {
	return new Promise((fulfil, reject) => {
		const child = spawn(program, parameters, { cwd, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		let said = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
		child.on("error", (error: NodeJS.ErrnoException) =>
			reject(new Error(error.code === "ENOENT" ? `${program} is not installed` : `${program}: ${error.message}`)),
		);
		child.on("close", (code) => {
			if (code === 0) fulfil(output);
			else reject(new Error(`${program} failed:\n${lastLines(said + output)}`));
		});
	});
}

function lastLines(text: string): string {
	return text.trim().split("\n").slice(-40).join("\n");
}

/** Leaves a file alone that has this text already, so that nothing is rebuilt for it. */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
	const old = await readFile(path, "utf8").catch(() => null);
	if (old === text) return false;
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, text);
	return true;
}
