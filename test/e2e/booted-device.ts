import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runLinux, type LinuxOptions } from "../../hosts/node/run/linux.js";
import { runQemu, type QemuOptions } from "../../hosts/node/run/qemu.js";
import { type Cleanup, tellIfFailed } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";

/** What boots on either platform. */
export interface BootOptions extends Omit<LinuxOptions, "executable" | "onLine" | "memoryBytes"> {
	ports?: NonNullable<QemuOptions["ports"]>;
	without?: NonNullable<QemuOptions["without"]>;
	ramBytes?: number;
}

/** The thermostat on one platform, and a folder for its store. */
export class Bench {
	readonly built: Built;
	readonly #folder: string;

	constructor(built: Built, folder: string) {
		this.built = built;
		this.#folder = folder;
	}

	/** `suite`: ends what all of its specs share. */
	static async of(platform: "linux" | "qemu", suite: Cleanup): Promise<Bench> {
		const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
		return new Bench(await build({ manifest, platform, release: true }), suite.folder());
	}

	get storePath(): string {
		return join(this.#folder, this.built.platform === "linux" ? "store" : "store.flash");
	}

	/** Boots it with `hub` as its boot configuration, until `cleanup` ends it. */
	boot(cleanup: Cleanup, hub: string, more: BootOptions = {}): Promise<BootedDevice> {
		return BootedDevice.boot(cleanup, this.built, { config: { hub }, storePath: this.storePath, ...more });
	}
}

/** A program under test, on Linux or in QEMU: what it printed, and whether it still runs. If the spec fails, its lines are printed. */
export class BootedDevice {
	readonly lines: string[] = [];
	run!: { exited: Promise<number>; kill(): void };
	readonly #waiting = new Set<(line: string) => void>();

	constructor() {
		tellIfFailed("a device", this.lines);
	}

	/** Ends when `cleanup` does, or before. */
	static onLinux(cleanup: Cleanup, options: LinuxOptions): BootedDevice {
		const device = new BootedDevice();
		device.run = cleanup.running(runLinux({ ...options, onLine: (line) => device.hear(line) }));
		return device;
	}

	/** Ends when `cleanup` does, or before. */
	static async inQemu(cleanup: Cleanup, options: QemuOptions): Promise<BootedDevice> {
		const device = new BootedDevice();
		device.run = cleanup.running(await runQemu({ ...options, onLine: (line) => device.hear(line) }));
		return device;
	}

	/** On the platform that it was built for. */
	static async boot(cleanup: Cleanup, built: Built, options: BootOptions): Promise<BootedDevice> {
		return built.platform === "linux"
			? BootedDevice.onLinux(cleanup, { ...options, executable: built.executable })
			: BootedDevice.inQemu(cleanup, { ...options, image: built.image });
	}

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
			const giveUp = (why: string): void => {
				stop();
				reject(new Error(`${why}no line matched ${String(pattern)} in:\n${this.lines.join("\n")}`));
			};
			const timer = setTimeout(() => giveUp(""), timeoutMs);
			this.#waiting.add(look);
			// Nothing comes any more: its last line has been heard.
			this.run.exited.then(
				(status) => giveUp(`ended with status ${status}: `),
				(error) => giveUp(`${String(error)}: `),
			);
		});
	}

	/** Its exit status, once it has ended by itself. */
	exited(limitMs = 60_000): Promise<number> {
		return within(this.run.exited, { what: "a device's end", saw: () => this.lines, limitMs });
	}

	async kill(): Promise<void> {
		this.run.kill();
		await this.run.exited;
	}
}
