import { Pools } from "vatlet/runtime";
import { Channel } from "../../src/net/channel.js";
import { Loopback } from "../../src/net/loopback.js";
import { Tracer } from "../../src/net/tracer.js";
import { Connection } from "../../src/rpc/connection.js";
import { SingleRestorer, BootstrapAnswer } from "../../src/vat/restorer.js";
import { ManualClock } from "../support/manual-clock.js";
import { Adder, Outcome } from "../vat/world.js";
import { StructBuilder } from "vatlet/runtime";

function pair(capacityBytes = 4096, trace: string[] | null = null) {
	const clock = new ManualClock();
	const loopback = new Loopback(capacityBytes);
	const closed: string[] = [];
	const adder = new Adder();
	const restorer = new SingleRestorer(adder.hook);
	const end = (transport: typeof loopback.left, name: string) => {
		const pools = new Pools({ guarded: true, messages: { messageWords: 1000 } });
		const observer = {
			channelClosed: (_: Channel, error: { kind: string } | null) =>
				void closed.push(name + " " + (error?.kind ?? "in order")),
		};
		const channel = new Channel({ transport, messages: pools.messages, clock, observer });
		const tracer = trace === null ? null : new Tracer(name, (line) => trace.push(line));
		const connection = new Connection({
			pools,
			sender: channel,
			name,
			tracer,
			bootstrap: { bootstrap: (call, id) => restorer.restore(id ?? new Uint8Array(0), new BootstrapAnswer(call)) },
		});
		return { pools, channel, connection };
	};
	const client = end(loopback.left, "client");
	const server = end(loopback.right, "server");
	client.channel.start(client.connection);
	const settle = () => {
		while (loopback.run() > 0 || clock.ring()) continue;
	};
	const ask = (number: number) => {
		const hook = client.connection.bootstrap();
		const outcome = new Outcome();
		const call = client.pools.takeCall();
		call.start(hook, 0, 1, 0);
		const params = new StructBuilder();
		call.initParams(params, 1, 0);
		params.putUint32(0, number);
		call.send(outcome);
		hook.release();
		return outcome;
	};
	return { clock, loopback, client, server, closed, settle, ask };
}

describe("a channel", () => {
	it("sends everything that was ready in one flush", () => {
		const { loopback, client, server, settle, ask } = pair();
		server.channel.start(server.connection);
		let flushes = 0;
		const flush = loopback.left.flush.bind(loopback.left);
		loopback.left.flush = () => {
			if (client.channel.messagesOut > 0) flushes++;
			flush();
		};
		const outcomes = [1, 2, 3].map(ask);
		expect(client.channel.queuedWords).toBeGreaterThan(0);
		settle();
		expect(outcomes.map((outcome) => outcome.number)).toEqual([2, 3, 4]);
		expect(flushes).toBeLessThan(4);
		expect(client.channel.queuedWords).toBe(0);
		expect(server.channel.bytesIn).toBeGreaterThan(100);
	});

	it("carries messages through a transport that takes few bytes at a time", () => {
		const { server, settle, ask } = pair(7);
		server.channel.start(server.connection);
		const outcome = ask(1);
		settle();
		expect(outcome.number).toBe(2);
	});

	it("prints each message on one readable line", () => {
		const lines: string[] = [];
		const { server, settle, ask } = pair(4096, lines);
		server.channel.start(server.connection);
		ask(1);
		settle();
		expect(lines[0]).toBe("client ← bootstrap #0");
		expect(lines).toContain("server → bootstrap #0");
	});

	it("writes what is queued before it ends the stream", () => {
		const { server, client, settle, ask, closed } = pair();
		server.channel.start(server.connection);
		const outcome = ask(1);
		settle();
		expect(outcome.number).toBe(2);
		client.connection.close();
		settle();
		expect(server.connection.ended!.reason).toBe("Connection closed");
		expect(closed.sort()).toEqual(["client in order", "server in order"]);
	});

	it("says what may be the matter with an end that said nothing and left", () => {
		const { loopback, settle, ask } = pair();
		const outcome = ask(1);
		loopback.right.close();
		settle();
		expect(outcome.exception!.reason).toMatch(
			/^Connection closed: the other side said nothing; .* want TLS where the address says insecure$/,
		);
	});

	it("gives up on a peer that neither reads nor closes", () => {
		const { client, clock, closed, loopback } = pair(64);
		client.connection.bootstrap();
		client.connection.bootstrap();
		client.connection.close();
		clock.ring();
		clock.advance(4900);
		expect(closed).toEqual([]);
		clock.advance(200);
		loopback.run();
		expect(closed).toEqual(["client in order"]);
	});

	it("names a stream that ends in the middle of a message", () => {
		const { client, settle, loopback, closed } = pair();
		loopback.right.write(new Uint8Array([0, 0, 0, 0, 4, 0, 0, 0, 1]), 0, 9);
		loopback.right.close();
		settle();
		expect(client.connection.ended!.reason).toContain("in the middle of a message");
		expect(closed).toEqual(["client in order"]);
	});

	it("cuts off a peer whose message never becomes whole, but not one that is merely quiet", () => {
		const { client, server, clock, settle, loopback } = pair();
		server.channel.start(server.connection);
		clock.advance(1_000_000, settle);
		expect(client.connection.ended).toBeNull();
		for (let i = 0; i < 12; i++) {
			loopback.right.write(new Uint8Array([i === 4 ? 4 : 0]), 0, 1);
			loopback.right.flush();
			settle();
			clock.advance(2900, settle);
		}
		expect(client.connection.ended!.reason).toBe("a message did not arrive whole within 30000 ms");
	});

	it("refuses an oversized frame before it reserves anything, and says so to the peer", () => {
		const { client, settle, loopback } = pair();
		loopback.right.write(new Uint8Array([0, 0, 0, 0, 255, 255, 255, 0]), 0, 8);
		loopback.right.flush();
		settle();
		expect(client.connection.ended!.reason).toBe("frame of 16777215 words, at most 1000");
		expect(loopback.right.readable()).toBeGreaterThan(16);
	});

	it("breaks everything when the network does", () => {
		const { loopback, ask, settle, server } = pair();
		server.channel.start(server.connection);
		const outcome = ask(1);
		loopback.cut({ kind: "reset", message: "the cable was pulled" });
		settle();
		expect(outcome.exception!.reason).toBe("Connection closed: the cable was pulled");
	});
});
