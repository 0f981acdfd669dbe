import type { AddressInfo } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import type { QemuOptions } from "../../hosts/node/run/qemu.js";
import { keyDigest, makeCredentials, type Credentials } from "../modules/tls/peer.node.js";
import { Cleanup, tellIfFailed } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { within } from "../support/waiting.js";
import { echoServer, startOnQemu, type Program } from "./xs-tls/program.node.js";

/** What the emulated network calls the machine that it runs on. */
const HOST_FROM_INSIDE = "10.0.2.2";

describe("TLS on the unikernel", () => {
	const cleanup = Cleanup.afterEach();
	let image: string;
	let node: Credentials;
	let folder: string;
	let server: tls.Server;

	beforeAll(async () => {
		const manifest = join(packageRoot(), "test/hosts/xs-tls/manifest.json");
		({ image } = await build({ manifest, platform: "unikernel/virt" }));
		node = makeCredentials();
	}, 300_000);
	beforeEach(async () => {
		folder = cleanup.folder();
		server = cleanup.server(echoServer(node));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	});

	async function start(config: Record<string, string | number>, options: Partial<QemuOptions> = {}): Promise<Program> {
		const { port } = server.address() as AddressInfo;
		const whole = { host: HOST_FROM_INSIDE, port, timeout: 20_000, ...config };
		const program = await startOnQemu(whole, { image, storePath: join(folder, "store"), ...options });
		cleanup.defer(() => program.end(), "the program's end");
		tellIfFailed("the program", program.lines);
		return program;
	}

	it("dials a Node hub within 400 KB of RAM; a thousand round trips allocate nothing; a second boot is the same vat", async () => {
		const first = await start({ digest: node.digest, rounds: 1020 });
		const { digest } = await first.next("identity");
		const dialled = await first.next("dialled");
		expect(dialled.peer).toBe(node.digest);
		const done = await first.next("done");
		expect(done.grown).toEqual([0, 0, 0, 0]);
		expect((await first.next("closed")).error).toBeNull();
		await first.exited();
		expect((await (await start({ rounds: 30 })).next("identity")).digest).toBe(digest!);
		const figures = `handshake ${Math.round(dialled.milliseconds!)} ms, C heap ${dialled.heapPeak} bytes at most`;
		console.log(`    ${figures}, echo of 64 bytes ${done.microseconds} µs`);
	});

	it("carries messages much larger than its buffers", async () => {
		const program = await start({ rounds: 25, size: 10_000 });
		await program.next("done");
		expect((await program.next("closed")).error).toBeNull();
	});

	it("takes a hub's session up again when it dials once more, in a fraction of the time", async () => {
		const program = await start({ digest: node.digest, dials: 3, rounds: 40 });
		const ms: number[] = [];
		for (const resumed of [false, true, true]) {
			const dialled = await program.next("dialled");
			expect([dialled.resumed, dialled.peer]).toEqual([resumed, node.digest]);
			ms.push(Math.round(dialled.milliseconds!));
			expect((await program.next("closed")).error).toBeNull();
		}
		console.log(`    dialled in ${ms[0]} ms, again in ${ms[1]} and ${ms[2]} ms`);
		expect(Math.min(ms[1]!, ms[2]!)).toBeLessThan(ms[0]! / 2);
	});

	it("refuses a hub with another key", async () => {
		const { error } = await (await start({ digest: "33".repeat(32) })).next("failed");
		expect(error?.kind).toBe("digest");
	});

	it("accepts hubs with RSA and P-384 keys", async () => {
		for (const algorithm of [["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]]) {
			const other = makeCredentials(algorithm);
			server.setSecureContext({ key: other.key, cert: other.cert });
			const program = await start({ digest: other.digest, rounds: 30 });
			expect((await program.next("dialled")).peer).toBe(other.digest);
			await program.next("done");
		}
	});

	it("listens for a Node vat that limits its records", async () => {
		const outside = await freePort();
		const program = await start(
			{ listen: 1, host: "0.0.0.0", port: 7000 },
			{ ports: [{ host: outside, device: 7000 }] },
		);
		const { digest } = await program.next("identity");
		await program.next("listening");
		const identity = { key: node.key, cert: node.cert, rejectUnauthorized: false };
		const socket = cleanup.socket(tls.connect({ port: outside, host: "127.0.0.1", ...identity }));
		await within(new Promise((resolve) => socket.once("secureConnect", resolve)), { what: "the handshake" });
		socket.setMaxSendFragment(4096);
		expect(keyDigest(socket.getPeerX509Certificate()!)).toBe(digest!);
		expect((await program.next("accepted")).peer).toBe(node.digest);
		let missing = 50_000;
		const echoed = new Promise<void>((resolve) =>
			socket.on("data", (data: Buffer) => {
				missing -= data.length;
				if (missing === 0) resolve();
			}),
		);
		socket.write(Buffer.alloc(missing));
		await within(echoed, { what: "the last byte", saw: () => `${missing} bytes missing` });
		socket.end();
		expect((await program.next("closed")).error).toBeNull();
	});
});
