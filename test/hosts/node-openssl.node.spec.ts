import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { parseDigest, sameDigest } from "../../src/net/identity.js";
import type { Endpoint, PeerTransport } from "../../src/ports/network.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { within } from "../support/waiting.js";

const COMMAND_MS = 60_000;

const keyOptions: Record<string, string[]> = {
	"P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
	"P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
	RSA: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
	Ed25519: ["-algorithm", "ED25519"],
};

function openssl(...args: string[]): Buffer {
	return execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"], timeout: COMMAND_MS });
}

/** The digest as everybody else computes it. */
function digestOf(key: string): Uint8Array {
	const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary"], {
		input: openssl("pkey", "-in", key, "-pubout", "-outform", "DER"),
		timeout: COMMAND_MS,
	});
	return parseDigest(hash.toString("base64url"))!;
}

function received(transport: PeerTransport, text: string): Promise<void> {
	const whole = new Promise<void>((resolve, reject) => {
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
	return within(whole, { what: `"${text}"` });
}

describe("TLS with openssl", () => {
	const cleanup = Cleanup.afterEach();
	const suite = Cleanup.afterAll();
	let folder: string;
	const network = new NodeNetwork();
	let identity: NodeIdentity;

	beforeAll(async () => {
		folder = suite.folder();
		identity = await NodeIdentity.create();
		for (const [kind, options] of Object.entries(keyOptions)) {
			const key = join(folder, kind + ".pem");
			openssl("genpkey", ...options, "-out", key);
			openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=capnp", "-out", join(folder, kind + ".crt"));
		}
	});

	function run(...args: string[]): ChildProcess {
		return cleanup.child(spawn("openssl", args, { stdio: ["pipe", "pipe", "ignore"] }));
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
						accepted: resolve,
						rejected: (error) => reject(new Error(error.message)),
						failed: (error) => reject(new Error(error.message)),
					});
					cleanup.closing(listener);
				});
				const transport = await within(accepted, { what: "openssl's client" });
				cleanup.defer(() => transport.abort());
				expect(sameDigest(transport.peerDigest, digestOf(key))).toBeTrue();
				await received(transport, "hello");
			});

			it(`dials a server with a ${kind} key, ${version.slice(1)}`, async () => {
				const key = join(folder, kind + ".pem");
				const port = await freePort();
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
					version,
				);
				// It says ACCEPT when it listens.
				await within(once(server.stdout!, "data"), { what: "openssl's server" });
				server.stdout!.resume();
				const transport = await new Promise<PeerTransport>((resolve, reject) => {
					network.dial({ kind: "tcp", host: "127.0.0.1", port }, identity, digestOf(key), 20_000, {
						dialled: resolve,
						failed: (error) => reject(new Error(error.message)),
					});
				});
				cleanup.defer(() => transport.abort());
				const heard = received(transport, "hello");
				server.stdin!.write("hello\n");
				await heard;
			});
		}
	}
});
