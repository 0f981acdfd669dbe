import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { runQemu, type QemuOptions } from "../../hosts/node/run/qemu.js";

/** The thermostat on one platform, and a folder for its store. */
export class Bench {
	readonly built: Built;
	readonly folder = mkdtempSync(join(tmpdir(), "vatlet-e2e-"));
	readonly #running = new Set<BootedDevice>();

	constructor(built: Built) {
		this.built = built;
	}

	static async of(platform: "linux" | "qemu"): Promise<Bench> {
		const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
		return new Bench(await build({ manifest, platform, release: true }));
	}

	get storePath(): string {
		return join(this.folder, this.built.platform === "linux" ? "store" : "store.flash");
	}

	/** Boots it with `hub` as its boot configuration; `more` is for QEMU. */
	async boot(
		hub: string,
		more: { resetStore?: boolean; without?: QemuOptions["without"] } = {},
	): Promise<BootedDevice> {
		const device = new BootedDevice();
		const resetStore = more.resetStore ?? false;
		const shared = {
			config: { hub },
			storePath: this.storePath,
			resetStore,
			onLine: (line: string) => device.hear(line),
		};
		const run =
			this.built.platform === "linux"
				? runLinux({ ...shared, executable: this.built.executable })
				: await runQemu({ ...shared, image: this.built.image, ...(more.without ? { without: more.without } : {}) });
		device.run = run;
		this.#running.add(device);
		return device;
	}

	/** Ends what still runs and removes the folder. */
	async end(): Promise<void> {
		for (const device of this.#running) await device.kill();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** A device under test: what it printed, and whether it still runs. */
export class BootedDevice {
	readonly lines: string[] = [];
	run!: { exited: Promise<number>; kill(): void };
	readonly #waiting = new Set<(line: string) => void>();

	hear(line: string): void {
		this.lines.push(line);
		for (const waiting of this.#waiting) waiting(line);
	}

	/** The first line, past or to come, that matches; fails with everything printed when none comes. */
	async line(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
		return this.lineAfter(0, pattern, timeoutMs);
	}

	/** As `line`, but not of the first `count` lines. */
	async lineAfter(count: number, pattern: RegExp, timeoutMs = 30_000): Promise<string> {
		const past = this.lines.slice(count).find((line) => pattern.test(line));
		if (past !== undefined) return past;
		return new Promise((resolve, reject) => {
			const stop = (): void => {
				clearTimeout(timer);
				this.#waiting.delete(look);
			};
			const look = (line: string): void => {
				if (!pattern.test(line)) return;
				stop();
				resolve(line);
			};
			const timer = setTimeout(() => {
				stop();
				reject(new Error(`no line matched ${String(pattern)} in:\n${this.lines.join("\n")}`));
			}, timeoutMs);
			this.#waiting.add(look);
		});
	}

	exited(): Promise<number> {
		return this.run.exited;
	}

	async kill(): Promise<void> {
		this.run.kill();
		await this.run.exited;
	}
}
