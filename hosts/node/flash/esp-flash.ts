/** Writes an ESP32-C3's flash through the ROM's download mode: esptool-js over a serial port of Node's. */
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";

/** A serial port with its control lines. */
export interface FlashPort {
	readonly duplex: Duplex;
	/** From USB; esptool-js resets the chip's own USB port in another way than a bridge. */
	readonly usbVendorId?: number;
	readonly usbProductId?: number;
	setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void>;
}

export interface FlashPart {
	address: number;
	data: Uint8Array;
}

export class FlashError extends Error {
	override name = "FlashError";
}

const CHIP = "ESP32-C3";
const BAUD = 115_200;
/** What the ROM takes in one piece; esptool-js's default is for the stub program, which is not used here. */
const ROM_BLOCK_BYTES = 0x400;
const MD5_TEXT_BYTES = 32;
const ADVICE =
	"hold the BOOT button, press and let go RESET (or plug the board in again), let BOOT go, and try again; a cable that only charges does not work";

/** Writes the parts, compares the MD5 of each as the ROM computes it from flash, and starts the program. */
export async function flashEsp(
	port: FlashPort,
	parts: readonly FlashPart[],
	onProgress: (part: number, written: number, total: number) => void,
): Promise<void> {
	const { ESPLoader, Transport } = await importTool();
	/** It writes some lines of its log to the console even when it is told not to. */
	class QuietTransport extends Transport {
		override trace(): void {}
	}
	const terminal = { clean() {}, write() {}, writeLine() {} };
	const transport = new QuietTransport(new WebSerialPort(port) as never, false);
	const loader = new ESPLoader({ transport, baudrate: BAUD, romBaudrate: BAUD, terminal });
	try {
		await loader.detectChip("default_reset").catch((error: Error) => {
			throw new FlashError(`the board does not answer in download mode (${error.message}): ${ADVICE}`);
		});
		if (loader.chip.CHIP_NAME !== CHIP) throw new FlashError(`this is an ${loader.chip.CHIP_NAME}, not an ${CHIP}`);
		loader.FLASH_WRITE_SIZE = ROM_BLOCK_BYTES;
		await loader.flashSpiAttach(0);
		await loader.writeFlash({
			fileArray: parts.map(({ address, data }) => ({ address, data: padded(data) })),
			flashMode: "keep",
			flashFreq: "keep",
			flashSize: "keep",
			eraseAll: false,
			compress: true,
			reportProgress: onProgress,
		});
		for (const { address, data } of parts) await verify(loader, address, padded(data));
		await loader.after("hard_reset");
	} finally {
		await transport.disconnect().catch(() => {});
	}
}

async function importTool(): Promise<typeof import("esptool-js")> {
	try {
		return await import("esptool-js");
	} catch {
		throw new FlashError("flashing needs the packages esptool-js and serialport: npm install esptool-js serialport");
	}
}

interface Commands {
	readonly ESP_SPI_FLASH_MD5: number;
	checkCommand(
		what: string,
		op: number,
		data: Uint8Array,
		sum: number,
		bytes: number,
		timeoutMs: number,
	): Promise<unknown>;
}

/** The ROM answers with the digest as text, which esptool-js would take for bytes. */
async function verify(loader: Commands, address: number, data: Uint8Array): Promise<void> {
	const request = Buffer.alloc(16);
	request.writeUInt32LE(address, 0);
	request.writeUInt32LE(data.length, 4);
	const answer = await loader.checkCommand(
		"compute the MD5",
		loader.ESP_SPI_FLASH_MD5,
		request,
		0,
		MD5_TEXT_BYTES,
		30_000,
	);
	const found = Buffer.from(answer as Uint8Array).toString("latin1");
	const wanted = createHash("md5").update(data).digest("hex");
	if (found !== wanted)
		throw new FlashError(
			`the flash at 0x${address.toString(16)} holds other bytes than were written (MD5 ${found}, not ${wanted})`,
		);
}

function padded(data: Uint8Array): Uint8Array {
	const whole = new Uint8Array(Math.ceil(data.length / 4) * 4).fill(0xff);
	whole.set(data);
	return whole;
}

/** The shape of the browser's Web Serial, which esptool-js is written to. */
class WebSerialPort {
	readable: ReadableStream<Uint8Array> | null = null;
	writable: WritableStream<Uint8Array> | null = null;
	readonly #port: FlashPort;
	#stop: () => void = () => {};

	constructor(port: FlashPort) {
		this.#port = port;
	}
	getInfo(): { usbVendorId?: number; usbProductId?: number } {
		const { usbVendorId, usbProductId } = this.#port;
		return {
			...(usbVendorId === undefined ? {} : { usbVendorId }),
			...(usbProductId === undefined ? {} : { usbProductId }),
		};
	}
	async open(): Promise<void> {
		const { duplex } = this.#port;
		let take: (bytes: Uint8Array) => void = () => {};
		this.readable = new ReadableStream<Uint8Array>({
			start: (controller) => {
				take = (bytes) => controller.enqueue(new Uint8Array(bytes));
				duplex.on("data", take);
			},
			cancel: () => void duplex.off("data", take),
		});
		this.#stop = () => void duplex.off("data", take);
		this.writable = new WritableStream<Uint8Array>({
			write: (bytes) =>
				new Promise((resolve, reject) => duplex.write(bytes, (error) => (error ? reject(error) : resolve()))),
		});
	}
	async close(): Promise<void> {
		this.#stop();
		this.readable = this.writable = null;
	}
	setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void> {
		return this.#port.setSignals(signals);
	}
	addEventListener(): void {}
	removeEventListener(): void {}
}
