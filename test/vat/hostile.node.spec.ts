import { connect as connectPlain } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Pools, readMessage } from "vatlet/runtime";
import { NodeClock } from "../../hosts/node/clock.js";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { tlsOptions } from "../../hosts/node/tls.js";
import { summary } from "../../src/rpc/summary.js";
import { Vat } from "../../src/vat/vat.js";
import { Adder, Outcome, serving } from "./world.js";
import { StructBuilder } from "vatlet/runtime";
import { Cleanup } from "../support/cleanup.node.js";
import { until, within } from "../support/waiting.js";

/** A hub on a real port that writes down what it is told. */
class Hub {
	readonly log: string[] = [];
	readonly adder = new Adder();
	vat!: Vat;
	port = 0;

	async open(): Promise<void> {
		const tell = (line: string) => void this.log.push(line);
		await new Promise<void>((resolve) => {
			void NodeIdentity.create().then((identity) => {
				this.vat = new Vat({
					network: new NodeNetwork({ handshakeTimeoutMs: 300 }),
					clock: new NodeClock(),
					pools: new Pools({ guarded: true, messages: { messageWords: 4096 } }),
					identity,
					restorer: serving(this.adder),
					observer: {
						listening: (endpoint) => {
							this.port = (endpoint as { port: number }).port;
							resolve();
						},
						peerUp: () => tell("up"),
						peerDown: (_peer, reason) => tell("down: " + reason.reason),
						rejected: (error) => tell("rejected: " + error.kind),
					},
				});
				this.vat.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
			});
		});
	}

	until(text: string): Promise<void> {
		return until(() => this.log.some((line) => line.includes(text)), { what: `"${text}"`, saw: () => this.log });
	}
}

describe("a hub on a real network", () => {
	const cleanup = Cleanup.afterEach();
	const hub = new Hub();
	let honest: Vat;
	let pools: Pools;

	beforeAll(async () => {
		await hub.open();
		pools = new Pools({ guarded: true });
		honest = new Vat({
			network: new NodeNetwork(),
			clock: new NodeClock(),
			pools,
			identity: await NodeIdentity.create(),
		});
		await ask();
	});

	beforeEach(() => void (hub.log.length = 0));

	afterEach(async () => {
		// Whatever happened, who behaves is served on the connection that there was.
		expect(await ask()).toBe(42);
		expect(honest.peers.length).toBe(1);
		expect(hub.log.filter((line) => line === "up").length).toBeLessThan(2);
	});

	afterAll(() => {
		for (const vat of [honest, hub.vat] as (Vat | undefined)[]) vat?.close();
	});

	async function ask(): Promise<number> {
		const hook = honest.import({
			endpoint: { kind: "tcp", host: "127.0.0.1", port: hub.port },
			digest: hub.vat.digest,
			id: new Uint8Array(0),
		});
		const outcome = new Outcome();
		const call = pools.takeCall();
		call.start(hook, 0, 1, 0);
		const params = new StructBuilder();
		call.initParams(params, 1, 0);
		params.putUint32(0, 41);
		call.send(outcome);
		hook.release();
		await until(() => outcome.number >= 0 || outcome.exception !== null, { saw: () => hub.log });
		return outcome.number;
	}

	/** An authenticated stream of bytes, whatever they are. */
	async function stranger(): Promise<TLSSocket> {
		const options = { ...tlsOptions(await NodeIdentity.create()), host: "127.0.0.1", port: hub.port };
		const socket = cleanup.socket(connectTls(options));
		await within(new Promise((resolve) => socket.once("secureConnect", resolve)), { what: "a handshake" });
		await hub.until("up");
		return socket;
	}

	it("tells a peer with an oversized frame why it hangs up", async () => {
		const socket = await stranger();
		const heard: Buffer[] = [];
		socket.on("data", (piece: Buffer) => heard.push(piece));
		const closed = new Promise((resolve) => socket.once("close", resolve));
		socket.write(new Uint8Array([0, 0, 0, 0, 255, 255, 255, 127]));
		await hub.until("down: frame of 2147483647 words, at most 4096");
		await within(closed, { what: "the hub to hang up", saw: () => hub.log });
		expect(summary(readMessage(new Uint8Array(Buffer.concat(heard))))).toBe(
			"abort failed: frame of 2147483647 words, at most 4096",
		);
	});

	it("refuses a segment table that is too long", async () => {
		const socket = await stranger();
		socket.write(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]));
		await hub.until("down: frame with 4294967296 segments");
	});

	it("notices a stream that ends in the middle of a message", async () => {
		const socket = await stranger();
		socket.end(new Uint8Array([0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3]));
		await hub.until("down: the peer ended the stream in the middle of a message");
	});

	it("hangs up on garbage after the handshake", async () => {
		const socket = await stranger();
		socket.write("GET / HTTP/1.1\r\nHost: hub\r\n\r\n");
		await hub.until("down: frame");
	});

	it("notices a peer that vanishes", async () => {
		const socket = await stranger();
		socket.destroy();
		await hub.until("down: Connection closed");
	});

	it("turns away plaintext, silence and clients without a key before they are peers", async () => {
		const plain = cleanup.socket(connectPlain(hub.port, "127.0.0.1", () => plain.write(new Uint8Array(16))));
		await hub.until("rejected: plaintext");
		cleanup.socket(connectPlain(hub.port, "127.0.0.1"));
		await hub.until("rejected: timeout");
		cleanup.socket(connectTls({ host: "127.0.0.1", port: hub.port, rejectUnauthorized: false }));
		await hub.until("rejected: certificate");
		expect(hub.vat.peers.length).toBe(1);
	});
});
