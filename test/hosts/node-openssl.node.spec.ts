import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { parseDigest, sameDigest } from "../../src/net/identity.js";
import type { Endpoint, PeerTransport } from "../../src/ports/network.js";
import { freePort } from "../support/free-port.node.js";

const keyOptions: Record<string, string[]> = {
	"P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
	"P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
	RSA: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
	Ed25519: ["-algorithm", "ED25519"],
};

function openssl(...args: string[]): Buffer {
	return execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] });
}

/** The digest as everybody else computes it. */
function digestOf(key: string): Uint8Array {
	const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary"], {
		input: openssl("pkey", "-in", key, "-pubout", "-outform", "DER"),
	});
	return parseDigest(hash.toString("base64url"))!;
}

function received(transport: PeerTransport, text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const into = new Uint8Array(4096);
		let got = 0;
		const pull = () => {
			got += transport.read(into, got, into.length - got);
			if (Buffer.from(into.subarray(0, got)).includes(text)) resolve();
		};
		transport.events = {
			onReadable: pull,
			onWritable() {},
			onClosed: (error) => reject(new Error(error?.message ?? "closed")),
		};
	});
}

describe("TLS with openssl", () => {
	const folder = mkdtempSync(join(tmpdir(), "vatlet-"));
	const network = new NodeNetwork();
	const running: ChildProcess[] = [];
	let identity: NodeIdentity;
	let port = 0;

	beforeAll(async () => {
		identity = await NodeIdentity.create();
		for (const [kind, options] of Object.entries(keyOptions)) {
			const key = join(folder, kind + ".pem");
			openssl("genpkey", ...options, "-out", key);
			openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=capnp", "-out", join(folder, kind + ".crt"));
		}
	});

	afterEach(() => {
		for (const child of running.splice(0)) child.kill();
	});

	afterAll(() => rmSync(folder, { recursive: true }));

	function run(...args: string[]): ChildProcess {
		const child = spawn("openssl", args, { stdio: ["pipe", "ignore", "ignore"] });
		running.push(child);
		return child;
	}

	async function untilListening(): Promise<void> {
		for (;;) {
			const open = await new Promise<boolean>((resolve) => {
				const probe = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
				probe.on("connect", () => probe.destroy());
			});
			if (open) return;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	for (const kind of Object.keys(keyOptions)) {
		for (const version of ["-tls1_2", "-tls1_3"]) {
			it(`accepts a client with a ${kind} key, ${version.slice(1)}`, async () => {
				const key = join(folder, kind + ".pem");
				const accepted = new Promise<PeerTransport>((resolve, reject) => {
					const listener = network.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, identity, {
						listening: (endpoint: Endpoint) =>
							run(
								"s_client",
								"-connect",
								"127.0.0.1:" + (endpoint as { port: number }).port,
								"-cert",
								key.replace(".pem", ".crt"),
								"-key",
								key,
								version,
							).stdin!.write("hello\n"),
						accepted: (transport) => {
							listener.close();
							resolve(transport);
						},
						rejected: (error) => reject(new Error(error.message)),
						failed: (error) => reject(new Error(error.message)),
					});
				});
				const transport = await accepted;
				expect(sameDigest(transport.peerDigest, digestOf(key))).toBeTrue();
				await received(transport, "hello");
				transport.abort();
			});

			it(`dials a server with a ${kind} key, ${version.slice(1)}`, async () => {
				const key = join(folder, kind + ".pem");
				port = await freePort();
				const server = run(
					"s_server",
					"-accept",
					"127.0.0.1:" + port,
					"-cert",
					key.replace(".pem", ".crt"),
					"-key",
					key,
					"-Verify",
					"1",
					"-quiet",
					version,
				);
				await untilListening();
				const transport = await new Promise<PeerTransport>((resolve, reject) => {
					network.dial({ kind: "tcp", host: "127.0.0.1", port }, identity, digestOf(key), 5000, {
						dialled: resolve,
						failed: (error) => reject(new Error(error.message)),
					});
				});
				const heard = received(transport, "hello");
				server.stdin!.write("hello\n");
				await heard;
				transport.abort();
			});
		}
	}
});
