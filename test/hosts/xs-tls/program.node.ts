import tls from "node:tls";
import { runLinux } from "../../../hosts/node/run/linux.js";
import { runQemu, type QemuOptions } from "../../../hosts/node/run/qemu.js";
import type { Credentials } from "../../modules/tls/peer.node.js";
import { within } from "../../support/waiting.js";

/** One line of the test program. */
export interface Said {
	event: string;
	digest?: string;
	peer?: string;
	reason?: string;
	port?: number;
	milliseconds?: number;
	resumed?: boolean;
	heapPeak?: number;
	ramFree?: number;
	microseconds?: number;
	grown?: number[];
	error?: { kind: string; message: string } | null;
}

/** The ten thousand echoes before one take some seconds on a machine of its own. */
const LINE_MS = 90_000;

interface Run {
	exited: Promise<number>;
	kill(): void;
}

/** The test program, in XS on some host. */
export class Program {
	/** All that it printed. */
	readonly lines: string[] = [];
	#run!: Run;
	readonly #said: Said[] = [];
	#wake: (() => void) | null = null;
	#ended = false;

	/** Takes a line of the program's console. */
	readonly hear = (line: string): void => {
		this.lines.push(line);
		this.#said.push(line.startsWith("{") ? (JSON.parse(line) as Said) : { event: "line", reason: line });
		this.#wake?.();
	};
	started(run: Run): this {
		this.#run = run;
		void run.exited.then(() => {
			this.#ended = true;
			this.#wake?.();
		});
		return this;
	}
	/** Waits for the next line about `event`. */
	next(event: string): Promise<Said> {
		return within(this.#next(event), { what: `a line about "${event}"`, saw: () => this.lines, limitMs: LINE_MS });
	}
	/** Its status, once it has ended by itself. */
	exited(): Promise<number> {
		return within(this.#run.exited, { what: "the program's end", saw: () => this.lines });
	}

	async end(): Promise<void> {
		this.#run.kill();
		await this.#run.exited;
	}

	async #next(event: string): Promise<Said> {
		for (;;) {
			const said = this.#said.shift();
			if (said?.event === event) return said;
			if (said) continue;
			if (this.#ended) throw new Error(`ended without "${event}", after:\n${this.lines.join("\n")}`);
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}
}

function text(config: Record<string, string | number>): Record<string, string> {
	return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]));
}

export function startOnLinux(
	executable: string,
	storePath: string,
	config: Record<string, string | number>,
	resetStore = false,
): Program {
	const program = new Program();
	return program.started(runLinux({ executable, storePath, resetStore, config: text(config), onLine: program.hear }));
}

export async function startOnQemu(config: Record<string, string | number>, options: QemuOptions): Promise<Program> {
	const program = new Program();
	return program.started(await runQemu({ ...options, config: text(config), onLine: program.hear }));
}

/** A Node hub that echoes. */
export function echoServer(
	node: Credentials,
	options: tls.TlsOptions = {},
	meet: (socket: tls.TLSSocket) => void = () => {},
): tls.Server {
	const common = { key: node.key, cert: node.cert, requestCert: true, rejectUnauthorized: false };
	return tls.createServer({ ...common, ...options }, (socket) => {
		socket.on("error", () => {});
		socket.setNoDelay(true);
		meet(socket);
		socket.on("data", (data) => socket.write(data));
	});
}
