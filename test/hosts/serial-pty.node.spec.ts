import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import type { SerialPort } from "serialport";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { openSerial } from "../../hosts/node/serial.js";
import { PtyPair } from "../../hosts/node/start/pty-pair.js";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { type CommandResult, runToEnd } from "../support/command.node.js";
import { Seeded } from "../support/seeded.js";
import { until, within } from "../support/waiting.js";

const BYTES = 100_000;

/** Every value of a byte, control characters included: a line that is not raw changes some. */
function randomBytes(): Buffer {
	const random = new Seeded(8);
	return Buffer.from(Uint8Array.from({ length: BYTES }, () => random.below(256)));
}

/** Sends `sent`, never more than `windowBytes` ahead of what comes back. */
async function exchange(port: Duplex, far: Duplex, sent: Buffer, windowBytes: number): Promise<Buffer> {
	const got: Buffer[] = [];
	let gotBytes = 0;
	let sentBytes = 0;
	const done = new Promise<void>((resolve) => {
		far.on("data", (piece: Buffer) => {
			got.push(piece);
			gotBytes += piece.length;
			if (gotBytes >= sent.length) resolve();
			else send();
		});
	});
	const send = (): void => {
		const end = Math.min(sent.length, gotBytes + windowBytes);
		if (end > sentBytes) port.write(sent.subarray(sentBytes, end));
		sentBytes = Math.max(sentBytes, end);
	};
	send();
	await within(done, { what: "the last byte", saw: () => `${gotBytes} bytes of ${sent.length}` });
	return Buffer.concat(got);
}

/** Real ttys, and the package serialport as users install it. */
describe("a serial port on a pseudo-terminal", () => {
	const cleanup = Cleanup.afterEach();
	let pair: PtyPair;
	beforeEach(async () => {
		pair = cleanup.closing(await PtyPair.open());
	});

	async function open(path: string): Promise<Duplex> {
		const port = await openSerial(path);
		cleanup.defer(() => port.destroy());
		return port;
	}

	it("carries every byte as it is between two Node programs", async () => {
		const [left, right] = [await open(pair.left), await open(pair.right)];
		const sent = randomBytes();
		expect((await exchange(left, right, sent, 4096)).equals(sent)).toBeTrue();
	});

	it("is nothing that is no serial port", async () => {
		for (const path of ["/dev/null", join(packageRoot(), "package.json")])
			await expectAsync(openSerial(path)).toBeRejectedWithError(`${path} is no serial port`);
	});

	it("is refused to a second program, with a word about the first", async () => {
		await open(pair.left);
		await expectAsync(openSerial(pair.left)).toBeRejectedWithError(/in use by another program/);
	});

	it("is given back when its stream is destroyed", async () => {
		for (let round = 0; round < 3; round++) {
			const port = await open(pair.left);
			const closed = once(port, "close");
			port.destroy();
			await within(closed, { what: "the port's end" });
		}
	});

	for (const [how, leave] of [
		["goes", () => pair.close()],
		// Which of both is seen first is a matter of microseconds.
		["cannot be read any more", (port: SerialPort) => port._disconnected(new Error("EIO: i/o error, read"))],
	] as const)
		it(`ends when its device ${how}`, async () => {
			const port = await open(pair.left);
			const failed = once(port, "error") as Promise<[Error]>;
			port.resume();
			leave(port as SerialPort);
			expect((await within(failed, { what: "the port's error" }))[0].message).toBe(`${pair.left} is gone`);
		});

	it("tells streams on it that it is gone, at both of its ends", async () => {
		const network = new NodeNetwork();
		const accepted = new Promise<PeerTransport>((resolve, reject) => {
			const listener = network.listen({ kind: "serial", path: pair.left }, null, {
				listening: () => {},
				accepted: resolve,
				rejected: (error) => reject(new Error(error.message)),
				failed: (error) => reject(new Error(error.message)),
			});
			cleanup.closing(listener);
		});
		const dialled = new Promise<PeerTransport>((resolve, reject) => {
			network.dial({ kind: "serial", path: pair.right }, null, null, 20_000, {
				dialled: resolve,
				failed: (error) => reject(new Error(error.message)),
			});
		});
		const streams = await within(Promise.all([accepted, dialled]), { what: "a session on the line" });
		const ends = streams.map(
			(stream) =>
				new Promise<TransportError | null>((resolve) => {
					stream.events = { onReadable() {}, onWritable() {}, onClosed: resolve };
				}),
		);
		pair.close();
		const [left, right] = await within(Promise.all(ends), { what: "the end of both streams" });
		expect(left!.message).toContain(`${pair.left} is gone`);
		expect(right!.message).toContain(`${pair.right} is gone`);
	});
});

describe("a serial line of an XS program on Linux", () => {
	const cleanup = Cleanup.afterEach();
	let built: Built;
	let pair: PtyPair;
	beforeAll(async () => {
		built = await build({ manifest: join(packageRoot(), "test/hosts/linux/serial/manifest.json"), platform: "linux" });
	}, 300_000);
	beforeEach(async () => {
		pair = cleanup.closing(await PtyPair.open());
	});

	function start(port: string, config: Record<string, string> = {}): BootedDevice {
		return BootedDevice.onLinux(cleanup, { executable: built.executable, config: { port, ...config } });
	}

	it("echoes what Node sends, sees the line go, and allocates nothing for it", async () => {
		const device = start(pair.right, { baud: "921600" });
		await device.line(/^open$/);
		const port = await openSerial(pair.left, 921_600);
		cleanup.defer(() => port.destroy());
		port.on("error", () => {});
		const sent = randomBytes();
		expect((await exchange(port, port, sent, 2048)).equals(sent)).toBeTrue();
		port.destroy();
		pair.close();
		expect(await device.exited()).toBe(0);
		expect(device.lines.at(-1)).toBe(`gone after ${BYTES} bytes`);
		expect(device.lines.at(-2)).toBe("slots 0 chunks 0 mallocs 0 collections 0");
	});

	it("says why it cannot be opened", async () => {
		const lines: string[] = [];
		const tried = async (path: string): Promise<void> => {
			const device = start(path);
			await device.exited();
			lines.push(...device.lines);
		};
		await tried("/dev/ttyVatlet");
		await tried("/dev/null");
		const port = await openSerial(pair.right);
		cleanup.defer(() => port.destroy());
		await tried(pair.right);
		expect(lines).toEqual([
			"cannot open /dev/ttyVatlet: absent",
			"cannot open /dev/null: invalid",
			`cannot open ${pair.right}: full`,
		]);
	});
});

describe("a vat of an XS program that listens on a serial line", () => {
	const cleanup = Cleanup.afterEach();

	it("is there again when the line was unplugged and is back", async () => {
		const manifest = join(packageRoot(), "test/hosts/linux/serial-listener/manifest.json");
		const { executable } = await build({ manifest, platform: "linux" });
		const folder = cleanup.folder();
		const path = join(folder, "line");
		const socket = join(folder, "socket");
		// A line whose other end is a socket: when that closes, the line hangs up.
		const plug = async (): Promise<ChildProcess> => {
			const ends = [`pty,raw,echo=0,link=${path}`, `unix-listen:${socket}`];
			const socat = cleanup.child(spawn("socat", ends, { stdio: "ignore" }));
			await until(() => existsSync(path) && existsSync(socket), { what: "socat's line and its socket" });
			return socat;
		};
		let line = await plug();
		const device = BootedDevice.onLinux(cleanup, { executable, storePath: join(folder, "store"), config: { path } });
		await device.line(new RegExp(`^listening on ${path}$`));
		for (let round = 1; round <= 2; round++) {
			const unplugged = once(line, "exit");
			const before = device.lines.length;
			const dialled = await new Promise<PeerTransport>((resolve, reject) =>
				new NodeNetwork().dial({ kind: "serial", path: socket }, null, null, 20_000, {
					dialled: resolve,
					failed: (error) => reject(new Error(error.message)),
				}),
			);
			cleanup.defer(() => dialled.abort());
			await device.lineAfter(before, /^accepted$/);
			dialled.abort();
			await device.lineAfter(
				before,
				new RegExp(`^the serial line ${path} is gone; it is opened again when it is back$`),
			);
			await within(unplugged, { what: "socat's end" });
			line = await plug();
		}
	}, 180_000);
});

describe("vatlet flash", () => {
	const cleanup = Cleanup.afterEach();
	const cli = fileURLToPath(new URL("../../hosts/node/cli/main.js", import.meta.url));
	const flash = (port: string): CommandResult => {
		const manifest = join(packageRoot(), "test/hosts/linux/serial/manifest.json");
		return runToEnd(process.execPath, [cli, "flash", "-p", "unikernel/esp32c3", "--port", port, manifest]);
	};

	it("says so before it builds anything when there is no such port", () => {
		const { status, stderr } = flash("/dev/ttyVatlet");
		expect(status).toBe(1);
		expect(stderr).toContain("there is no /dev/ttyVatlet: is the board plugged in");
	});

	it("says so when another program has the port", async () => {
		const pair = cleanup.closing(await PtyPair.open());
		const port = await openSerial(pair.left);
		cleanup.defer(() => port.destroy());
		const { status, stderr } = flash(pair.left);
		expect(status).toBe(1);
		expect(stderr).toContain("in use by another program");
	});
});
