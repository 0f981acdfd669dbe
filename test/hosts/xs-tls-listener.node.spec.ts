import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { sameDigest } from "../../src/net/identity.js";
import type { PeerTransport } from "../../src/ports/network.js";
import { freePort } from "../support/free-port.node.js";
import { startOnLinux, startOnQemu, type Program } from "./xs-tls/program.node.js";

/** As in `tls-session-cache.h`. */
const CACHED_SESSIONS = 4;

/** Inside the machine; on Linux the port that is dialled. */
const DEVICE_PORT = 7000;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

for (const platform of ["linux", "qemu"] as const) {
	describe(`A device on ${platform} that is dialled`, () => {
		let built: Built;
		let store: string;
		let port: number;
		let programs: Program[];
		let node: NodeIdentity;
		let network: NodeNetwork;
		let device: Uint8Array;

		beforeAll(async () => {
			const manifest = join(packageRoot(), "test/hosts/xs-tls/manifest.json");
			built = await build({ manifest, platform });
		}, 300_000);
		beforeEach(async () => {
			store = mkdtempSync(join(tmpdir(), "vatlet-"));
			port = await freePort();
			programs = [];
			node = await NodeIdentity.create();
			network = new NodeNetwork();
		});
		afterEach(async () => {
			await Promise.all(programs.map((program) => program.end()));
			rmSync(store, { recursive: true });
		});

		async function start(): Promise<Program> {
			const storePath = join(store, "store");
			const program =
				platform === "linux"
					? startOnLinux(built.executable, storePath, { listen: 1, port })
					: await startOnQemu(
							{ listen: 1, host: "0.0.0.0", port: DEVICE_PORT },
							{ image: built.image, storePath, ports: [{ host: port, device: DEVICE_PORT }] },
						);
			programs.push(program);
			device = Buffer.from((await program.next("identity")).digest!, "hex");
			await program.next("listening");
			return program;
		}

		/** Dials, and leaves in order; true where the session of an earlier dial was taken up. Both ends must agree who was there. */
		async function visit(program: Program, identity = node): Promise<boolean> {
			const transport = await new Promise<PeerTransport>((dialled, reject) => {
				network.dial({ kind: "tcp", host: "127.0.0.1", port }, identity, device, 10_000, {
					dialled,
					failed: (error) => reject(new Error(error.message)),
				});
			});
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
			const ms: number[] = [];
			for (const resumed of [false, true, true]) {
				const startMs = performance.now();
				expect(await visit(program)).toBe(resumed);
				ms.push(Math.round(performance.now() - startMs));
			}
			console.log(`    dialled in ${ms[0]} ms, again in ${ms[1]} and ${ms[2]} ms`);
			expect(Math.min(ms[1]!, ms[2]!)).toBeLessThan(ms[0]!);
		}, 60_000);

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
		}, 60_000);

		if (platform === "linux")
			it("takes another device's session up again", async () => {
				const program = await start();
				const dialler = startOnLinux(built.executable, join(store, "dialler"), {
					port,
					digest: hex(device),
					dials: 3,
					rounds: 40,
				});
				programs.push(dialler);
				const { digest } = await dialler.next("identity");
				for (const resumed of [false, true, true]) {
					expect((await dialler.next("dialled")).resumed).toBe(resumed);
					const accepted = await program.next("accepted");
					expect([accepted.peer, accepted.resumed]).toEqual([digest, resumed]);
					expect((await dialler.next("closed")).error).toBeNull();
				}
			}, 60_000);
	});
}
