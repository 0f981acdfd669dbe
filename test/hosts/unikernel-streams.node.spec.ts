import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";

import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { probeImage, runProbe } from "./unikernel/probe-image.js";

const pageBytes = 4_000_000;
const page = Buffer.alloc(pageBytes).map((_, i) => (i * 31) >> 3);

/** Reads to the end; a slow one stops for a while after its first bytes, long enough that nothing on the way has room any more. */
async function read(socket: Socket, pauseMs: number): Promise<string> {
	const hash = createHash("sha256");
	let paused = false;
	for await (const chunk of socket as AsyncIterable<Buffer>) {
		hash.update(chunk);
		if (pauseMs > 0 && !paused) await new Promise((resolve) => setTimeout(resolve, pauseMs));
		paused = true;
	}
	return hash.digest("hex");
}

describe("Streams of the unikernel", () => {
	const cleanup = Cleanup.afterEach();
	let image: string;

	beforeAll(async () => {
		image = await probeImage();
	}, 240_000);

	it("keep each promise of room: readers fast, slow and gone, more of them than streams, all get their page or are let go", async () => {
		const port = await freePort();
		const digests: string[] = [];
		let conversation: Promise<void> | null = null;
		const dial = (): Socket => cleanup.socket(connect(port, "127.0.0.1"));
		const whole = async (pauseMs: number): Promise<void> => void digests.push(await read(dial(), pauseMs));
		const leave = async (): Promise<void> => {
			const socket = dial();
			await new Promise((resolve) => socket.once("data", resolve));
			socket.resetAndDestroy();
		};
		const several = async (): Promise<void> => {
			for (let i = 0; i < 2; i++) await Promise.all([whole(700), whole(700), whole(0), leave()]);
		};
		const { status, lines } = await runProbe(
			{ image, config: { run: "pages", serve: "8", bytes: `${pageBytes}` }, ports: [{ host: port, device: 7000 }] },
			(line) => {
				if (line.startsWith("listening")) conversation = several();
			},
		);
		await conversation;
		expect(status).toBe(0);
		expect(lines.filter((line) => line.startsWith("promised"))).toEqual([]);
		const [, turns, idle] = /in (\d+) turns, (\d+) of them/.exec(lines.join("\n")) ?? [];
		// It is woken for what it can do, and sleeps while the slow ones stand still.
		expect(Number(turns)).toBeGreaterThan(0);
		expect(Number(idle)).toBeLessThan(20);
		expect(digests).toEqual(Array<string>(6).fill(createHash("sha256").update(page).digest("hex")));
	});
});
