import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { digestText, NodeIdentity, secureStream, SecureStreamError } from "vatlet";
import { Cleanup } from "../support/cleanup.node.js";
import { blocks, repository, standsIn } from "../support/tutorial.node.js";

/** Two streams, each the other end of the other. */
function streamPair(): [Duplex, Duplex] {
	const waiting: (() => void)[] = [];
	const make = (index: number): Duplex =>
		new Duplex({
			read: () => waiting[index]?.(),
			write: (bytes: Buffer, _encoding, done) => {
				const other = ends[1 - index]!;
				// What nobody reads any more is gone, not stuck.
				if (other.destroyed || other.push(bytes)) done();
				else waiting[1 - index] = () => done();
			},
			final: (done) => {
				ends[1 - index]!.push(null);
				done();
			},
			destroy: (error, done) => {
				waiting[index]?.();
				ends[1 - index]!.push(null);
				done(error);
			},
		});
	const ends: [Duplex, Duplex] = [make(0), make(1)];
	return ends;
}

describe("keys and TLS by themselves", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	it("work as their page shows, which quotes this spec", async () => {
		const printed = spyOn(console, "log");
		const alice = await NodeIdentity.loadOrCreate(`${folder}/alice.pem`);
		const bob = await NodeIdentity.create();
		console.log(digestText(alice.digest));

		const id = new Uint8Array(32);
		alice.derive(new TextEncoder().encode("main"), id, 0);

		const [near, far] = streamPair();
		const [client, server] = await Promise.all([
			secureStream(near, { identity: alice, role: "client", expected: bob.digest }),
			secureStream(far, { identity: bob, role: "server", expected: null }),
		]);
		console.log(digestText(server.peerDigest));

		const heard = new Promise<string>((resolve) => {
			server.events = {
				onReadable: () => {
					const into = new Uint8Array(5);
					server.read(into, 0, 5);
					resolve(new TextDecoder().decode(into));
				},
				onWritable() {},
				onClosed() {},
			};
		});
		client.write(new TextEncoder().encode("hello"), 0, 5);
		client.flush();
		expect(await heard).toBe("hello");
		expect(id.some((byte) => byte !== 0)).toBeTrue();
		expect(printed.calls.allArgs()).toEqual([[digestText(alice.digest)], [digestText(alice.digest)]]);
		client.abort();
		server.abort();

		const page = readFileSync(join(repository, "docs/keys-and-tls.md"), "utf8");
		for (const snippet of blocks(page, "ts"))
			expect(standsIn(join(repository, "test/docs"), snippet))
				.withContext(snippet)
				.toBeTrue();
	});

	it("say why a stream could not be made secure", async () => {
		const [alice, bob, eve] = await Promise.all([NodeIdentity.create(), NodeIdentity.create(), NodeIdentity.create()]);
		const attempt = async (
			near: Duplex,
			expected: Uint8Array,
			timeoutMs = 20_000,
			role: "client" | "server" = "client",
		): Promise<SecureStreamError> =>
			secureStream(near, { identity: alice, role, expected, timeoutMs }).then(
				() => Promise.reject(new Error("it was made secure")),
				(error: SecureStreamError) => error,
			);
		const [near, far] = streamPair();
		const serving = secureStream(far, { identity: eve, role: "server", expected: null });
		const turnedAway = expectAsync(serving).toBeRejectedWith(jasmine.objectContaining({ kind: "reset" }));
		const wrong = await attempt(near, bob.digest);
		expect(wrong.kind).toBe("digest");
		expect(wrong.message).toContain(digestText(eve.digest));
		await turnedAway;

		const [talker, mute] = [streamPair(), streamPair()];
		talker[1].write("SSH-2.0-OpenSSH_9.2\r\n");
		expect((await attempt(talker[0], bob.digest)).kind).toBe("plaintext");
		expect((await attempt(mute[0], bob.digest, 100)).kind).toBe("timeout");
		for (const role of ["client", "server"] as const) {
			const [gone, end] = streamPair();
			end.end();
			expect((await attempt(gone, bob.digest, 20_000, role)).kind)
				.withContext(role)
				.toBe("reset");
		}
	});
});
