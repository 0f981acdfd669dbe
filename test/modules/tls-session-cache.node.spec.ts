import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";
import { buildPeer, makeCredentials, Peer, type Credentials, type PeerEvent } from "./tls/peer.node.js";

const TLS_WRONG_DIGEST = -4;
const TLS_PROTOCOL = -6;
const TLS_TRUNCATED = -7;

/** As in `tls-session-cache.h`. */
const CACHED_SESSIONS = 4;

interface Visit {
	socket: tls.TLSSocket;
	/** What the client may offer next time. */
	session: Buffer;
	opened: PeerEvent;
}

describe("A TLS server's session cache", () => {
	let program: string;
	let client: Credentials;
	const cleanup = Cleanup.afterEach();
	let folder: string;
	let peers: Peer[];

	beforeAll(() => {
		program = buildPeer();
		client = makeCredentials();
	});
	beforeEach(() => {
		folder = cleanup.folder();
		peers = [];
	});

	async function start(options: Record<string, string> = {}): Promise<Peer> {
		const peer = new Peer(program, "server", { listen: join(folder, `socket-${peers.length}`), ...options });
		peers.push(cleanup.running(peer));
		await peer.next("listening");
		return peer;
	}

	function dial(peer: Peer, credentials: Credentials, options: tls.ConnectionOptions = {}): tls.TLSSocket {
		const path = join(folder, `socket-${peers.indexOf(peer)}`);
		const { key, cert } = credentials;
		const socket = tls.connect({ path, key, cert, rejectUnauthorized: false, maxVersion: "TLSv1.2", ...options });
		return cleanup.socket(socket);
	}

	/** Dials and has a byte echoed; the stream is left open. */
	async function meet(peer: Peer, credentials = client, options: tls.ConnectionOptions = {}): Promise<Visit> {
		const socket = dial(peer, credentials, options);
		const echoed = new Promise<void>((resolve, reject) => {
			socket.once("data", () => resolve());
			socket.once("close", () => reject(new Error("closed")));
		});
		socket.write("x");
		await within(echoed, { what: "the echo", saw: () => peer.lines });
		const opened = await peer.next("open");
		expect(socket.isSessionReused()).toBe(opened.resumed!);
		return { socket, session: socket.getSession()!, opened };
	}

	/** Meets and leaves in order. */
	async function visit(peer: Peer, credentials = client, options: tls.ConnectionOptions = {}): Promise<Visit> {
		const visited = await meet(peer, credentials, options);
		visited.socket.end();
		await peer.next("end");
		return visited;
	}

	async function resumes(peer: Peer, session: Buffer, credentials = client): Promise<boolean> {
		const { opened } = await visit(peer, credentials, { session });
		expect(opened.peer).toBe(credentials.digest);
		return opened.resumed!;
	}

	async function later(peer: Peer): Promise<void> {
		peer.process.kill("SIGUSR1");
		await peer.next("later");
	}

	it("has the client's session, under the key that it was verified by, at a fraction of the price", async () => {
		const peer = await start();
		const first = await visit(peer);
		expect(first.opened.resumed).toBeFalse();
		// The best of several: others may have the processor.
		let best = Infinity;
		for (let again = 0; again < 5; again++) {
			const { opened } = await visit(peer, client, { session: first.session });
			expect(opened.resumed).toBeTrue();
			expect(opened.peer).toBe(client.digest);
			best = Math.min(best, opened.microseconds!);
		}
		expect(best).toBeLessThan(first.opened.microseconds! / 2);
	});

	it("takes none up for a server that wants another client", async () => {
		const peer = await start({ pin: client.digest, next: "11".repeat(32) });
		const { session } = await visit(peer);
		dial(peer, client, { session });
		const end = await peer.next("end");
		expect(end.code).toBe(TLS_WRONG_DIGEST);
	});

	it("takes none up by its id alone, and then no longer by its secret either", async () => {
		const peer = await start();
		const { session } = await visit(peer);
		const forged = Buffer.from(session);
		// OpenSSL's form in DER: version 3.3, cipher, id of 32 bytes, master secret.
		const cipher = forged.indexOf(Buffer.from([2, 2, 3, 3, 4, 2])) + 6;
		const id = cipher + 2;
		const secret = id + 2 + 32;
		expect([...forged.subarray(secret, secret + 2)]).toEqual([4, 48]);
		forged[secret + 2]! ^= 1;
		dial(peer, client, { session: forged });
		const end = await peer.next("end");
		expect(end.code).toBe(TLS_PROTOCOL);
		expect(await resumes(peer, session)).toBeFalse();
	});

	it("goes on without one where the client offers other ciphers", async () => {
		const peer = await start();
		const { session } = await visit(peer, client, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" });
		const ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305";
		const { opened } = await visit(peer, client, { session, ciphers });
		expect([opened.resumed, opened.peer]).toEqual([false, client.digest]);
	});

	it("forgets after an hour, however often a session was taken up", async () => {
		const peer = await start();
		const { session } = await visit(peer);
		await later(peer);
		expect(await resumes(peer, session)).toBeTrue();
		await later(peer);
		expect(await resumes(peer, session)).toBeFalse();
	});

	it("forgets with its process, although the key is the same", async () => {
		const identity = join(folder, "identity");
		const { session } = await visit(await start({ identity }));
		expect(await resumes(await start({ identity }), session)).toBeFalse();
	});

	it("is no other vat's", async () => {
		const { session } = await visit(await start());
		expect(await resumes(await start(), session)).toBeFalse();
	});

	it("keeps those of the clients that came last", async () => {
		const peer = await start();
		const clients: { credentials: Credentials; session: Buffer }[] = [];
		for (let i = 0; i < CACHED_SESSIONS; i++) {
			const credentials = makeCredentials();
			clients.push({ credentials, session: (await visit(peer, credentials)).session });
		}
		const [first, second, ...others] = clients;
		expect(await resumes(peer, first!.session, first!.credentials)).toBeTrue();
		await visit(peer);
		expect(await resumes(peer, first!.session, first!.credentials)).toBeTrue();
		for (const other of others) expect(await resumes(peer, other.session, other.credentials)).toBeTrue();
		expect(await resumes(peer, second!.session, second!.credentials)).toBeFalse();
	});

	it("keeps one for each client: many of one displace nobody's", async () => {
		const peer = await start();
		const other = makeCredentials();
		const { session } = await visit(peer, other);
		const old = await visit(peer);
		for (let i = 0; i < 2 * CACHED_SESSIONS; i++) await visit(peer);
		expect(await resumes(peer, old.session)).toBeFalse();
		expect(await resumes(peer, session, other)).toBeTrue();
	});

	it("keeps the session of a stream that was cut off, not one that was damaged", async () => {
		const peer = await start();
		const path = join(folder, "socket-0");
		const first = cleanup.socket(connectPlain(path));
		const cut = await meet(peer, client, { socket: first });
		first.destroy();
		expect((await peer.next("end")).code).toBe(TLS_TRUNCATED);
		expect(await resumes(peer, cut.session)).toBeTrue();
		const second = cleanup.socket(connectPlain(path));
		const damaged = await meet(peer, client, { socket: second });
		second.write(Buffer.from([23, 3, 3, 0, 32, ...Buffer.alloc(32)]));
		expect((await peer.next("end")).code).toBe(TLS_PROTOCOL);
		expect(await resumes(peer, damaged.session)).toBeFalse();
	});

	it("takes up none with a client that shows no key", async () => {
		const peer = await start();
		const { session } = await visit(peer);
		const path = join(folder, "socket-0");
		cleanup.socket(tls.connect({ path, rejectUnauthorized: false, maxVersion: "TLSv1.2" }));
		expect((await peer.next("end")).message).toContain("no certificate");
		expect(await resumes(peer, session)).toBeTrue();
	});
});
