import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** It takes some milliseconds, but not on a machine that has other things to do. */
const START_TIMEOUT_MS = 20_000;

/** Two pseudo-terminals that are each other's far end, as two serial ports with a null modem between. Made by socat. */
export class PtyPair {
	readonly left: string;
	readonly right: string;
	readonly #folder: string;
	readonly #socat: ChildProcess;
	/** Held open, since socat ends when nobody has one of them open any more. */
	readonly #held: number[] = [];

	/** Throws, saying what to install, where there is no socat. */
	static async open(): Promise<PtyPair> {
		const pair = new PtyPair(mkdtempSync(join(tmpdir(), "vatlet-pty-")));
		try {
			await pair.#hold();
		} catch (error) {
			pair.close();
			throw error;
		}
		return pair;
	}

	private constructor(folder: string) {
		this.#folder = folder;
		this.left = join(folder, "left");
		this.right = join(folder, "right");
		const end = (path: string): string => `pty,raw,echo=0,link=${path}`;
		this.#socat = spawn("socat", [end(this.left), end(this.right)], { stdio: "ignore" });
	}

	/** Both ends see their line hang up. */
	close(): void {
		for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
		this.#socat.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #hold(): Promise<void> {
		let fault: Error | null = null;
		this.#socat.once("error", () => (fault = new Error("pseudo-terminals need socat: sudo apt-get install socat")));
		this.#socat.once("exit", (code) => (fault ??= new Error(`socat ended with status ${code}`)));
		const untilMs = Date.now() + START_TIMEOUT_MS;
		while (!existsSync(this.left) || !existsSync(this.right)) {
			if (fault !== null) throw fault as Error;
			if (Date.now() > untilMs) throw new Error("socat made no pseudo-terminals");
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		for (const path of [this.left, this.right])
			this.#held.push(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
	}
}
