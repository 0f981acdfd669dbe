import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type { Command } from "commander";
import { Listr } from "listr2";
import { BYTE_IS_TEXT, SerialFrameDecoder } from "../../../src/net/serial-frame.js";
import { CONFIG_OFFSET, espImageFault } from "../build/esp-image.js";
import { flashEsp, type FlashPart, type FlashPort } from "../flash/esp-flash.js";
import { openSerial } from "../serial.js";
import { buildShown } from "./build.js";
import { type ChipPlatform, chipPlatformOption } from "./platform.js";
import { addConfig } from "./run.js";

const ESPRESSIF_USB_VENDOR = "303a";
/** How long the new program's console is shown, and how long the port may take to come back after the reset. */
const CONSOLE_MS = 5000;
const REOPEN_MS = 250;

interface Options {
	platform: ChipPlatform;
	port?: string;
	config: Record<string, string>;
	release: boolean;
}

export function addFlashCommand(program: Command): void {
	program
		.command("flash")
		.description("build an application for a chip and write it into its flash over a serial port")
		.argument("[manifest]", "path of its manifest", "manifest.json")
		.addOption(chipPlatformOption())
		.option("--port <path>", "the serial port, for example /dev/ttyACM0; found by itself when there is one board")
		.option(
			"-c, --config <name=value>",
			"a line of the boot configuration to write, repeatable; without, what the board has stays",
			addConfig,
			{},
		)
		.option("-r, --release", "smaller and faster: no line numbers in stacks", false)
		.action((manifest: string, options: Options) => flash(manifest, options));
}

async function flash(manifest: string, options: Options): Promise<void> {
	const found = await findPort(options.port);
	// What is wrong with the port is said before minutes of building.
	await closed(await openSerial(found.path));
	const built = await buildShown(manifest, { platform: options.platform, release: options.release });
	const image = await readFile(built.image);
	const fault = espImageFault(image);
	if (fault !== null) throw new Error(`${built.image}: ${fault}`);
	const parts: FlashPart[] = [{ address: 0, data: image }];
	const config = Object.entries(options.config).map(([name, value]) => `${name}=${value}\n`);
	if (config.length > 0) parts.push({ address: CONFIG_OFFSET, data: Buffer.from(config.join("") + "\0") });
	await new Listr(
		[
			{
				title: `writing ${image.length} bytes to ${found.path}`,
				task: async (_: unknown, task: { output: string }) => {
					const port = await openPort(found);
					try {
						await flashEsp(port, parts, (part, written, total) => {
							task.output = `part ${part + 1} of ${parts.length}: ${Math.floor((100 * written) / total)} %`;
						});
					} finally {
						await closed(port.duplex);
					}
				},
			},
		],
		{ fallbackRenderer: "silent", collectErrors: false },
	).run();
	await showConsole(found.path);
}

interface FoundPort {
	path: string;
	vendorId?: string | undefined;
	productId?: string | undefined;
}

async function findPort(wanted: string | undefined): Promise<FoundPort> {
	const { SerialPort } = await import("serialport").catch(() => {
		throw new Error("flashing needs the packages esptool-js and serialport: npm install esptool-js serialport");
	});
	// Without udev there is no list, and no saying whose a port is.
	const ports: FoundPort[] = await SerialPort.list().catch(() => serialDevices());
	if (wanted !== undefined) return ports.find((port) => port.path === wanted) ?? { path: wanted };
	const boards = ports.filter((port) => port.vendorId?.toLowerCase() === ESPRESSIF_USB_VENDOR);
	if (boards.length === 1) return boards[0]!;
	const paths = (boards.length > 0 ? boards : ports.filter((port) => /tty(ACM|USB)/.test(port.path))).map(
		(port) => port.path,
	);
	throw new Error(
		paths.length === 0
			? "no board is there: plug it in with a cable that carries data, or hold BOOT while plugging it in"
			: `which port is it? --port ${paths.join(" or --port ")}`,
	);
}

function serialDevices(): FoundPort[] {
	return readdirSync("/dev")
		.filter((name) => /^tty(ACM|USB)\d+$/.test(name))
		.map((name) => ({ path: `/dev/${name}` }));
}

async function openPort(found: FoundPort): Promise<FlashPort> {
	const duplex = await openSerial(found.path);
	const port = duplex as unknown as {
		set(signals: { dtr?: boolean; rts?: boolean }, done: (error: Error | null) => void): void;
	};
	// Both lines are set together: the driver wants to know both.
	const lines = { dtr: false, rts: false };
	return {
		duplex,
		...(found.vendorId === undefined ? {} : { usbVendorId: parseInt(found.vendorId, 16) }),
		...(found.productId === undefined ? {} : { usbProductId: parseInt(found.productId, 16) }),
		setSignals: ({ dataTerminalReady, requestToSend }) => {
			if (dataTerminalReady !== undefined) lines.dtr = dataTerminalReady;
			if (requestToSend !== undefined) lines.rts = requestToSend;
			return new Promise((resolve, reject) => port.set(lines, (error) => (error ? reject(error) : resolve())));
		},
	};
}

/** The first lines that the program prints; the frames between are for a vat. */
async function showConsole(path: string): Promise<void> {
	const untilMs = Date.now() + CONSOLE_MS;
	while (Date.now() < untilMs) {
		const duplex = await openSerial(path).catch(() => null);
		if (duplex === null) {
			await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
			continue;
		}
		const decoder = new SerialFrameDecoder();
		duplex.on("data", (bytes: Uint8Array) => {
			for (const byte of bytes)
				if (decoder.take(byte) === BYTE_IS_TEXT) process.stdout.write(String.fromCharCode(byte));
		});
		await new Promise<void>((resolve) => {
			duplex.once("close", resolve);
			setTimeout(resolve, Math.max(0, untilMs - Date.now()));
		});
		await closed(duplex);
	}
}

/** Until it is given back: its next user may come at once. */
function closed(port: Duplex): Promise<void> {
	return new Promise((resolve) => {
		if (port.closed) return resolve();
		port.once("close", resolve);
		port.destroy();
	});
}
