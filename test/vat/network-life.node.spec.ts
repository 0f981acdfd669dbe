import { readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { RpcError, Vat } from "vatlet";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { digestText } from "../../src/net/identity.js";
import type { PeerTransport } from "../../src/ports/network.js";
import { Registry, Sensor, Thermostat } from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { until, within } from "../support/waiting.js";

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("vats on a real network", () => {
	const cleanup = Cleanup.afterEach();

	async function open(vat: Promise<Vat>): Promise<Vat> {
		return cleanup.closing(await vat);
	}

	it("answers that come late, in another order, and to a client that has gone", async () => {
		const hub = await open(Vat.listen("tcp:127.0.0.1:0"));
		const finish: (() => void)[] = [];
		const uri = hub.publish("sensor", Sensor, {
			sample: () => new Promise((resolve) => finish.push(() => resolve({ celsius: finish.length }))),
		});
		const client = await open(Vat.open());
		const sensor = client.connect(uri, Sensor);
		const order: number[] = [];
		const calls = [0, 1, 2].map((i) => sensor.sample().then(() => order.push(i)));
		await until(() => finish.length === 3);
		for (const i of [2, 0, 1]) {
			finish[i]!();
			await until(() => order.includes(i));
		}
		await Promise.all(calls);
		expect(order).toEqual([2, 0, 1]);

		const left = expectAsync(sensor.sample()).toBeRejectedWithError(RpcError);
		await until(() => finish.length === 4);
		await client.close();
		await left;
		finish[3]!();
		await until(() => hub.peerCount === 0);
	});

	it("restore a service after their client has gone, and go on with the others", async () => {
		const loads: (() => void)[] = [];
		const hub = await open(
			Vat.listen("tcp:127.0.0.1:0", {
				loader: (id) =>
					new Promise((resolve) =>
						loads.push(() => resolve({ type: Sensor, implementation: { sample: () => ({ celsius: id.length }) } })),
					),
			}),
		);
		const uri = hub.uriOf(new Uint8Array([1, 2, 3]));
		const gone = await open(Vat.open());
		const early = expectAsync(gone.connect(uri, Sensor).sample()).toBeRejectedWithError(RpcError);
		await until(() => loads.length === 1);
		await gone.close();
		await early;
		await until(() => hub.peerCount === 0);
		loads[0]!();
		const client = await open(Vat.open());
		const sample = client.connect(uri, Sensor).sample();
		await until(() => loads.length === 2);
		loads[1]!();
		expect(await sample).toEqual({ celsius: 3 });
	});

	it("keep serving others while a method takes its time", async () => {
		const hub = await open(Vat.listen("tcp:127.0.0.1:0"));
		let finish = () => {};
		const uri = hub.publish("room", Thermostat, {
			read: () => new Promise((resolve) => (finish = () => resolve({ celsius: 1, target: 2 }))),
			setTarget: () => {},
		});
		const [slow, quick] = [await open(Vat.open()), await open(Vat.open())];
		const reading = slow.connect(uri, Thermostat).read();
		await slow.connect(uri, Thermostat).setTarget({ celsius: 20 });
		await quick.connect(uri, Thermostat).setTarget({ celsius: 20 });
		finish();
		expect((await reading).celsius).toBe(1);
	});

	it("break references when a server dies, at once where it is broken already, and not after release", async () => {
		const hub = await open(Vat.listen("tcp:127.0.0.1:0"));
		const client = await open(Vat.open());
		const uri = hub.publish("sensor", Sensor, { sample: () => ({ celsius: 1 }) });
		const sensor = client.connect(uri, Sensor);
		const released = client.connect(uri, Sensor);
		// A promise yet: what it becomes is what breaks.
		const broken = sensor.whenBroken();
		const never = released.whenBroken().then(
			() => "broken",
			() => "released",
		);
		released.release();
		expect(await never).toBe("released");
		await sensor.sample();
		await hub.close("off for today");
		expect((await broken).message).toContain("off for today");
		expect((await sensor.whenBroken()).message).toContain("off for today");
	});

	it("fail in parallel where nobody listens, and share one connection once somebody does", async () => {
		const identity = await NodeIdentity.create();
		const place = `tcp:127.0.0.1:${await freePort()}`;
		const first = await open(Vat.listen(place, { identity }));
		const uri = first.publish("sensor", Sensor, { sample: () => ({ celsius: 7 }) });
		await first.close();
		const client = await open(Vat.open());
		const ask = () => Promise.allSettled([1, 2, 3].map(() => client.connect(uri, Sensor).sample()));
		for (const outcome of await ask()) expect(outcome.status).toBe("rejected");
		expect(client.peerCount).toBe(0);
		const second = await open(Vat.listen(place, { identity }));
		second.publish("sensor", Sensor, { sample: () => ({ celsius: 8 }) });
		for (const outcome of await ask()) expect(outcome.status).toBe("fulfilled");
		expect([client.peerCount, second.peerCount]).toEqual([1, 1]);
	});

	it("reach a vat again from within the news that it is gone", async () => {
		const identity = await NodeIdentity.create();
		const place = `tcp:127.0.0.1:${await freePort()}`;
		const serve = async () => {
			const vat = await open(Vat.listen(place, { identity }));
			return { vat, uri: vat.publish("sensor", Sensor, { sample: () => ({ celsius: 7 }) }) };
		};
		const { vat: hub, uri } = await serve();
		let again: Promise<unknown> | null = null;
		const client = await open(
			Vat.open({
				onPeerDown: () =>
					(again ??= client
						.connect(uri, Sensor)
						.sample()
						.catch((error: RpcError) => error)),
			}),
		);
		await client.connect(uri, Sensor).sample();
		await hub.close();
		await until(() => again !== null);
		// The new call is none of the old connection's: nobody listens there any more, or a new vat does.
		expect(((await again!) as RpcError).message).toContain("nobody listens");
		await serve();
		expect(await client.connect(uri, Sensor).sample()).toEqual({ celsius: 7 });
	});

	it("refuse calls on what is gone without sending anything", async () => {
		const hub = await open(Vat.listen("tcp:127.0.0.1:0"));
		const client = await open(Vat.open());
		const sensor = client.connect(hub.publish("sensor", Sensor, { sample: () => ({ celsius: 1 }) }), Sensor);
		await sensor.sample();
		await hub.close();
		await until(() => client.peerCount === 0);
		const error = await sensor.sample().catch((reason: RpcError) => reason);
		expect((error as RpcError).type).toBe("disconnected");
		expect(client.peerCount).toBe(0);
	});

	it("wait for a registry that answers when it can", async () => {
		const hub = await open(Vat.listen("tcp:127.0.0.1:0"));
		let answer: (() => void) | null = null;
		const uri = hub.publish("registry", Registry, {
			register: () => new Promise((resolve) => (answer = () => resolve({ registration: {} }))),
		});
		const device = await open(Vat.open());
		const registering = device.connect(uri, Registry).register({ label: "kitchen", thermostat: {} as never });
		await until(() => answer !== null);
		answer!();
		expect((await registering).registration).toBeDefined();
	});
});

describe("a stream between vats", () => {
	const cleanup = Cleanup.afterEach();
	const network = new NodeNetwork();
	let near: PeerTransport;
	let far: PeerTransport;
	let port: number;

	beforeEach(async () => {
		const identity = await NodeIdentity.create();
		let dialled: PeerTransport | null = null;
		const accepted = new Promise<PeerTransport>((resolve) => {
			const listener = network.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, identity, {
				listening: (endpoint) => {
					({ port } = endpoint as { port: number });
					network.dial(endpoint, identity, identity.digest, 20_000, {
						dialled: (made) => (dialled = made),
						failed: (error) => fail(error.message),
					});
				},
				accepted: resolve,
				rejected: (error) => fail(error.message),
				failed: (error) => fail(error.message),
			});
			cleanup.closing(listener);
		});
		far = await within(accepted, { what: "the dial to arrive" });
		await until(() => dialled !== null);
		near = dialled!;
		for (const transport of [near, far]) cleanup.defer(() => transport.abort());
	});

	/** Linux shows a socket's timer: 2 is the keepalive, in hundredths of a second from now. */
	function keepalives(): number[] {
		return readFileSync("/proc/net/tcp", "utf8")
			.split("\n")
			.map((line) => line.trim().split(/\s+/))
			.filter(
				(fields) => [fields[1], fields[2]].some((place) => place?.endsWith(":" + hex(port))) && fields[3] === "01",
			)
			.map((fields) => {
				const [kind, when] = fields[5]!.split(":");
				return kind === "02" ? parseInt(when!, 16) / 100 : 0;
			});
	}

	function hex(number: number): string {
		return number.toString(16).toUpperCase().padStart(4, "0");
	}

	it("asks after sixty idle seconds whether the other end is still there, on both sides", async () => {
		// Until the last bytes of the handshake are acknowledged another timer runs.
		let seconds: number[] = [];
		const asking = () => (seconds = keepalives()).length === 2 && seconds.every((each) => each > 0);
		await until(asking, { what: "a keepalive at both ends", saw: () => seconds });
		for (const each of seconds) expect(each).toBeGreaterThan(30);
		for (const each of seconds) expect(each).toBeLessThanOrEqual(60.5);
	});

	/** Rounds of two small writes there and one back, in milliseconds. */
	async function converse(rounds: number): Promise<number> {
		const piece = new Uint8Array(8);
		const heard = (transport: PeerTransport, length: number) =>
			new Promise<void>((resolve) => {
				const pull = () => {
					while (length > 0 && transport.read(piece, 0, 8) > 0) length -= 8;
					if (length <= 0) resolve();
				};
				transport.events = { onReadable: pull, onWritable() {}, onClosed() {} };
				pull();
			});
		const startMs = performance.now();
		for (let round = 0; round < rounds; round++) {
			const there = heard(far, 16);
			for (let i = 0; i < 2; i++) {
				near.write(piece, 0, 8);
				near.flush();
				await new Promise(setImmediate);
			}
			await there;
			const back = heard(near, 8);
			far.write(piece, 0, 8);
			far.flush();
			await back;
		}
		return performance.now() - startMs;
	}

	it("does not hold a small write back for the answer to the one before", async () => {
		// Held back, each round waits forty milliseconds for a delayed acknowledgement. The best of several: others may have the processor.
		let ms = Infinity;
		for (let i = 0; i < 10 && ms >= 5 * 20; i++) ms = Math.min(ms, await within(converse(5), { what: "five rounds" }));
		expect(ms).toBeLessThan(5 * 20);
	});
});

describe("dials that fail", () => {
	const cleanup = Cleanup.afterEach();

	it("leave no descriptor behind, whatever the reason", async () => {
		const identity = await NodeIdentity.create();
		const other = await NodeIdentity.create();
		const hub = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { identity }));
		const uri = hub.publish("sensor", Sensor, {});
		const serving = async (accept: (socket: Socket) => void): Promise<Server> => {
			const server = cleanup.server(createServer(accept));
			await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
			return server;
		};
		const plain = await serving((socket) => socket.resume().end("hello\r\n"));
		const mute = await serving((socket) => socket.resume().on("error", () => {}));
		const at = (server: { address(): unknown }) => uri.replace(/:\d+\//, `:${(server.address() as AddressInfo).port}/`);
		const places = [
			uri.replace(/:\d+\//, ":9/"),
			uri.replace(digestText(identity.digest), digestText(other.digest)),
			at(plain),
			at(mute),
		];
		const client = cleanup.closing(await Vat.open({ dialTimeoutMs: 150 }));
		const reasons = new Set<string>();
		const fail = async (place: string) => {
			const error = await client
				.import(place, Sensor)
				.connect()
				.catch((reason: RpcError) => reason);
			reasons.add((error as RpcError).message.replace(/.*127\.0\.0\.1:\d+ |nobody.*/, "").slice(0, 25));
		};
		for (const place of places) await fail(place);
		const descriptors = () => readdirSync("/proc/self/fd").length;
		await turn(100);
		const before = descriptors();
		for (let i = 0; i < 10; i++) for (const place of places) await fail(place);
		// The far ends go a little later.
		await until(() => descriptors() <= before + 1, { saw: () => `${descriptors()} descriptors, ${before} before` });
		expect(reasons.size).toBeGreaterThan(3);
	}, 60_000);
});
