import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HubEvent } from "../../../examples/thermostat/hub-event.js";
import { build, type Built } from "../build/build.js";
import { Conversation, steps } from "./conversation.js";
import { DeviceProcess } from "./device-process.js";
import { HubProcess } from "./hub-process.js";
import { PtyPair } from "./pty-pair.js";
import { Screen } from "./screen.js";

export interface SessionOptions {
	root: string;
	/** Where the hub's key, the device's store and the logs of this platform live between runs. */
	folder: string;
	platform: "qemu" | "linux";
	/** How device and hub are connected; a serial line is QEMU's UART, or two pseudo-terminals for Linux. */
	link: "network" | "serial";
	/** All the memory that the QEMU machine has. */
	ramBytes: number;
	resetStore: boolean;
	stream: NodeJS.WriteStream;
	signal: AbortSignal;
}

/** What was measured; absent until it was. */
interface Measures {
	bootToPrintMs?: number;
	handshakeMs?: number;
	bootToFirstCallMs?: number;
	reconnectMs?: number;
}

const stepsOfFirstRound = ["registered", "read", "setTarget", "pipelined", "exception", "telemetry", "released"];

/** One hub, one device, and what happens between them. */
export class Session {
	readonly #options: SessionOptions;
	readonly #screen: Screen;
	readonly #conversation = new Conversation();
	readonly #measures: Measures = {};
	#built: Built | null = null;
	#hub: HubProcess | null = null;
	#device: DeviceProcess | null = null;
	#uri = "";
	#bootedMs = 0;
	#dialledMs = 0;
	#hubRestartedMs = 0;
	#identity = "";
	#boots = 0;
	#calls = 0;
	/** Aborts with the first thing that went wrong by itself. */
	readonly #trouble = new AbortController();
	readonly #signal: AbortSignal;
	/** The hub's end of the serial line, or empty. In the folder for temporary files, since a socket's path may have 107 bytes only. */
	#line: string;
	#ptys: PtyPair | null = null;
	failed = false;

	constructor(options: SessionOptions) {
		this.#options = options;
		this.#line = options.link === "serial" ? join(tmpdir(), `vatlet-line-${process.pid}.sock`) : "";
		this.#screen = new Screen(options.stream);
		this.#signal = AbortSignal.any([options.signal, this.#trouble.signal]);
	}

	/** Builds, starts the hub, boots the device, and waits for the first round of calls. */
	async begin(): Promise<void> {
		const { root, platform } = this.#options;
		this.#built = await build({
			manifest: join(root, "examples/thermostat/manifest.json"),
			platform,
			release: true,
			onProgress: (step, detail) => this.#screen.line("build", detail === undefined ? step : `${step}: ${detail}`),
		});
		if (this.#line !== "" && platform === "linux") {
			this.#ptys = await PtyPair.open();
			this.#line = this.#ptys.left;
		}
		this.#startHub(0);
		await this.#conversation.until(["uri"], 10_000, this.#signal);
		this.#boot(this.#options.resetStore);
		await this.#conversation.until(stepsOfFirstRound, 60_000, this.#signal);
	}

	/** Goes on until interrupted; the screen shows what happens. */
	async watch(): Promise<void> {
		this.#screen.line("start", "running; Ctrl-C ends everything");
		await new Promise<void>((resolve) => this.#signal.addEventListener("abort", () => resolve(), { once: true }));
	}

	/** The second half of the conversation: a killed hub, a killed device, a second boot. */
	async proveEverything(): Promise<void> {
		this.#screen.line("start", "killing the hub (-9) and starting it again");
		await this.#hub?.crash();
		this.#hubRestartedMs = performance.now();
		this.#startHub(Number(/:(\d+)(\/|$)/.exec(this.#uri)?.[1] ?? 0));
		await this.#conversation.until(["reregistered"], 60_000, this.#signal);

		this.#screen.line("start", "killing the device");
		await this.#device?.kill();
		await this.#conversation.until(["disconnected", "empty"], 60_000, this.#signal);

		this.#screen.line("start", "booting the device a second time");
		this.#boot(false);
		await this.#conversation.until(["identity"], 60_000, this.#signal);
	}

	/** Ends both processes; safe to call at any moment and twice. */
	async end(): Promise<void> {
		await this.#device?.kill();
		await this.#hub?.stop();
		if (this.#line !== "") rmSync(this.#line, { force: true });
		this.#ptys?.close();
	}

	complain(error: unknown): void {
		// Ctrl-C reaches every process at the terminal: that they end then is no news.
		if (this.failed || this.#options.signal.aborted) return;
		this.failed = true;
		this.#trouble.abort(error);
		this.#screen.line("error", error instanceof Error ? error.message : String(error));
	}

	/** Says which steps were not seen; true if none is missing. */
	summarise(): boolean {
		const missing = this.#conversation.missing();
		for (const step of missing) this.#screen.line("error", `not seen: ${step.title}`);
		if (missing.length === 0) this.#screen.line("start", `all ${steps.length} steps seen`);
		return missing.length === 0 && !this.failed;
	}

	measured(): Record<string, unknown> {
		return {
			platform: this.#options.platform,
			link: this.#options.link,
			...this.#sizes(),
			...this.#measures,
			calls: this.#calls,
			stepsMissing: this.#conversation.missing().map((step) => step.name),
		};
	}

	/** The QEMU machine has `ramBytes` and no more, so whatever ran there ran in that. */
	#sizes(): Record<string, number> {
		if (!this.#built) return {};
		const { flashBytes, staticBytes, poolBytes, stackBytes } = this.#built.sizes;
		const ramBytes = this.#options.platform === "qemu" ? this.#options.ramBytes : staticBytes + poolBytes + stackBytes;
		return { ramBytes, flashBytes };
	}

	#startHub(port: number): void {
		const hub = new HubProcess({
			keyPath: join(this.#options.folder, "hub.pem"),
			listen: this.#line === "" ? `tcp:127.0.0.1:${port}` : `serial:${this.#line}`,
			onEvent: (event) => this.#onHubEvent(event),
			onLine: (line) => this.#screen.line("hub", line),
		});
		this.#hub = hub;
		void hub.exited.then(() => {
			if (!hub.killed) this.complain(new Error("the hub ended by itself"));
		});
	}

	#boot(resetStore: boolean): void {
		if (!this.#built) throw new Error("booted before it was built");
		this.#bootedMs = performance.now();
		this.#boots += 1;
		const device = new DeviceProcess(this.#built, {
			hub: this.#uri,
			folder: this.#options.folder,
			resetStore,
			...(this.#line === "" ? {} : { serial: { host: this.#line, device: this.#ptys?.right ?? "/uart0" } }),
			ramBytes: this.#options.ramBytes,
			onLine: (line) => this.#onDeviceLine(line),
		});
		this.#device = device;
		void device.exited.then((code) => {
			if (!device.killed) this.complain(new Error(`the device ended by itself, with code ${code}`));
		});
	}

	#onDeviceLine(line: string): void {
		const nowMs = performance.now();
		this.#measures.bootToPrintMs ??= round(nowMs - this.#bootedMs);
		// The device says who it is, then dials, and says so when both ends have proved who they are.
		if (line.startsWith("this device is ")) this.#dialledMs = nowMs;
		else if (line.startsWith("connected with ")) this.#measures.handshakeMs ??= round(nowMs - this.#dialledMs);
		this.#screen.line("device", line);
	}

	#see(name: string): void {
		if (this.#conversation.has(name)) return;
		this.#conversation.see(name);
		this.#screen.step(steps.find((step) => step.name === name)?.title ?? name);
	}

	#onHubEvent(event: HubEvent): void {
		switch (event.type) {
			case "console":
				this.#onDeviceLine(event.line);
				break;
			case "listening":
				this.#uri = event.uri;
				this.#see("uri");
				break;
			case "connected":
				this.#see("authenticated");
				break;
			case "registered":
				this.#onRegistered(event.peer);
				break;
			case "called":
				this.#calls += 1;
				this.#measures.bootToFirstCallMs ??= round(performance.now() - this.#bootedMs);
				break;
			case "step":
				this.#see(event.name);
				break;
			case "disconnected":
				if (!this.#device?.killed) break;
				this.#see("disconnected");
				if (event.empty) this.#see("empty");
				break;
		}
	}

	#onRegistered(peer: string): void {
		this.#see("registered");
		if (this.#boots === 1 && this.#identity === "") this.#identity = peer;
		if (this.#boots > 1 && peer === this.#identity) this.#see("identity");
		if (this.#boots === 1 && this.#hubRestartedMs > 0 && peer === this.#identity) {
			this.#measures.reconnectMs ??= round(performance.now() - this.#hubRestartedMs);
			this.#see("reregistered");
		}
	}
}

function round(milliseconds: number): number {
	return Math.round(milliseconds * 10) / 10;
}
