import { MessageChannel, Worker } from "node:worker_threads";
import { Pools } from "vatlet/runtime";
import { NodeClock } from "../../hosts/node/clock.js";
import { Channel } from "../../src/net/channel.js";
import { type PortLike, PortTransport } from "../../src/net/port-transport.js";
import { Connection } from "../../src/rpc/connection.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until } from "../support/waiting.js";
import { capIn, End, Outcome, Provider, TestServer, answer, numberIn } from "../rpc/pair.js";

function ports(cleanup: Cleanup) {
	const { port1, port2 } = new MessageChannel();
	for (const port of [port1, port2]) cleanup.closing(port);
	return { left: port1 as unknown as PortLike, right: port2 as unknown as PortLike };
}

/** Keeps what it is told. */
class Events {
	readonly told: string[] = [];
	onReadable(): void {
		this.told.push("readable");
	}
	onWritable(): void {
		this.told.push("writable");
	}
	onClosed(error: { message: string } | null): void {
		this.told.push(error === null ? "closed" : error.message);
	}
}

describe("A byte stream over a message port", () => {
	const cleanup = Cleanup.afterEach();

	it("carries calls both ways and capabilities, and ends in order", async () => {
		const { left, right } = ports(cleanup);
		const closed: string[] = [];
		const end = (port: PortLike, name: string, root: TestServer | null) => {
			const pools = new Pools({ guarded: true });
			const channel = new Channel({
				transport: new PortTransport(port),
				messages: pools.messages,
				clock: new NodeClock(),
				observer: { channelClosed: (_channel, error) => void closed.push(name + (error?.message ?? "")) },
			});
			const bootstrap = root === null ? null : new Provider(root.hook);
			const connection = new Connection({ pools, sender: channel, bootstrap, name });
			channel.start(connection);
			return { pools, connection };
		};
		const listener = new TestServer((call) => answer(call, numberIn(call) * 2));
		const server = end(
			right,
			"server",
			new TestServer((call) => {
				const target = capIn(call, 0);
				call.tailCall(End.prototype.start.call(server as unknown as End, target, 0, numberIn(call) + 1));
				target.release();
			}),
		);
		const client = end(left, "client", null);
		const start = End.prototype.start.bind(client as unknown as End);
		const root = client.connection.bootstrap();
		const outcomes = Array.from({ length: 500 }, () => new Outcome());
		outcomes.forEach((outcome, i) => start(root, 0, i, listener.hook).send(outcome));
		await until(() => outcomes.every(({ told }) => told === 1));
		expect(outcomes.map(({ number }) => number)).toEqual(outcomes.map((_, i) => (i + 1) * 2));
		root.release();
		await until(() => client.connection.empty);
		client.connection.close();
		await until(() => closed.length === 2);
		expect(closed.sort()).toEqual(["client", "server"]);
		expect(server.connection.ended!.reason).toBe("Connection closed");
		expect(client.pools.messages.used + server.pools.messages.used).toBe(2);
	});

	it("sends no more than is read, and says when there is room", async () => {
		const { left, right } = ports(cleanup);
		const from = new PortTransport(left);
		const to = new PortTransport(right);
		const sender = (from.events = new Events());
		const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
		const first = from.write(bytes, 0, bytes.length);
		expect(first).toBe(65536);
		from.flush();
		expect(from.writable()).toBe(0);
		await until(() => to.readable() === first);
		expect(to.readable()).toBe(first);
		// Events of before are told to whoever comes.
		const receiver = (to.events = new Events());
		await until(() => receiver.told.includes("readable"));
		const got = new Uint8Array(bytes.length);
		to.read(got, 0, 40_000);
		await until(() => sender.told.includes("writable"));
		expect(from.write(bytes, first, bytes.length - first)).toBe(bytes.length - first);
		from.close();
		await until(() => to.readable() === 60_000);
		to.read(got, 40_000, 60_000);
		expect(got).toEqual(bytes);
		await until(() => receiver.told.includes("closed") && sender.told.includes("closed"));
	});

	it("ends when the thread of the other end is gone without a word", async () => {
		const { port1, port2 } = new MessageChannel();
		cleanup.closing(port1);
		const worker = new Worker(
			`const { workerData } = require("node:worker_threads");
			workerData.postMessage(new ArrayBuffer(8));
			workerData.on("message", () => process.exit());`,
			{ eval: true, workerData: port2, transferList: [port2] },
		);
		cleanup.defer(() => worker.terminate());
		const transport = new PortTransport(port1 as unknown as PortLike);
		const events = new Events();
		transport.events = events;
		await until(() => transport.readable() === 8);
		transport.read(new Uint8Array(8), 0, 8);
		await until(() => events.told.length === 2);
		expect(events.told).toEqual(["readable", "the other end of message port is gone"]);
	});

	it("ends with a word for what the other end did wrong", async () => {
		for (const [message, word] of [
			[new ArrayBuffer(70_000), /sent more than was read/],
			[5, /no part of a byte stream/],
			["hello", /no part of a byte stream/],
		] as const) {
			const { left, right } = ports(cleanup);
			const transport = new PortTransport(left, "the worker");
			const events = (transport.events = new Events());
			right.postMessage(message, []);
			await until(() => events.told.length > 0);
			expect(events.told[0]).toMatch(word);
			expect(events.told[0]).toContain("the worker");
		}
	});
});
