import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { keyDigest, makeCredentials, type Credentials } from "../modules/tls/peer.node.js";
import { Cleanup, tellIfFailed } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { within } from "../support/waiting.js";
import { echoServer, startOnLinux, type Program } from "./xs-tls/program.node.js";

describe("TLS on XS", () => {
	const cleanup = Cleanup.afterEach();
	let executable: string;
	let node: Credentials;
	let store: string;

	beforeAll(async () => {
		const manifest = join(packageRoot(), "test/hosts/xs-tls/manifest.json");
		({ executable } = await build({ manifest, platform: "linux" }));
		node = makeCredentials();
	}, 300_000);
	beforeEach(() => void (store = cleanup.folder()));

	function start(config: Record<string, string | number>, resetStore = false): Program {
		const program = startOnLinux(executable, store, config, resetStore);
		cleanup.defer(() => program.end(), "the program's end");
		tellIfFailed("the program", program.lines);
		return program;
	}

	async function listen(server: net.Server): Promise<number> {
		cleanup.server(server);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return (server.address() as AddressInfo).port;
	}

	function echo(options: tls.TlsOptions = {}, meet?: (socket: tls.TLSSocket) => void): Promise<number> {
		return listen(echoServer(node, options, meet));
	}

	it("dials a Node hub; both ends know the other's key; ten thousand round trips allocate nothing", async () => {
		let seen = "";
		const port = await echo({}, (socket) => (seen = keyDigest(socket.getPeerX509Certificate()!)));
		const program = start({ port, digest: node.digest, rounds: 10_020 });
		const { digest } = await program.next("identity");
		const dialled = await program.next("dialled");
		expect(dialled.peer).toBe(node.digest);
		const done = await program.next("done");
		expect(seen).toBe(digest!);
		expect(done.grown).toEqual([0, 0, 0, 0]);
		expect((await program.next("closed")).error).toBeNull();
		console.log(`    handshake ${dialled.milliseconds} ms, echo of 64 bytes ${done.microseconds} µs`);
	});

	it("carries messages much larger than its buffers", async () => {
		const port = await echo();
		const program = start({ port, rounds: 40, size: 100_000 });
		await program.next("done");
		expect((await program.next("closed")).error).toBeNull();
	});

	it("takes a hub's session up again when it dials once more, and begins anew where the hub has forgotten it", async () => {
		let keys = 0;
		const server = echoServer(node, {}, (socket) => {
			expect(keyDigest(socket.getPeerX509Certificate()!)).toBe(digest);
			if (++keys === 2) server.setTicketKeys(Buffer.alloc(48, 7));
		});
		let digest = "";
		const program = start({ port: await listen(server), digest: node.digest, dials: 4, rounds: 40 });
		digest = (await program.next("identity")).digest!;
		for (const resumed of [false, true, false, true]) {
			const dialled = await program.next("dialled");
			expect(dialled.resumed).toBe(resumed);
			expect(dialled.peer).toBe(node.digest);
			expect((await program.next("closed")).error).toBeNull();
		}
	});

	it("refuses another key at the place of the hub whose session it has", async () => {
		const server = echoServer(node, {}, () => server.setSecureContext(makeCredentials()));
		const program = start({ port: await listen(server), digest: node.digest, dials: 2, rounds: 40 });
		await program.next("closed");
		expect((await program.next("failed")).error?.kind).toBe("digest");
	});

	it("says that a key of a kind that it does not know may be why a hub cannot agree", async () => {
		const { key, cert, digest } = makeCredentials(["ed25519"]);
		const port = await listen(echoServer({ key, cert, digest }));
		const { error } = await start({ port, digest }).next("failed");
		expect(error?.kind).toBe("tls");
		expect(error?.message).toContain("its key is Ed25519: give it a P-256 key");
	});

	it("listens: a Node vat dials it, and one without a certificate is turned away alone", async () => {
		const program = start({ listen: 1 });
		const { digest } = await program.next("identity");
		const { port } = await program.next("listening");
		const anyone = { port: port!, host: "127.0.0.1", rejectUnauthorized: false };
		cleanup.socket(tls.connect({ ...anyone, maxVersion: "TLSv1.2" }));
		const rejected = await program.next("rejected");
		expect(rejected.error?.kind).toBe("certificate");
		const socket = cleanup.socket(tls.connect({ ...anyone, key: node.key, cert: node.cert }));
		expect((await program.next("accepted")).peer).toBe(node.digest);
		expect(keyDigest(socket.getPeerX509Certificate()!)).toBe(digest!);
		const echoed = new Promise<Buffer>((resolve) => socket.once("data", resolve));
		socket.write("hello");
		expect((await within(echoed, { what: "the echo" })).toString()).toBe("hello");
		socket.end();
		expect((await program.next("closed")).error).toBeNull();
	});

	it("refuses a hub with another key and names both", async () => {
		const port = await echo();
		const program = start({ port, digest: "22".repeat(32) });
		const { error } = await program.next("failed");
		expect(error?.kind).toBe("digest");
		expect(error?.message).toContain(Buffer.from(node.digest, "hex").toString("base64url"));
	});

	it("says that a hub speaks plaintext, whether it talks first or waits", async () => {
		const talker = await listen(net.createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400\r\n\r\n")));
		const first = await start({ port: talker }).next("failed");
		expect(first.error?.kind).toBe("plaintext");
		expect(first.error?.message).toContain(`127.0.0.1:${talker}`);
		const silent = await listen(net.createServer((socket) => socket.on("error", () => {})));
		const second = await start({ port: silent, timeout: 300 }).next("failed");
		expect(second.error?.kind).toBe("timeout");
		expect(second.error?.message).toContain("plaintext");
	});

	it("says that nobody listens", async () => {
		const port = await freePort();
		const { error } = await start({ port }).next("failed");
		expect(error?.kind).toBe("refused");
		expect(error?.message).toContain(`127.0.0.1:${port}`);
	});

	it("tells a hub that dies from one that says goodbye", async () => {
		const dies = await echo({}, (socket) => socket.once("data", () => socket.destroy()));
		const first = start({ port: dies });
		await first.next("dialled");
		expect((await first.next("closed")).error).not.toBeNull();
		const leaves = await echo({}, (socket) => socket.once("data", () => socket.end()));
		const second = start({ port: leaves });
		await second.next("dialled");
		expect((await second.next("closed")).error).toBeNull();
	});

	it("works in plaintext when asked to", async () => {
		const port = await listen(net.createServer((socket) => socket.on("error", () => {}).pipe(socket)));
		const program = start({ port, insecure: 1, rounds: 100, size: 5000 });
		expect((await program.next("dialled")).peer).toBe("");
		await program.next("done");
		expect((await program.next("closed")).error).toBeNull();
	});

	it("keeps its identity over restarts, refuses a damaged one, and makes a new one when told to", async () => {
		const identityOf = async (program: Program) => (await program.next("identity")).digest;
		const first = await identityOf(start({ listen: 1 }));
		expect(await identityOf(start({ listen: 1 }))).toBe(first);
		for (const name of readdirSync(store, { recursive: true, encoding: "utf8" })) {
			const path = join(store, name);
			if (!statSync(path).isFile()) continue;
			const bytes = readFileSync(path);
			bytes[bytes.length >> 1]! ^= 1;
			writeFileSync(path, bytes);
		}
		const refused = start({ listen: 1 });
		expect(await refused.exited()).toBeGreaterThan(0);
		const fresh = await identityOf(start({ listen: 1 }, true));
		expect(fresh).toMatch(/^[0-9a-f]{64}$/);
		expect(fresh).not.toBe(first);
	});
});
