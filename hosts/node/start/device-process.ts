import { join } from "node:path";
import { atEndpoint, formatUri, parseUri } from "../../../src/net/address.js";
import type { Built } from "../build/build.js";
import { runLinux } from "../run/linux.js";
import { runQemu } from "../run/qemu.js";

export interface DeviceOptions {
	/** The hub's URI as the hub prints it; turned into what the device can reach. */
	hub: string;
	/** Where the device's store is kept. */
	folder: string;
	resetStore: boolean;
	/**
	 * The device's line instead of the network: what it calls its own end, and where the other is. For QEMU that is a Unix socket, which the
	 * machine's UART is made.
	 */
	serial?: { host: string; device: string };
	/** Memory of the QEMU machine. */
	ramBytes: number;
	onLine(line: string): void;
}

/** A booted device, in QEMU or as a Linux process. */
export class DeviceProcess {
	readonly exited: Promise<number>;
	killed = false;
	readonly #run: Promise<{ exited: Promise<number>; kill(): void }>;

	constructor(built: Built, options: DeviceOptions) {
		const { serial } = options;
		const config = { hub: options.hub };
		if (serial !== undefined) config.hub = onSerialLine(options.hub, serial.device);
		else if (isEmulated(built)) config.hub = seenFromInside(options.hub);
		const shared = { config, resetStore: options.resetStore, onLine: options.onLine };
		this.#run = isEmulated(built)
			? runQemu({
					...shared,
					image: built.image,
					storePath: join(options.folder, "store.flash"),
					ramBytes: options.ramBytes,
					...(serial === undefined ? {} : { serialSocket: serial.host, without: ["network"] as const }),
				})
			: Promise.resolve(
					runLinux({ ...shared, executable: built.executable, storePath: join(options.folder, "store") }),
				);
		this.exited = this.#run.then((run) => run.exited);
	}

	/** Ends it without a word, as pulling the plug does. */
	async kill(): Promise<void> {
		this.killed = true;
		(await this.#run).kill();
		await this.exited;
	}
}

/** Keeps digest and id: what the hub calls its end of the line is none of the device's business. */
export function onSerialLine(uri: string, path: string): string {
	return formatUri(atEndpoint(parseUri(uri), { kind: "serial", path }));
}

/** Keeps digest and id: in QEMU's user network the host's loopback is 10.0.2.2. */
export function seenFromInside(uri: string): string {
	return uri.replace(/@(127\.0\.0\.1|localhost|\[::1\]):/, "@10.0.2.2:");
}

function isEmulated(built: Built): boolean {
	return built.platform !== "linux";
}
