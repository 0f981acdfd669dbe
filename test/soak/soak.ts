import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { DeviceProcess } from "../../hosts/node/start/device-process.js";
import { HubProcess } from "../../hosts/node/start/hub-process.js";
import { CutLine } from "./cut-line.js";

import { within } from "../support/waiting.js";

/** What the device said of itself with a batch. */
export interface Sample {
	/** Of the device's uptime. */
	seconds: number;
	slots: number;
	chunkBytes: number;
	heapFreeBytes: number;
	/** The engine counts modulo 65,536. */
	collections: number;
}

export interface SoakOptions {
	minutes: number;
	/** Between two cuts, on average. */
	cutSeconds: number;
	signal: AbortSignal;
	onLine(line: string): void;
}

export interface SoakRun {
	seconds: number;
	samples: Sample[];
	cuts: number;
	connections: number;
	registrations: number;
	/** Of the device; more than one means that it stopped. */
	boots: number;
	collectionsPerMinute: number;
	/** What was reported of a conversation that should have been in order. */
	complaints: string[];
}

const RAM_BYTES = 160 * 1024;
const PROGRESS_MS = 60_000;
/** The line is closed then, so that it need not wait for its own time-outs. */
const HUB_LINES_KEPT = 30;
const HUB_NOTICES_MS = 2000;

/** The device, built. */
export function thermostat(): Promise<Built> {
	const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
	return build({ manifest, platform: "qemu", release: true });
}

/** Lets device and hub converse on a line that is cut. The hub is sound throughout. */
export async function soak(options: SoakOptions): Promise<SoakRun> {
	const built = await thermostat();
	const folder = mkdtempSync(join(tmpdir(), "vatlet-soak-"));
	const samples: Sample[] = [];
	const complaints: string[] = [];
	const hubLines: string[] = [];
	let registrations = 0;
	let boots = 0;
	/** Of the hub's tables when a peer was gone. */
	let empty = false;
	let listening: (uri: string) => void;
	const uri = new Promise<string>((resolve) => (listening = resolve));
	const hub = new HubProcess({
		keyPath: join(folder, "hub.pem"),
		listen: "tcp:127.0.0.1:0",
		onEvent(event) {
			if (event.type === "listening") listening(event.uri);
			else if (event.type === "registered") registrations += 1;
			else if (event.type === "disconnected") empty = event.empty;
			else if (event.type === "usage")
				samples.push({
					seconds: event.usage.uptimeMs / 1000,
					slots: event.usage.slots,
					chunkBytes: event.usage.chunkBytes,
					heapFreeBytes: event.usage.ramFreeBytes,
					collections: event.usage.collections,
				});
		},
		onLine: (line) => {
			hubLines.push(line);
			if (hubLines.length > HUB_LINES_KEPT) hubLines.shift();
			if (/: batch \d+ after \d+$/.test(line)) complaints.push(`the hub: ${line}`);
		},
	});
	const hubUri = await within(uri, { what: "the hub's address", saw: () => hubLines }).catch(async (error: unknown) => {
		await hub.stop();
		throw error;
	});
	const line = await new CutLine(portOf(hubUri), options.cutSeconds).open();
	const device = new DeviceProcess(built, {
		hub: hubUri.replace(/:\d+\//, `:${line.port}/`),
		folder,
		resetStore: false,
		ramBytes: RAM_BYTES,
		onLine: (text) => {
			if (text.startsWith("this device is ")) boots += 1;
			if (/^(vatlet: stopped|trap|watchdog)/.test(text)) complaints.push(`the device: ${text}`);
		},
	});
	let hubEnded = false;
	/** Of the device, if it ended by itself. */
	let status: number | null = null;
	const startedMs = performance.now();
	const seconds = (): number => (performance.now() - startedMs) / 1000;
	const progress = setInterval(() => {
		const last = samples.at(-1);
		if (last)
			options.onLine(
				`${(seconds() / 60).toFixed(0)} min: ${line.cuts} cuts, ${registrations} registrations, ${last.slots} slots, ` +
					`${last.chunkBytes} B chunks, ${last.heapFreeBytes} B C heap free`,
			);
	}, PROGRESS_MS);
	try {
		await Promise.race([
			elapsed(options.minutes * 60_000, options.signal),
			device.exited.then((code) => (status = code)),
			hub.exited.then(() => (hubEnded = true)),
		]);
		if (hubEnded) complaints.push(`the hub ended by itself; its last lines:\n${hubLines.join("\n")}`);
		if (!hubEnded && status !== null) complaints.push(`the device ended by itself, with code ${status}`);
	} finally {
		clearInterval(progress);
		line.close();
		empty = false;
		await device.kill();
		await elapsed(HUB_NOTICES_MS, options.signal);
		if (!empty) complaints.push("the hub still holds something after the device is gone");
		await hub.stop();
		rmSync(folder, { recursive: true });
	}
	return {
		seconds: seconds(),
		samples,
		cuts: line.cuts,
		connections: line.connections,
		registrations,
		boots,
		collectionsPerMinute: collectionRate(samples),
		complaints,
	};
}

function portOf(uri: string): number {
	return Number(/:(\d+)\//.exec(uri)?.[1]);
}

function collectionRate(samples: readonly Sample[]): number {
	const first = samples[0];
	const last = samples.at(-1);
	if (!first || !last || last.seconds === first.seconds) return 0;
	return (((last.collections - first.collections) & 0xffff) * 60) / (last.seconds - first.seconds);
}

function elapsed(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
	});
}
