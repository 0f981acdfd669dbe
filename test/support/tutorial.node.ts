import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.node.js";
import { within } from "./waiting.js";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

const PATIENCE_MS = 10_000;

/** The port that tutorials use; each run takes a free one instead. */
const TUTORIAL_PORT = /:7000\b/g;

/** A command of a `console` block, and what it is shown to print. `…` stands for anything. */
export interface Step {
	command: string;
	background: boolean;
	expected: string[];
}

/** Fenced blocks of a language. */
export function blocks(markdown: string, language: string): string[] {
	const pattern = new RegExp("^```" + language + "\\n([^]*?)^```$", "gm");
	return [...markdown.matchAll(pattern)].map((match) => match[1]!);
}

/** Fenced blocks that name a file after their language, by that name. */
export function files(markdown: string): Map<string, string> {
	return new Map(Array.from(markdown.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm), (match) => [match[1]!, match[2]!]));
}

/** The steps of all `console` blocks, in order: lines after `$ `, continued by a backslash, a `&` at the end leaves it running. */
export function steps(markdown: string): Step[] {
	const found: Step[] = [];
	for (const block of blocks(markdown, "console")) {
		for (const line of block.replaceAll("\\\n", " ").trimEnd().split("\n")) {
			if (!line.startsWith("$ ")) found.at(-1)!.expected.push(line);
			else
				found.push({
					command: line.slice(2).replace(/\s*&$/, ""),
					background: line.endsWith("&"),
					expected: [],
				});
		}
	}
	return found;
}

/** True if the snippet stands in one of the files of `folder`, whatever its indentation. */
export function standsIn(folder: string, snippet: string): boolean {
	const bare = (text: string) =>
		text
			.split("\n")
			.map((line) => line.trim())
			.filter((line) => line !== "")
			.join("\n");
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => /\.(ts|capnp|json)$/.test(name) && !name.endsWith(".capnp.ts"))
		.some((name) => bare(readFileSync(join(folder, name), "utf8")).includes(bare(snippet)));
}

/** Runs a tutorial's commands in a folder, by default one that looks like the repository and is removed at the end. */
export class Tutorial {
	readonly #folder: string;
	readonly #temporary: boolean;
	readonly #jobs: ChildProcess[] = [];
	readonly #lines: string[] = [];
	#read = 0;
	#wake: (() => void) | null = null;
	#port = 0;

	constructor(folder: string | null = null) {
		this.#folder = folder ?? mkdtempSync(join(tmpdir(), "vatlet-tutorial-"));
		this.#temporary = folder === null;
		if (folder !== null) return;
		for (const name of readdirSync(repository))
			if (!name.startsWith(".")) symlinkSync(join(repository, name), join(this.#folder, name));
	}

	/** Runs a step; rejects unless its lines appear in this order. A command in the foreground prints those and no others. */
	async run({ command, background, expected }: Step, timeoutMs = 90_000): Promise<void> {
		const deadlineMs = performance.now() + timeoutMs;
		const killed = /^kill %(\d+)$/.exec(command);
		if (killed) {
			await this.#end(this.#jobs[Number(killed[1]) - 1]!);
			for (const line of expected) await this.#see(patternOf(line), command, deadlineMs);
			return;
		}
		this.#port ||= await freePort();
		const at = (text: string) => text.replace(TUTORIAL_PORT, `:${this.#port}`);
		const child = spawn(
			"bash",
			[
				"-c",
				`exec 2>&1; ${at(command.replace("npx vatlet", `node ${join(repository, "hosts/node/cli/vatlet.mjs")}`))}`,
			],
			{
				cwd: this.#folder,
				stdio: ["ignore", "pipe", "inherit"],
				detached: true,
			},
		);
		this.#jobs.push(child);
		const own: string[] = [];
		createInterface(child.stdout).on("line", (line) => {
			own.push(line);
			this.#lines.push(line);
			this.#wake?.();
		});
		const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
		if (!background) {
			const wait = { what: `the end of "${command}"`, saw: () => this.#lines, limitMs: timeoutMs };
			await within(closed, wait);
			this.#jobs.splice(this.#jobs.indexOf(child), 1);
		}
		for (const line of expected) await this.#see(patternOf(at(line)), command, deadlineMs, closed);
		const patterns = expected.map((line) => patternOf(at(line)));
		const surplus = own.filter((line) => !patterns.some((pattern) => pattern.test(line)));
		if (!background && surplus.length > 0) throw new Error(`"${command}" printed, too:\n${surplus.join("\n")}`);
	}

	async end(): Promise<void> {
		await Promise.all(this.#jobs.map((job) => this.#end(job)));
		if (this.#temporary) rmSync(this.#folder, { recursive: true });
	}

	/** `closed`: once it has, nothing more is printed. */
	async #see(pattern: RegExp, command: string, deadlineMs: number, closed?: Promise<void>): Promise<void> {
		let ended = false;
		void closed?.then(() => {
			ended = true;
			this.#wake?.();
		});
		for (;;) {
			while (this.#read < this.#lines.length) if (pattern.test(this.#lines[this.#read++]!)) return;
			const leftMs = deadlineMs - performance.now();
			if (leftMs <= 0 || ended)
				throw new Error(`"${command}" did not print ${pattern.source}; there was:\n${this.#lines.join("\n")}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, Math.min(leftMs, 1000));
				this.#wake = () => (clearTimeout(timer), resolve());
			});
		}
	}

	/** The whole group: a shell's child would outlive it. What does not end when asked to is killed. */
	async #end(job: ChildProcess): Promise<void> {
		if (job.exitCode !== null || job.signalCode !== null) return;
		const closed = new Promise((resolve) => job.once("close", resolve));
		const signal = (name: NodeJS.Signals): void => {
			try {
				process.kill(-job.pid!, name);
			} catch {
				// It has ended meanwhile.
			}
		};
		signal("SIGTERM");
		const patience = setTimeout(() => signal("SIGKILL"), PATIENCE_MS);
		await closed;
		clearTimeout(patience);
	}
}

function patternOf(line: string): RegExp {
	const quoted = line.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
	return new RegExp(`^${quoted.join(".*")}$`);
}
