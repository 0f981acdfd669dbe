import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { join } from "node:path";
import { createKeyFile, KeyError, NodeIdentity } from "../../hosts/node/identity.js";
import { FileStore } from "../../hosts/node/files.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { digestText, sameDigest } from "../../src/net/identity.js";
import type { Endpoint, Listener, PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { Cleanup } from "../support/cleanup.node.js";
import { runToEnd } from "../support/command.node.js";
import { until, within } from "../support/waiting.js";

const network = new NodeNetwork({ handshakeTimeoutMs: 400 });

/** A listener whose accepted streams and rejections can be awaited one after the other. */
class Desk {
	readonly accepted: PeerTransport[] = [];
	readonly rejected: TransportError[] = [];
	listener: Listener | null = null;

	open(endpoint: Endpoint, identity: NodeIdentity | null): Promise<Endpoint> {
		return new Promise((resolve, reject) => {
			this.listener = network.listen(endpoint, identity, {
				listening: resolve,
				accepted: (transport) => void this.accepted.push(transport),
				rejected: (error) => void this.rejected.push(error),
				failed: (error) => reject(new Error(error.message)),
			});
		});
	}

	close(): void {
		this.listener?.close();
		for (const transport of this.accepted) transport.abort();
	}
}

function dial(
	endpoint: Endpoint,
	identity: NodeIdentity | null,
	expected: Uint8Array | null,
	timeoutMs = 20_000,
): Promise<PeerTransport> {
	return new Promise((resolve, reject) => {
		network.dial(endpoint, identity, expected, timeoutMs, { dialled: resolve, failed: reject });
	});
}

async function failure(dialling: Promise<PeerTransport>): Promise<TransportError> {
	return dialling.then(
		() => Promise.reject(new Error("the dial succeeded")),
		(error: TransportError) => error,
	);
}

function read(transport: PeerTransport, length: number): Promise<Uint8Array> {
	let got = 0;
	const whole = new Promise<Uint8Array>((resolve, reject) => {
		const bytes = new Uint8Array(length);
		const pull = () => {
			got += transport.read(bytes, got, length - got);
			if (got === length) resolve(bytes);
		};
		transport.events = {
			onReadable: pull,
			onWritable() {},
			onClosed: () => reject(new Error(`closed after ${got} bytes`)),
		};
		pull();
	});
	return within(whole, { what: `${length} bytes`, saw: () => `${got} bytes` });
}

/** Writes whenever there is room, as much as there is. */
function flood(transport: PeerTransport): { bytes: number } {
	const chunk = new Uint8Array(65536);
	const flooded = { bytes: 0 };
	const push = () => {
		for (let count = 1; count > 0; flooded.bytes += count) {
			count = transport.write(chunk, 0, chunk.length);
			transport.flush();
		}
	};
	transport.events = { onReadable() {}, onWritable: push, onClosed() {} };
	push();
	return flooded;
}

function closing(transport: PeerTransport): Promise<TransportError | null> {
	const closed = new Promise<TransportError | null>((resolve) => {
		transport.events = { onReadable() {}, onWritable() {}, onClosed: resolve };
	});
	return within(closed, { what: "the stream's end" });
}

const anyPort: Endpoint = { kind: "tcp", host: "127.0.0.1", port: 0 };

describe("the Node network", () => {
	const cleanup = Cleanup.afterEach();
	let desk: Desk;
	let hub: NodeIdentity;
	let device: NodeIdentity;

	beforeAll(async () => {
		hub = await NodeIdentity.create();
		device = await NodeIdentity.create();
	});

	beforeEach(() => {
		desk = cleanup.closing(new Desk());
	});

	/** Where a server is that does this with whom it accepts. */
	async function serving(accept: (socket: Socket) => void): Promise<Endpoint> {
		const server = cleanup.server(createServer(accept));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return { kind: "tcp", host: "127.0.0.1", port: (server.address() as AddressInfo).port };
	}

	it("authenticates both ends by their keys and carries bytes both ways", async () => {
		const endpoint = await desk.open(anyPort, hub);
		const near = await dial(endpoint, device, hub.digest);
		await until(() => desk.accepted.length === 1);
		const far = desk.accepted[0]!;
		expect(sameDigest(near.peerDigest, hub.digest)).toBeTrue();
		expect(sameDigest(far.peerDigest, device.digest)).toBeTrue();
		near.write(new Uint8Array([1, 2, 3]), 0, 3);
		near.flush();
		expect(await read(far, 3)).toEqual(new Uint8Array([1, 2, 3]));
		far.write(new Uint8Array([9, 4, 5]), 1, 2);
		far.close();
		expect(await read(near, 2)).toEqual(new Uint8Array([4, 5]));
		near.abort();
	});

	it("has the end of a stream that it closed behind whatever the other side still sends", async () => {
		const near = await dial(await desk.open(anyPort, hub), device, hub.digest);
		await until(() => desk.accepted.length === 1);
		const far = desk.accepted[0]!;
		// More than is waiting to be read, and nobody reads it.
		const flooded = flood(near);
		await until(() => flooded.bytes > 1 << 20);
		const ended = closing(far);
		far.close();
		expect(await ended).toBeNull();
	});

	it("holds a sender up when nobody reads, and lets it go on", async () => {
		const near = await dial(await desk.open(anyPort, hub), device, hub.digest);
		await until(() => desk.accepted.length === 1);
		const flooded = flood(near);
		// What the kernel takes on both ways is large, and takes its time.
		for (let before = -1; before !== flooded.bytes;) {
			before = flooded.bytes;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		const stalledAt = flooded.bytes;
		expect(near.writable()).toBeLessThan(256 * 1024);
		await read(desk.accepted[0]!, stalledAt);
		await until(() => flooded.bytes > stalledAt);
		near.abort();
	});

	it("says which key it saw when the peer is another vat", async () => {
		const endpoint = await desk.open(anyPort, hub);
		const error = await failure(dial(endpoint, device, device.digest));
		expect(error.kind).toBe("digest");
		expect(error.message).toContain(digestText(hub.digest));
		expect(error.message).toContain(digestText(device.digest));
	});

	it("says that nobody listens", async () => {
		const endpoint = await desk.open(anyPort, hub);
		desk.close();
		const error = await failure(dial(endpoint, device, hub.digest));
		expect(error.kind).toBe("refused");
		expect(error.message).toContain("nobody listens at 127.0.0.1:");
	});

	it("recognises a server that answers in plaintext", async () => {
		const endpoint = await serving((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
		expect((await failure(dial(endpoint, device, hub.digest))).kind).toBe("plaintext");
	});

	it("gives up on a server that never answers the handshake, and says why that may be", async () => {
		const error = await failure(dial(await serving(() => {}), device, hub.digest, 150));
		expect(error.kind).toBe("timeout");
		expect(error.message).toContain("plaintext");
	});

	it("turns away a client without a certificate, and that one only", async () => {
		const endpoint = await desk.open(anyPort, hub);
		const { port } = endpoint as { port: number };
		cleanup.socket(connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }));
		await until(() => desk.rejected.length === 1);
		expect(desk.rejected[0]!.kind).toBe("certificate");
		const near = await dial(endpoint, device, hub.digest);
		expect(near.peerDigest).not.toBeNull();
		near.abort();
	});

	it("turns away a plaintext client and one that says nothing", async () => {
		const endpoint = await desk.open(anyPort, hub);
		const { port } = endpoint as { port: number };
		const talker = cleanup.socket(connect(port, "127.0.0.1", () => talker.write(new Uint8Array(64))));
		await until(() => desk.rejected.length === 1);
		expect(desk.rejected[0]!.kind).toBe("plaintext");
		cleanup.socket(connect(port, "127.0.0.1"));
		await until(() => desk.rejected.length === 2);
		expect(desk.rejected[1]!.kind).toBe("timeout");
	});

	it("ends in order and reports a peer that vanishes", async () => {
		const endpoint = await desk.open(anyPort, hub);
		const first = await dial(endpoint, device, hub.digest);
		await until(() => desk.accepted.length === 1);
		const closed = closing(desk.accepted[0]!);
		first.close();
		expect(await closed).toBeNull();
	});

	it("cancels a dial", async () => {
		const endpoint = await serving(() => {});
		const error = await new Promise<TransportError>((resolve) => {
			network.dial(endpoint, device, hub.digest, 5000, { dialled() {}, failed: resolve }).cancel();
		});
		expect(error.kind).toBe("cancelled");
	});

	it("listens on a Unix socket, in place of one left by a program that was killed", async () => {
		const path = join(cleanup.folder(), "socket");
		const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
		expect(spawnSync(process.execPath, ["-e", killed], { timeout: 30_000 }).signal).toBe("SIGKILL");
		expect(lstatSync(path).isSocket()).toBeTrue();
		const endpoint = await desk.open({ kind: "unix", path }, null);
		const again = cleanup.closing(new Desk());
		await expectAsync(again.open(endpoint, null)).toBeRejectedWithError(/another program does/);
		const near = await dial(endpoint, null, null);
		expect(near.peerDigest).toBeNull();
		near.abort();
	});

	it("leaves alone what has the name of a Unix socket and is none, and says so", async () => {
		const folder = cleanup.folder();
		const path = join(folder, "notes.txt");
		writeFileSync(path, "mine");
		symlinkSync(path, join(folder, "link"));
		for (const taken of [path, join(folder, "link"), folder])
			await expectAsync(desk.open({ kind: "unix", path: taken }, null)).toBeRejectedWithError(
				`cannot listen at ${taken}: there is a file of that name, which is no socket`,
			);
		expect(readFileSync(path, "utf8")).toBe("mine");
		const long = join(folder, "x".repeat(108));
		await expectAsync(desk.open({ kind: "unix", path: long }, null)).toBeRejectedWithError(
			/at most 107 bytes, not \d+/,
		);
		expect((await failure(dial({ kind: "unix", path: long }, null, null))).message).toContain("at most 107 bytes");
		await expectAsync(desk.open({ kind: "unix", path: join(folder, "none/socket") }, null)).toBeRejectedWithError(
			/its folder does not exist/,
		);
	});
});

describe("a secret key", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	it("is made once, for its owner only, and stays the same", async () => {
		const path = join(folder, "hub.pem");
		const first = await NodeIdentity.loadOrCreate(path);
		expect(statSync(path).mode & 0o777).toBe(0o600);
		const second = await NodeIdentity.loadOrCreate(path);
		expect(sameDigest(first.digest, second.digest)).toBeTrue();
		expect(() => createKeyFile(path)).toThrowError(KeyError, /exists already/);
		const ids = [new Uint8Array(32), new Uint8Array(32)];
		first.derive(new Uint8Array([1]), ids[0]!, 0);
		second.derive(new Uint8Array([1]), ids[1]!, 0);
		expect(ids[0]).toEqual(ids[1]!);
		expect(readFileSync(path, "utf8")).toContain("PRIVATE KEY");
	});

	it("may be of any usual kind, and authenticates", async () => {
		const pems = [
			generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }),
			generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" }),
			generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }),
			generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
		] as string[];
		for (const pem of pems) {
			const identity = await NodeIdentity.fromPem(pem, "a key");
			const desk = cleanup.closing(new Desk());
			const endpoint = await desk.open(anyPort, identity);
			const near = await dial(endpoint, identity, identity.digest);
			expect(sameDigest(near.peerDigest, identity.digest)).toBeTrue();
			near.abort();
			desk.close();
		}
	});

	it("that is none is refused with the reason and without its content", async () => {
		const path = join(folder, "bad.pem");
		writeFileSync(path, "hunter2");
		await expectAsync(NodeIdentity.load(path)).toBeRejectedWithError(KeyError, /no PEM file/);
		writeFileSync(path, "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
		await expectAsync(NodeIdentity.load(path)).toBeRejectedWithError(KeyError, /no usable secret key/);
		const { publicKey } = generateKeyPairSync("ed25519");
		writeFileSync(path, publicKey.export({ type: "spki", format: "pem" }));
		await expectAsync(NodeIdentity.load(path)).toBeRejectedWithError(KeyError, /public key/);
		await expectAsync(NodeIdentity.load(join(folder, "absent.pem"))).toBeRejectedWithError(KeyError, /no such file/);
	});
});

describe("the file store", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	it("keeps, replaces, lists and removes records", () => {
		const store = new FileStore(join(folder, "store"));
		const into = new Uint8Array(4);
		expect(store.get("refs", "a", into)).toBe(-1);
		store.put("refs", "a", new Uint8Array([1, 2, 3]), 2);
		store.put("refs", "a", new Uint8Array([7, 8, 9]), 3);
		expect(new FileStore(join(folder, "store")).get("refs", "a", into)).toBe(3);
		expect(into).toEqual(new Uint8Array([7, 8, 9, 0]));
		expect(statSync(join(folder, "store/refs/a")).mode & 0o777).toBe(0o600);
		expect(store.keyAt("refs", 0)).toBe("a");
		expect(store.keyAt("refs", 1)).toBeNull();
		expect(store.remove("refs", "a")).toBeTrue();
		expect(store.remove("refs", "a")).toBeFalse();
	});

	it("says that the disk is full, keeps the old record and leaves nothing beside it", () => {
		const root = join(folder, "full");
		const files = new URL("../../hosts/node/files.js", import.meta.url).href;
		const script = `
			import { FileStore } from ${JSON.stringify(files)};
			const store = new FileStore(${JSON.stringify(root)});
			store.put("refs", "a", new Uint8Array([7, 8]), 2);
			try { store.put("refs", "a", new Uint8Array(20000), 20000); } catch (error) { console.log(error.message); }`;
		const limited = runToEnd("bash", [
			"-c",
			`trap '' XFSZ; ulimit -f 4; exec "$0" --input-type=module -e "$1"`,
			process.execPath,
			script,
		]);
		expect(limited.stderr).toBe("");
		expect(limited.stdout).toBe("the record refs/a cannot be written: the disk is full\n");
		const into = new Uint8Array(2);
		expect(new FileStore(root).get("refs", "a", into)).toBe(2);
		expect(into).toEqual(new Uint8Array([7, 8]));
		expect(readdirSync(join(root, "refs"))).toEqual(["a"]);
	});

	it("refuses names that could leave its folder", () => {
		const store = new FileStore(join(folder, "store"));
		expect(() => store.put("refs", "../x", new Uint8Array(1), 1)).toThrowError(RangeError);
		expect(() => store.get("", "x", new Uint8Array(1))).toThrowError(RangeError);
	});
});
