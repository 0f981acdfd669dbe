import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { sameDigest } from "../../src/net/identity.js";
import type { PeerTransport } from "../../src/ports/network.js";
import { Cleanup, tellIfFailed } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { startOnLinux, startOnQemu, type Program } from "./xs-tls/program.node.js";

/** As in `tls-session-cache.h`. */
const CACHED_SESSIONS = 4;

/** Inside the machine; on Linux the port that is dialled. */
const DEVICE_PORT = 7000;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

for (const platform of ["linux", "qemu"] as const) {
	describe(`A device on ${platform} that is dialled`, () => {
		const cleanup = Cleanup.afterEach();
		let built: Built;
		let store: string;
		let port: number;
		let node: NodeIdentity;
		let network: NodeNetwork;
		let device: Uint8Array;

		beforeAll(async () => {
			const manifest = join(packageRoot(), "test/hosts/xs-tls/manifest.json");
			built = await build({ manifest, platform });
		}, 300_000);
		beforeEach(async () => {
			store = cleanup.folder();
			port = await freePort();
			node = await NodeIdentity.create();
			network = new NodeNetwork();
		});

		/** Ends with the spec. */
		function own(program: Program): Program {
			cleanup.defer(() => program.end(), "the program's end");
			tellIfFailed("the program", program.lines);
			return program;
		}

		async function start(): Promise<Program> {
			const storePath = join(store, "store");
			const program =
				platform === "linux"
					? startOnLinux(built.executable, storePath, { listen: 1, port })
					: await startOnQemu(
							{ listen: 1, host: "0.0.0.0", port: DEVICE_PORT },
							{ image: built.image, storePath, ports: [{ host: port, device: DEVICE_PORT }] },
						);
			own(program);
			device = Buffer.from((await program.next("identity")).digest!, "hex");
			await program.next("listening");
			return program;
		}

		/** Dials, and leaves in order; true where the session of an earlier dial was taken up. Both ends must agree who was there. */
		async function visit(program: Program, identity = node): Promise<boolean> {
			const transport = await new Promise<PeerTransport>((dialled, reject) => {
				network.dial({ kind: "tcp", host: "127.0.0.1", port }, identity, device, 20_000, {
					dialled,
					failed: (error) => reject(new Error(error.message)),
				});
			});
			cleanup.defer(() => transport.abort());
			const accepted = await program.next("accepted");
			expect(sameDigest(transport.peerDigest, device)).toBeTrue();
			expect(accepted.peer).toBe(hex(identity.digest));
			expect(accepted.resumed).toBe(transport.resumed);
			const closed = program.next("closed");
			transport.close();
			expect((await closed).error).toBeNull();
			return transport.resumed!;
		}

		it("takes a Node vat's session up again, and knows it by the key that it was verified under", async () => {
			const program = await start();
			// The best of several each, since others may have the processor.
			const ms: [anew: number[], again: number[]] = [[], []];
			for (let i = 0; i < 3; i++) {
				const vat = await NodeIdentity.create();
				for (const resumed of [false, true, true]) {
					const startMs = performance.now();
					expect(await visit(program, vat)).toBe(resumed);
					ms[Number(resumed)]!.push(performance.now() - startMs);
				}
			}
			const [anew, again] = ms.map((each) => Math.min(...each)) as [number, number];
			console.log(`    dialled in ${Math.round(anew)} ms, again in ${Math.round(again)} ms`);
			expect(again).toBeLessThan(anew);
		});

		it("verifies another vat anew, and keeps the sessions of those that came last", async () => {
			const program = await start();
			const others: NodeIdentity[] = [];
			expect(await visit(program)).toBeFalse();
			for (let i = 0; i < CACHED_SESSIONS; i++) {
				others.push(await NodeIdentity.create());
				expect(await visit(program, others[i])).toBeFalse();
			}
			for (const other of others) expect(await visit(program, other)).toBeTrue();
			expect(await visit(program)).toBeFalse();
			expect(await visit(program)).toBeTrue();
		});

		it("is not kept for itself by those who connect and say nothing", async () => {
			const program = await start();
			for (let i = 0; i < 2; i++) {
				const idle = connect(port, "127.0.0.1").on("error", () => {});
				cleanup.defer(() => idle.destroy());
				await once(idle, "connect");
			}
			await expectAsync(visit(program)).toBeRejected();
			expect((await program.next("rejected")).error?.message).toContain("2 clients are shaking hands already");
			// Who takes that long has to give way.
			await new Promise((resolve) => setTimeout(resolve, 2100));
			expect(await visit(program)).toBeFalse();
		}, 60_000);

		it("verifies everybody anew after a restart", async () => {
			const first = await start();
			expect(await visit(first)).toBeFalse();
			expect(await visit(first)).toBeTrue();
			const before = device;
			await first.end();
			const second = await start();
			expect(device).toEqual(before);
			expect(await visit(second)).toBeFalse();
			expect(await visit(second)).toBeTrue();
		});

		if (platform === "linux")
			it("takes another device's session up again", async () => {
				const program = await start();
				const options = { port, digest: hex(device), dials: 3, rounds: 40 };
				const dialler = own(startOnLinux(built.executable, join(store, "dialler"), options));
				const { digest } = await dialler.next("identity");
				for (const resumed of [false, true, true]) {
					expect((await dialler.next("dialled")).resumed).toBe(resumed);
					const accepted = await program.next("accepted");
					expect([accepted.peer, accepted.resumed]).toEqual([digest, resumed]);
					expect((await dialler.next("closed")).error).toBeNull();
				}
			});
	});
}
