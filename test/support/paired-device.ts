import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runQemu, type QemuRun } from "../../hosts/node/run/qemu.js";
import { seenFromInside } from "../../hosts/node/start/device-process.js";
import { HubProcess } from "../../hosts/node/start/hub-process.js";
import { within } from "./waiting.js";

/** Since QEMU was started: the clock's time, and the processor's that QEMU took. */
export interface Moment {
	ms: number;
	cpuMs: number;
}

/** What a start goes through, in this order: the first line of JavaScript, TLS done, the hub's first call answered. */
export type Stage = "print" | "connected" | "call";

/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10;
const BOOT_MS = 60_000;
const RAM_BYTES = 136 << 10;

/** A hub, and the thermostat in QEMU, started again and again with the same store. */
export class PairedDevice {
	readonly #folder = mkdtempSync(join(tmpdir(), "vatlet-paired-"));
	readonly #built: Built;
	#hub!: HubProcess;
	#uri = "";
	#run: QemuRun | null = null;
	#called = (): void => {};

	private constructor(built: Built) {
		this.#built = built;
	}

	static async of(): Promise<PairedDevice> {
		const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
		const paired = new PairedDevice(await build({ manifest, platform: "qemu", release: true }));
		const lines: string[] = [];
		const listening = new Promise<void>((resolve) => {
			paired.#hub = new HubProcess({
				keyPath: join(paired.#folder, "hub.pem"),
				listen: "tcp:127.0.0.1:0",
				onEvent: (event) => {
					if (event.type === "called") paired.#called();
					if (event.type !== "listening") return;
					paired.#uri = event.uri;
					resolve();
				},
				onLine: (line) => lines.push(line),
			});
		});
		try {
			await within(listening, { what: "the hub's address", saw: () => lines });
		} catch (error) {
			await paired.end();
			throw error;
		}
		return paired;
	}

	/** Starts the machine and says when it had come how far. */
	async boot(): Promise<Record<Stage, Moment>> {
		await this.stop();
		const startedMs = performance.now();
		const moments = {} as Record<Stage, Moment>;
		const lines: string[] = [];
		let complete = (): void => {};
		const all = new Promise<void>((resolve) => (complete = resolve));
		const reach = (stage: Stage): void => {
			moments[stage] ??= { ms: performance.now() - startedMs, cpuMs: this.cpuMs() };
			// The hub's word may come before the device's line.
			if (moments.call && moments.connected) complete();
		};
		// Before this machine's first line, it is news of the one before.
		this.#called = () => {
			if (moments.print) reach("call");
		};
		const run = await runQemu({
			image: this.#built.image,
			storePath: join(this.#folder, "store.flash"),
			ramBytes: RAM_BYTES,
			config: { hub: seenFromInside(this.#uri) },
			onLine: (line) => {
				lines.push(line);
				reach("print");
				if (line.startsWith("connected with ")) reach("connected");
			},
		});
		this.#run = run;
		const ended = run.exited.then((status) => {
			throw new Error(`the device ended with status ${status} before its hub had called it`);
		});
		ended.catch(() => {});
		await within(Promise.race([all, ended]), { what: "the hub's first call", saw: () => lines, limitMs: BOOT_MS });
		return moments;
	}

	/** What QEMU has had of the processor since its start. */
	cpuMs(): number {
		const stat = readFileSync(`/proc/${this.#run?.process.pid}/stat`, "utf8");
		const [user, system] = stat
			.slice(stat.lastIndexOf(")") + 2)
			.split(" ")
			.slice(11, 13);
		return (Number(user) + Number(system)) * TICK_MS;
	}

	/** The share of a core that QEMU takes while nothing but the device's own telemetry goes on. */
	async idleShare(windowMs: number): Promise<number> {
		const before = this.cpuMs();
		const startedMs = performance.now();
		await new Promise((resolve) => setTimeout(resolve, windowMs));
		return (this.cpuMs() - before) / (performance.now() - startedMs);
	}

	async stop(): Promise<void> {
		this.#run?.kill();
		await this.#run?.exited;
		this.#run = null;
	}

	async end(): Promise<void> {
		await this.stop();
		await this.#hub.stop();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
