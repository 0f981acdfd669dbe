import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { HubEvent } from "../../../examples/thermostat/hub-event.js";
import { eachLine } from "../run/lines.js";

export interface HubOptions {
	/** The hub's key file; made on first use, kept so that a restarted hub has the same URI. */
	keyPath: string;
	/** `tcp:HOST:PORT` (port 0 lets the system choose) or `serial:PATH`. */
	listen: string;
	onEvent(event: HubEvent): void;
	onLine(line: string): void;
}

/** The thermostat hub as a process of its own. */
export class HubProcess {
	readonly #child: ChildProcess;
	readonly exited: Promise<void>;
	/** By us, as against by itself. */
	killed = false;

	constructor(options: HubOptions) {
		const module = fileURLToPath(new URL("../../../examples/thermostat/hub.js", import.meta.url));
		const args = ["--capnp-secret-key-file", options.keyPath, "--capnp-listen-address", options.listen];
		this.#child = fork(module, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
		this.#child.on("message", (message) => options.onEvent(message as HubEvent));
		eachLine(this.#child.stdout!, options.onLine);
		eachLine(this.#child.stderr!, options.onLine);
		this.exited = new Promise((resolve) => this.#child.once("close", () => resolve()));
	}

	/** kill -9: no goodbye, no flush; what a power cut or a crash looks like from outside. */
	async crash(): Promise<void> {
		this.killed = true;
		this.#child.kill("SIGKILL");
		await this.exited;
	}

	async stop(): Promise<void> {
		this.killed = true;
		this.#child.kill("SIGTERM");
		const patience = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
		await this.exited;
		clearTimeout(patience);
	}
}
