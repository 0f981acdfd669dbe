/**
 * What specs start, and its end. A spec that fails leaves its function at once, and one that runs out of time never comes to its `finally`:
 * what has to end is put here when it begins.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { within } from "./waiting.js";

/** Of one end. It is no part of what is tested, but a vat that never closes is a fault. */
const END_MS = 40_000;
/** Of what a program printed, the last lines are told. */
const LINES_TOLD = 60;

/** A program that somebody else starts, on this machine or in an emulated one. */
interface Running {
	kill(): unknown;
	readonly exited: PromiseLike<unknown>;
}

/** Ends what was put in, last first, each though others fail or hang. */
export class Cleanup {
	readonly #ends: { name: string; end: () => unknown }[] = [];
	readonly #limitMs: number;

	/** `limitMs`: for each end. */
	constructor(limitMs = END_MS) {
		this.#limitMs = limitMs;
	}

	/** For what each spec starts; ended behind each spec of the suite that it is declared in, after the hooks that are declared below. */
	static afterEach(): Cleanup {
		const cleanup = new Cleanup();
		afterEach(() => cleanup.end());
		// What a spec started that had run out of time, while the next one ran.
		afterAll(() => cleanup.end());
		return cleanup;
	}

	/** For what the specs of a suite share. */
	static afterAll(): Cleanup {
		const cleanup = new Cleanup();
		afterAll(() => cleanup.end());
		return cleanup;
	}

	/** Has `end` called, which may take as long as an end may. */
	defer(end: () => unknown, name = String(end)): void {
		this.#ends.push({ name, end });
	}

	/** A vat, a listener, a line. */
	closing<T extends { close(): unknown }>(one: T): T {
		this.defer(() => one.close(), `${one.constructor.name}.close()`);
		return one;
	}

	/** Kills it: whoever wants an orderly end has waited for that before. */
	running<T extends Running>(run: T): T {
		this.defer(async () => {
			run.kill();
			await run.exited;
		}, "a program's end");
		return run;
	}

	child<T extends ChildProcess>(child: T): T {
		this.defer(async () => {
			if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
			const exited = new Promise((resolve) => child.once("exit", resolve));
			child.kill("SIGKILL");
			await exited;
		}, `the end of ${child.spawnfile}`);
		return child;
	}

	/** With all of its connections, which an open server would wait for. */
	server<T extends Server>(server: T): T {
		const sockets = new Set<Socket>();
		server.on("connection", (socket: Socket) => {
			sockets.add(socket);
			socket.once("close", () => sockets.delete(socket));
		});
		this.defer(async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			for (const socket of sockets) socket.destroy();
			await closed;
		}, "a server's end");
		return server;
	}

	/** Which may break at any time: whoever wants to know listens, too. */
	socket<T extends Socket>(socket: T): T {
		socket.on("error", () => {});
		this.defer(() => socket.destroy(), "a socket's end");
		return socket;
	}

	/** A new folder, removed at the end. */
	folder(): string {
		const path = mkdtempSync(join(tmpdir(), "vatlet-"));
		this.defer(() => rmSync(path, { recursive: true, force: true }), `the end of ${path}`);
		return path;
	}

	/** Throws when something did not end, and says what; the rest has ended then. */
	async end(): Promise<void> {
		const faults: string[] = [];
		for (let last = this.#ends.pop(); last !== undefined; last = this.#ends.pop())
			try {
				await within(Promise.resolve(last.end()), { what: last.name, limitMs: this.#limitMs });
			} catch (error) {
				faults.push(error instanceof Error ? error.message : String(error));
			}
		if (faults.length > 0) throw new Error(`not everything ended: ${faults.join("; ")}`);
	}
}

const told: { name: string; lines: readonly string[] }[] = [];
let reporting = false;

/** Has the lines printed if the spec that runs fails, however it does. */
export function tellIfFailed(name: string, lines: readonly string[]): void {
	if (!reporting) {
		reporting = true;
		jasmine.getEnv().addReporter({
			specStarted: () => void (told.length = 0),
			specDone(result) {
				if (result.status !== "failed") return;
				for (const { name, lines } of told)
					console.log(`\n${result.fullName}: ${name} said\n${lines.slice(-LINES_TOLD).join("\n")}`);
			},
		});
	}
	told.push({ name, lines });
}
