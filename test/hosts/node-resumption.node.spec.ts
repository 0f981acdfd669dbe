import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from "node:net";
import { connect as connectTls } from "node:tls";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import type { SocketTransport } from "../../hosts/node/socket-transport.js";
import { sameDigest } from "../../src/net/identity.js";
import type { Endpoint, Listener } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { until, within } from "../support/waiting.js";

describe("a TLS session taken up again", () => {
	const cleanup = Cleanup.afterEach();
	let hub: NodeIdentity;
	let device: NodeIdentity;
	let accepted: SocketTransport[];
	let rejected: TransportError[];

	beforeAll(async () => {
		hub = await NodeIdentity.create();
		device = await NodeIdentity.create();
	});

	beforeEach(() => {
		accepted = [];
		rejected = [];
	});

	function listen(identity: NodeIdentity, endpoint: Endpoint): Promise<[Endpoint & { kind: "tcp" }, Listener]> {
		// This spec's own: a listener hears of those who left while the spec before ended.
		const [came, refused] = [accepted, rejected];
		return new Promise((resolve, reject) => {
			const listener = new NodeNetwork().listen(endpoint, identity, {
				listening: (bound) => resolve([bound as Endpoint & { kind: "tcp" }, listener]),
				accepted: (transport) => void came.push(transport as SocketTransport),
				rejected: (error) => void refused.push(error),
				failed: (error) => reject(new Error(error.message)),
			});
			cleanup.closing(listener);
		});
	}

	/** Dials, waits until the hub's sessions have arrived, and leaves. */
	async function visit(
		network: NodeNetwork,
		endpoint: Endpoint,
		identity: NodeIdentity,
		expected: Uint8Array | null,
	): Promise<SocketTransport> {
		const before = accepted.length;
		const transport = await new Promise<SocketTransport>((resolve, reject) => {
			network.dial(endpoint, identity, expected, 20_000, {
				dialled: (dialled) => resolve(dialled as SocketTransport),
				failed: (error) => reject(Object.assign(new Error(error.message), error)),
			});
		});
		cleanup.defer(() => transport.abort());
		await until(() => accepted.length > before);
		const far = accepted[before]!;
		const answered = new Promise<void>((resolve) => {
			transport.events = { onReadable: resolve, onWritable() {}, onClosed() {} };
		});
		// Behind the sessions in the stream: what comes after them is read after them.
		far.write(new Uint8Array([1]), 0, 1);
		far.flush();
		await within(answered, { what: "the hub's byte" });
		transport.close();
		far.close();
		return transport;
	}

	const anyPort = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

	it("knows both peers by the keys that they proved when it began", async () => {
		const [endpoint] = await listen(hub, anyPort);
		const network = new NodeNetwork();
		for (const resumed of [false, true, true]) {
			const near = await visit(network, endpoint, device, hub.digest);
			const far = accepted.at(-1)!;
			expect([near.resumed, far.resumed]).toEqual([resumed, resumed]);
			expect(sameDigest(near.peerDigest, hub.digest)).toBeTrue();
			expect(sameDigest(far.peerDigest, device.digest)).toBeTrue();
		}
	});

	it("is used by nobody else: not for another digest, not by another identity, not when any key is accepted", async () => {
		const [endpoint] = await listen(hub, anyPort);
		const network = new NodeNetwork();
		const other = await NodeIdentity.create();
		await visit(network, endpoint, device, hub.digest);
		expect((await visit(network, endpoint, other, hub.digest)).resumed).toBeFalse();
		expect(sameDigest(accepted.at(-1)!.peerDigest, other.digest)).toBeTrue();
		expect((await visit(network, endpoint, device, null)).resumed).toBeFalse();
		await expectAsync(visit(network, endpoint, device, other.digest)).toBeRejectedWithError(/is not the vat/);
		expect((await visit(network, endpoint, device, hub.digest)).resumed).toBeTrue();
	});

	it("does not outlive the hub's process, whose next one is verified anew; another key there is refused", async () => {
		// One place for all of them, which is nobody's between two.
		const [endpoint, first] = await listen(hub, { ...anyPort, port: await freePort() });
		const network = new NodeNetwork();
		await visit(network, endpoint, device, hub.digest);
		first.close();
		const [, second] = await listen(hub, endpoint);
		expect((await visit(network, endpoint, device, hub.digest)).resumed).toBeFalse();
		second.close();
		await listen(await NodeIdentity.create(), endpoint);
		await expectAsync(visit(network, endpoint, device, hub.digest)).toBeRejectedWithError(/is not the vat/);
	});

	it("cannot be taken up by who holds it without the key that it is locked to", async () => {
		const [endpoint] = await listen(hub, anyPort);
		// Somebody between copies what goes by, and says it again.
		const copies: Buffer[] = [];
		const relay = createTcpServer((near) => {
			const far = cleanup.socket(connectTcp(endpoint.port, endpoint.host));
			near.on("data", (bytes) => (copies.push(bytes), far.write(bytes)));
			far.on("data", (bytes) => near.write(bytes));
			near.on("error", () => {});
		});
		const middle = cleanup.server(relay).listen(0, "127.0.0.1");
		await new Promise((resolve) => middle.once("listening", resolve));
		const network = new NodeNetwork();
		const detour: Endpoint = { ...endpoint, port: (middle.address() as AddressInfo).port };
		await visit(network, detour, device, hub.digest);
		copies.length = 0;
		expect((await visit(network, detour, device, hub.digest)).resumed).toBeTrue();
		const count = accepted.length;
		const thief = cleanup.socket(connectTcp(endpoint.port, endpoint.host)).resume();
		for (const bytes of copies) thief.write(bytes);
		await within(new Promise((resolve) => thief.once("close", resolve)), { what: "the hub to hang up" });
		expect(accepted.length).toBe(count);
	});

	it("with a client that showed no certificate is none at all", async () => {
		const [{ port, host }] = await listen(hub, anyPort);
		let session: Buffer | undefined;
		for (let round = 0; round < 3; round++) {
			const options = { host, port, rejectUnauthorized: false, maxVersion: "TLSv1.2", session } as const;
			const stranger = cleanup.socket(connectTls(options));
			const gone = new Promise((resolve) => stranger.once("close", resolve));
			stranger.on("session", (offered: Buffer) => (session = offered));
			await within(gone, { what: "the hub to hang up" });
			await until(() => rejected.length > round);
		}
		expect(rejected[0]!.kind).toBe("certificate");
		expect(accepted).toEqual([]);
	});
});
