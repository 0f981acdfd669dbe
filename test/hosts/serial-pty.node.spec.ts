import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runLinux, type LinuxRun } from "../../hosts/node/run/linux.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { openSerial } from "../../hosts/node/serial.js";
import { PtyPair } from "../../hosts/node/start/pty-pair.js";
import type { PeerTransport } from "../../src/ports/network.js";
import { Seeded } from "../support/seeded.js";

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
	await done;
	return Buffer.concat(got);
}

/** Real ttys, and the package serialport as users install it. */
describe("a serial port on a pseudo-terminal", () => {
	let pair: PtyPair;
	const ports: Duplex[] = [];
	beforeEach(async () => {
		pair = await PtyPair.open();
	});
	afterEach(() => {
		for (const port of ports.splice(0)) port.destroy();
		pair.close();
	});

	async function open(path: string): Promise<Duplex> {
		const port = await openSerial(path);
		ports.push(port);
		return port;
	}

	it("carries every byte as it is between two Node programs", async () => {
		const [left, right] = [await open(pair.left), await open(pair.right)];
		const sent = randomBytes();
		expect((await exchange(left, right, sent, 4096)).equals(sent)).toBeTrue();
	});

	it("is refused to a second program, with a word about the first", async () => {
		await open(pair.left);
		await expectAsync(openSerial(pair.left)).toBeRejectedWithError(/in use by another program/);
	});

	it("is given back when its stream is destroyed", async () => {
		for (let round = 0; round < 3; round++) {
			const port = await openSerial(pair.left);
			const closed = once(port, "close");
			port.destroy();
			await closed;
		}
	});

	it("ends when its device goes", async () => {
		const port = await open(pair.left);
		const failed = once(port, "error") as Promise<[Error]>;
		port.resume();
		pair.close();
		expect((await failed)[0].message).toBe(`${pair.left} is gone`);
	});
});

describe("a serial line of an XS program on Linux", () => {
	let built: Built;
	let pair: PtyPair;
	let run: LinuxRun | null = null;
	const lines: string[] = [];
	beforeAll(async () => {
		built = await build({ manifest: join(packageRoot(), "test/hosts/linux/serial/manifest.json"), platform: "linux" });
	}, 180_000);
	beforeEach(async () => {
		pair = await PtyPair.open();
		lines.length = 0;
	});
	afterEach(() => {
		run?.kill();
		run = null;
		pair.close();
	});

	function start(port: string, config: Record<string, string> = {}): Promise<number> {
		run = runLinux({ executable: built.executable, config: { port, ...config }, onLine: (line) => lines.push(line) });
		return run.exited;
	}
	async function until(line: string): Promise<void> {
		while (!lines.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5));
	}

	it("echoes what Node sends, sees the line go, and allocates nothing for it", async () => {
		const ended = start(pair.right, { baud: "921600" });
		await until("open");
		const port = await openSerial(pair.left, 921_600);
		port.on("error", () => {});
		const sent = randomBytes();
		expect((await exchange(port, port, sent, 2048)).equals(sent)).toBeTrue();
		port.destroy();
		pair.close();
		expect(await ended).toBe(0);
		expect(lines.at(-1)).toBe(`gone after ${BYTES} bytes`);
		expect(lines.at(-2)).toBe("slots 0 chunks 0 mallocs 0 collections 0");
	});

	it("says why it cannot be opened", async () => {
		await start("/dev/ttyVatlet");
		await start("/dev/null");
		const port = await openSerial(pair.right);
		await start(pair.right);
		port.destroy();
		expect(lines).toEqual([
			"cannot open /dev/ttyVatlet: absent",
			"cannot open /dev/null: invalid",
			`cannot open ${pair.right}: full`,
		]);
	});
});

describe("a vat of an XS program that listens on a serial line", () => {
	it("is there again when the line was unplugged and is back", async () => {
		const manifest = join(packageRoot(), "test/hosts/linux/serial-listener/manifest.json");
		const { executable } = await build({ manifest, platform: "linux" });
		const folder = mkdtempSync(join(tmpdir(), "vatlet-plug-"));
		const path = join(folder, "line");
		const socket = join(folder, "socket");
		const lines: string[] = [];
		const until = async (line: string, count = 1): Promise<void> => {
			while (lines.filter((each) => each === line).length < count)
				await new Promise((resolve) => setTimeout(resolve, 5));
		};
		// A line whose other end is a socket: when that closes, the line hangs up.
		const plug = async (): Promise<ChildProcess> => {
			const socat = spawn("socat", [`pty,raw,echo=0,link=${path}`, `unix-listen:${socket}`], { stdio: "ignore" });
			while (!existsSync(path) || !existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
			return socat;
		};
		let line = await plug();
		const storePath = join(folder, "store");
		const run = runLinux({ executable, storePath, config: { path }, onLine: (text) => lines.push(text) });
		await until(`listening on ${path}`);
		for (let round = 1; round <= 2; round++) {
			const unplugged = once(line, "exit");
			const dialled = await new Promise<PeerTransport>((resolve, reject) =>
				new NodeNetwork().dial({ kind: "serial", path: socket }, null, null, 20_000, {
					dialled: resolve,
					failed: (error) => reject(new Error(error.message)),
				}),
			);
			await until("accepted", round);
			dialled.abort();
			await until(`the serial line ${path} is gone; it is opened again when it is back`, round);
			await unplugged;
			line = await plug();
		}
		run.kill();
		line.kill();
		rmSync(folder, { recursive: true });
	}, 120_000);
});

describe("vatlet flash", () => {
	const cli = fileURLToPath(new URL("../../hosts/node/cli/main.js", import.meta.url));
	const flash = (port: string): ReturnType<typeof spawnSync> => {
		const manifest = join(packageRoot(), "test/hosts/linux/serial/manifest.json");
		return spawnSync(process.execPath, [cli, "flash", "-p", "unikernel/esp32c3", "--port", port, manifest], {
			encoding: "utf8",
		});
	};

	it("says so before it builds anything when there is no such port", () => {
		const { status, stderr } = flash("/dev/ttyVatlet");
		expect(status).toBe(1);
		expect(stderr).toContain("there is no /dev/ttyVatlet: is the board plugged in");
	});

	it("says so when another program has the port", async () => {
		const pair = await PtyPair.open();
		const port = await openSerial(pair.left);
		const { status, stderr } = flash(pair.left);
		port.destroy();
		pair.close();
		expect(status).toBe(1);
		expect(stderr).toContain("in use by another program");
	});
});
