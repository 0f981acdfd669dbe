import { createHash, createHmac, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";
import { buildPeer, keyDigest, makeCredentials, Peer } from "./tls/peer.node.js";
import type { Credentials } from "./tls/peer.node.js";

const TLS_CLOSED = -2;
const TLS_PLAINTEXT = -3;
const TLS_WRONG_DIGEST = -4;
const TLS_NO_CERTIFICATE = -5;
const TLS_PROTOCOL = -6;
const TLS_TRUNCATED = -7;
const TLS_CORRUPT = -10;

const base64url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");

describe("TLS engine", () => {
	let program: string;
	const cleanup = Cleanup.afterEach();
	let node: Credentials;

	beforeAll(() => {
		program = buildPeer();
		node = makeCredentials();
	});

	function start(role: "client" | "server", options: Record<string, string | number> = {}): Peer {
		const peer = new Peer(program, role, options);
		cleanup.running(peer);
		return peer;
	}

	/** Node's end of the session, in the role that the engine has not. */
	function meet(
		peer: Peer,
		engineRole: "client" | "server",
		options: tls.TLSSocketOptions & tls.ConnectionOptions = {},
		wire: Duplex = peer.wire,
	): tls.TLSSocket {
		const common = { key: node.key, cert: node.cert, rejectUnauthorized: false, ...options };
		const socket =
			engineRole === "client"
				? new tls.TLSSocket(wire as never, { isServer: true, requestCert: true, ...common })
				: tls.connect({ socket: wire as never, ...common });
		return cleanup.socket(socket);
	}

	/** Echoes messages of random sizes; all sent before all are back. */
	async function converse(socket: tls.TLSSocket, messages: number, sizeMax: number): Promise<void> {
		const sent = createHash("sha256");
		const got = createHash("sha256");
		let missing = 0;
		const sizes = Array.from({ length: messages }, (_, i) => 1 + ((i * 7919) % sizeMax));
		for (const size of sizes) missing += size;
		const back = new Promise<void>((resolve, reject) => {
			socket.on("data", (data: Buffer) => {
				got.update(data);
				missing -= data.length;
				if (missing === 0) resolve();
			});
			socket.on("close", () => reject(new Error(`closed with ${missing} bytes missing`)));
		});
		for (const [i, size] of sizes.entries()) {
			const message = Buffer.alloc(size, i);
			sent.update(message);
			if (!socket.write(message)) await new Promise((resolve) => socket.once("drain", resolve));
		}
		await within(back, { what: "the last byte", saw: () => `${missing} bytes missing` });
		expect(got.digest("hex")).toBe(sent.digest("hex"));
	}

	for (const role of ["client", "server"] as const) {
		it(`as ${role} opens a session with Node and both ends see the other's key`, async () => {
			const peer = start(role, { pin: node.digest });
			const socket = meet(peer, role);
			const identity = await peer.next("identity");
			const opened = await peer.next("open");
			expect(opened.peer).toBe(node.digest);
			expect(opened.suite).toContain("ECDSA");
			await converse(socket, 1, 100);
			expect(keyDigest(socket.getPeerX509Certificate()!)).toBe(identity.digest!);
			expect(socket.getProtocol()).toBe("TLSv1.2");
		});

		it(`as ${role} carries a thousand messages of random sizes both ways, and allocates nothing meanwhile`, async () => {
			const peer = start(role, { pin: node.digest });
			const socket = meet(peer, role);
			await converse(socket, 1000, 5000);
			socket.end();
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_CLOSED);
			expect(end.allocations).toBe(0);
		});

		it(`as ${role} works in the smallest buffers`, async () => {
			const peer = start(role, { input: 64, output: 512 });
			const socket = meet(peer, role);
			await converse(socket, 50, 3000);
		});

		it(`as ${role} refuses another key and says which it saw`, async () => {
			const wrong = "11".repeat(32);
			const peer = start(role, { pin: wrong });
			meet(peer, role);
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_WRONG_DIGEST);
			expect(end.message).toContain(`is sha-256:${base64url(node.digest)}`);
			expect(end.message).toContain(`expected was sha-256:${base64url(wrong)}`);
		});

		it(`as ${role} tells a plaintext peer by its first byte`, async () => {
			const peer = start(role);
			peer.wire.write(Buffer.alloc(1));
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_PLAINTEXT);
			expect(end.message).toContain("plaintext");
		});

		it(`as ${role} answers close_notify with its own`, async () => {
			const peer = start(role);
			const socket = meet(peer, role);
			await converse(socket, 1, 10);
			const ended = new Promise((resolve) => socket.once("end", resolve));
			socket.end();
			await within(ended, { what: "the engine's end of the stream" });
			expect((await peer.next("end")).code).toBe(TLS_CLOSED);
		});

		it(`as ${role} tells a stream cut off without close_notify from an orderly end`, async () => {
			const peer = start(role);
			const socket = meet(peer, role);
			await converse(socket, 1, 10);
			peer.process.stdin!.end();
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_TRUNCATED);
			expect(end.message).toContain("without close_notify");
		});

		it(`as ${role} refuses a damaged record`, async () => {
			const peer = start(role);
			let damage = false;
			const wire = new Duplex({
				read() {},
				write(chunk: Buffer, _encoding, done) {
					if (damage) chunk[chunk.length - 1]! ^= 1;
					peer.wire.write(chunk, () => done());
				},
			});
			peer.wire.on("data", (data) => wire.push(data));
			const socket = meet(peer, role, {}, wire);
			await converse(socket, 1, 10);
			damage = true;
			socket.write("x");
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_PROTOCOL);
			expect(end.message).toContain("damaged");
		});

		it(`as ${role} names the alert of a peer that has no cipher in common`, async () => {
			const peer = start(role);
			meet(peer, role, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384", maxVersion: "TLSv1.2" });
			const end = await peer.next("end");
			expect(end.code).toBe(TLS_PROTOCOL);
			expect(end.message).toMatch(role === "client" ? /handshake_failure \(40\).*no TLS 1.2/ : /no cipher in common/);
		});
	}

	it("as client accepts a server with an RSA or P-384 key", async () => {
		for (const algorithm of [["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]]) {
			const other = makeCredentials(algorithm);
			const peer = start("client", { pin: other.digest });
			const socket = meet(peer, "client", { key: other.key, cert: other.cert });
			expect((await peer.next("open")).peer).toBe(other.digest);
			await converse(socket, 3, 2000);
		}
	});

	it("says that an Ed25519 key may be why there is no session", async () => {
		const other = makeCredentials(["ed25519"]);
		const client = start("client");
		meet(client, "client", { key: other.key, cert: other.cert });
		expect((await client.next("end")).message).toContain("its key is Ed25519");
		const server = start("server");
		meet(server, "server", { key: other.key, cert: other.cert });
		const end = await server.next("end");
		expect(end.code).toBe(TLS_NO_CERTIFICATE);
		expect(end.message).toContain("Ed25519");
	});

	it("as server turns away a client without a certificate", async () => {
		const peer = start("server");
		cleanup.socket(tls.connect({ socket: peer.wire as never, rejectUnauthorized: false, maxVersion: "TLSv1.2" }));
		const end = await peer.next("end");
		expect(end.code).toBe(TLS_NO_CERTIFICATE);
		expect(end.message).toContain("no certificate");
	});

	it("refuses to renegotiate and keeps the session", async () => {
		const peer = start("server");
		const socket = meet(peer, "server", { maxVersion: "TLSv1.2" });
		await converse(socket, 1, 10);
		const answer = new Promise<Error | null>((resolve) => {
			socket.once("error", resolve);
			socket.renegotiate({ rejectUnauthorized: false }, resolve);
		});
		const refused = await within(answer, { what: "a refusal" });
		expect(refused?.message).toMatch(/renegotiation/i);
	});

	it("says why when the peer closes instead of shaking hands", async () => {
		const peer = start("client");
		peer.process.stdin!.end();
		const end = await peer.next("end");
		expect(end.code).toBe(TLS_PROTOCOL);
		expect(end.message).toContain("--capnp-disable-tls");
	});

	it("refuses a record larger than its buffer with the remedy", async () => {
		const peer = start("client");
		peer.wire.write(Buffer.from([22, 3, 3, 0xff, 0xff]));
		const end = await peer.next("end");
		expect(end.code).toBe(TLS_PROTOCOL);
		expect(end.message).toContain("65535 bytes");
		expect(end.message).toContain("setMaxSendFragment");
	});

	describe("identity", () => {
		let path: string;
		beforeEach(() => {
			path = join(cleanup.folder(), "identity");
		});

		async function digestOf(peer: Peer): Promise<string> {
			return (await peer.next("identity")).digest!;
		}

		it("is new for each new key and the same after a restart", async () => {
			const first = await digestOf(start("client", { identity: path }));
			expect(await digestOf(start("client", { identity: path }))).toBe(first);
			expect(await digestOf(start("client"))).not.toBe(first);
		});

		it("has a certificate that Node parses: CN=capnp, 1970 to 9999, signed by itself", async () => {
			await digestOf(start("client", { identity: path }));
			const record = readFileSync(path);
			const certificate = new X509Certificate(record.subarray(38, record.length - 32));
			expect(certificate.subject).toBe("CN=capnp");
			expect(certificate.issuer).toBe("CN=capnp");
			expect(new Date(certificate.validFrom).getUTCFullYear()).toBe(1970);
			expect(new Date(certificate.validTo).getUTCFullYear()).toBe(9999);
			expect(certificate.verify(certificate.publicKey)).toBeTrue();
			expect(certificate.raw.length).toBeLessThanOrEqual(275);
		});

		it("derives ids as HMAC-SHA256 under the SHA-256 of its SEC1 key", async () => {
			const peer = start("client", { identity: path, derive: "main" });
			const { id } = await peer.next("derived");
			const record = readFileSync(path);
			const certificate = new X509Certificate(record.subarray(38, record.length - 32));
			const jwk = certificate.publicKey.export({ format: "jwk" }) as { x: string; y: string };
			const middle = Buffer.from("a00a06082a8648ce3d030107a14403420004", "hex");
			const sec1 = Buffer.concat([
				Buffer.from("30770201010420", "hex"),
				record.subarray(6, 38),
				middle,
				Buffer.from(jwk.x, "base64url"),
				Buffer.from(jwk.y, "base64url"),
			]);
			expect(id).toBe(createHmac("sha256", createHash("sha256").update(sec1).digest()).update("main").digest("hex"));
		});

		it("refuses a stored record with any one bit flipped, and a short one", async () => {
			await digestOf(start("client", { identity: path }));
			expect(existsSync(path)).toBeTrue();
			const record = readFileSync(path);
			for (const at of [0, 3, 4, 5, 6, 37, 38, 100, record.length - 33, record.length - 1]) {
				const damaged = Buffer.from(record);
				damaged[at]! ^= 1 << (at % 8);
				writeFileSync(path, damaged);
				expect((await start("client", { identity: path }).next("refused")).code)
					.withContext(`byte ${at}`)
					.toBe(TLS_CORRUPT);
			}
			writeFileSync(path, record.subarray(0, record.length - 1));
			expect((await start("client", { identity: path }).next("refused")).code).toBe(TLS_CORRUPT);
		});
	});
});
