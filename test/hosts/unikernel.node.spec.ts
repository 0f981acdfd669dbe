import { createHash, randomBytes } from "node:crypto";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { probeImage, runProbe } from "./unikernel/probe-image.js";

describe("The unikernel in QEMU", () => {
	const cleanup = Cleanup.afterEach();
	let image: string;

	beforeAll(async () => {
		image = await probeImage();
	}, 240_000);

	const dial = (port: number): Socket => cleanup.socket(connect(port, "127.0.0.1"));

	/** The port of a server that does this with whom it accepts. */
	async function serving(accept: (socket: Socket) => void): Promise<string> {
		const server = cleanup.server(createServer({ allowHalfOpen: true }, accept));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return String((server.address() as AddressInfo).port);
	}

	it("boots within the RAM it is given and says how much that is", async () => {
		const { status, lines } = await runProbe({ image, ramBytes: 128 * 1024 });
		expect(status).toBe(0);
		expect(lines[0]).toMatch(/^boot ram 131072 free \d+$/);
	});

	it("draws other random bytes at every boot", async () => {
		const first = await runProbe({ image, config: { run: "random" } });
		const second = await runProbe({ image, config: { run: "random" } });
		expect(first.lines[1]).toMatch(/^random [0-9a-f]{32}$/);
		expect(second.lines[1]).toMatch(/^random [0-9a-f]{32}$/);
		expect(first.lines[1]).not.toBe(second.lines[1]!);
	});

	it("refuses to start without a random source", async () => {
		const { status, lines } = await runProbe({ image, without: ["entropy"] });
		expect(status).toBe(91);
		expect(lines).toEqual(["entropy: no hardware random source; start QEMU with -device virtio-rng-device"]);
	});

	it("refuses an address that is none", async () => {
		const { status, lines } = await runProbe({ image, config: { address: "10.0.2" } });
		expect(status).toBe(92);
		expect(lines[0]).toContain("a.b.c.d");
	});

	it("allocates, frees, copies and fills as the plainest code would", async () => {
		const { lines } = await runProbe({ image, config: { run: "memory" } });
		expect(lines.slice(1, 3)).toEqual(["heap 0 wrong, 0 left, in one piece, was full", "copies 0 wrong"]);
	});

	it("sleeps instead of spinning", async () => {
		const { lines } = await runProbe({ image, config: { run: "idle" } });
		const idle = /^slept long enough, idle (\d+) ms in (\d+) sleeps$/.exec(lines[1]!);
		expect(Number(idle?.[1])).toBeGreaterThan(280);
		expect(Number(idle?.[2])).toBeLessThan(20);
	});

	for (const [run, reason] of [
		["null", "null pointer"],
		["flash", "write to read-only flash"],
		["overflow", "C stack overflow"],
	] as const) {
		it(`ends in a readable trap: ${reason}`, async () => {
			const { status, lines } = await runProbe({ image, config: { run } });
			expect(status).toBe(99);
			expect(lines[1]).toMatch(new RegExp(`^trap: ${reason} \\(.*\\), pc=0x2000[0-9a-f]{4} address=0x[0-9a-f]{8} `));
			expect(lines[2]).toMatch(/^ {2}at \w+ \(probe\.c:\d+\)$/);
		});
	}

	it("is restarted by its watchdog when it does not come back to its event loop", async () => {
		const device = await BootedDevice.inQemu(cleanup, { image, config: { run: "spin", watchdog: "1" } });
		await device.line(/^boot /);
		const before = device.lines.length;
		await device.lineAfter(before, /^boot /);
		expect(device.lines[1]).toMatch(/^trap: watchdog: the program did not return to its event loop in time/);
	});

	it("echoes what is sent to its listener, byte for byte", async () => {
		const port = await freePort();
		const sent = randomBytes(300_000);
		const received: Promise<Buffer>[] = [];
		const { status, lines } = await runProbe(
			{ image, config: { run: "listen", serve: "2" }, ports: [{ host: port, device: 7000 }] },
			(line) => {
				if (line.startsWith("listening")) received.push(exchange(dial(port), sent));
				else if (line.startsWith("ended") && received.length < 2)
					received.push(exchange(dial(port), Buffer.from("again")));
			},
		);
		expect(status).toBe(0);
		expect(lines).toContain("ended -2 after 300000 bytes");
		expect(lines).toContain("ended -2 after 5 bytes");
		expect(digest(await received[0]!)).toBe(digest(sent));
		expect((await received[1]!).toString()).toBe("again");
	});

	it("dials the host and echoes", async () => {
		const sent = randomBytes(100_000);
		let received: Promise<Buffer> | null = null;
		const port = await serving((socket) => (received = exchange(socket, sent)));
		const { lines } = await runProbe({ image, config: { run: "dial", port } });
		expect(lines).toContain("connected");
		expect(lines).toContain("ended -2 after 100000 bytes");
		expect(digest(await received!)).toBe(digest(sent));
	});

	it("tells a port that nobody listens on", async () => {
		const { lines } = await runProbe({ image, config: { run: "dial", port: String(await freePort()) } });
		expect(lines).toContain("dial failed -3");
	});

	it("tells a connection that is torn down from one that ends in order", async () => {
		// Once its echo says that it is connected: before that the reset could be the answer to its dial.
		const port = await serving((socket) => socket.once("data", () => socket.resetAndDestroy()).write("x"));
		const { lines } = await runProbe({ image, config: { run: "dial", port } });
		expect(lines).toContain("connected");
		expect(lines.some((line) => line.startsWith("ended -4"))).toBeTrue();
	});
});

/** Sends everything, ends, and collects what comes back until the other side ends too. */
async function exchange(socket: Socket, bytes: Buffer): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let length = 0;
	socket.write(bytes);
	for await (const chunk of socket as AsyncIterable<Buffer>) {
		chunks.push(chunk);
		length += chunk.length;
		if (length >= bytes.length) socket.end();
	}
	return Buffer.concat(chunks);
}

function digest(bytes: Buffer): string {
	return createHash("sha256").update(bytes).digest("hex");
}
