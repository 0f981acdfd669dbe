import { Pools } from "vatlet/runtime";
import { StructBuilder } from "vatlet/runtime";
import { Channel } from "../../src/net/channel.js";
import { FaultInjector, type FaultPlan } from "../../src/net/fault-injector.js";
import { Loopback } from "../../src/net/loopback.js";
import { Connection } from "../../src/rpc/connection.js";
import { ManualClock } from "../support/manual-clock.js";
import { Adder, Outcome } from "../vat/world.js";

/** One conversation (bootstrap, three calls, close) whose client has the bad luck of `plan`. */
function converse(plan: FaultPlan) {
	const clock = new ManualClock();
	const loopback = new Loopback(4096);
	const closed: string[] = [];
	const observer = { channelClosed: () => void closed.push("closed") };
	const adder = new Adder();
	const end = (transport: FaultInjector | Loopback["right"], name: string) => {
		const pools = new Pools({ guarded: true, messages: { messageWords: 1000 } });
		const channel = new Channel({ transport, messages: pools.messages, clock, observer });
		const connection = new Connection({
			pools,
			sender: channel,
			name,
			bootstrap: {
				bootstrap(call) {
					call.resultsAny().setHook(adder.hook);
					call.done();
				},
			},
		});
		channel.start(connection);
		return { pools, channel, connection };
	};
	const client = end(new FaultInjector(loopback.left, plan), "client");
	const server = end(loopback.right, "server");
	const settle = () => {
		while (loopback.run() > 0 || clock.ring()) continue;
	};
	const outcomes: Outcome[] = [];
	const hook = client.connection.bootstrap();
	for (let i = 0; i < 3; i++) {
		const outcome = new Outcome();
		outcomes.push(outcome);
		const call = client.pools.takeCall();
		call.start(hook, 0, 1, 0);
		const params = new StructBuilder();
		call.initParams(params, 1, 0);
		params.putUint32(0, i);
		call.send(outcome);
		settle();
	}
	hook.release();
	settle();
	client.connection.close();
	settle();
	clock.advance(6000, () => loopback.run());
	settle();
	return { client, server, outcomes, closed, adder };
}

/** Nothing is held by anybody any more, and everybody was told. */
function expectNothingLeft({ client, server, outcomes, closed, adder }: ReturnType<typeof converse>): void {
	for (const outcome of outcomes) expect(outcome.number >= 0 || outcome.exception !== null).toBeTrue();
	expect(closed.length).toBe(2);
	for (const { pools } of [client, server]) {
		expect(pools.calls.used).toBe(0);
		expect(pools.pipelined.used).toBe(0);
		// One message is the pool's own.
		expect(pools.messages.used).toBe(1);
	}
	expect(adder.hook.refs).toBe(0);
}

describe("a conversation", () => {
	it("survives any piecemeal delivery", () => {
		for (const pieceBytes of [1, 3, 8, 17]) {
			const result = converse({ pieceBytes });
			expect(result.outcomes.map((outcome) => outcome.number)).toEqual([1, 2, 3]);
			expectNothingLeft(result);
		}
	});

	it("over a slow line whose directions pass each other keeps the order of each, and ends after what was on its way", () => {
		for (let seed = 1; seed <= 20; seed++) {
			const clock = new ManualClock();
			const loopback = new Loopback(seed % 2 === 0 ? 64 : 4096);
			const closed: string[] = [];
			const adder = new Adder();
			const end = (inner: Loopback["left"], name: string) => {
				const plan = { delayInMs: 40, delayOutMs: 5 * seed, jitterMs: 30, seed };
				const pools = new Pools({ guarded: true });
				const transport = new FaultInjector(inner, plan, clock);
				const observer = { channelClosed: () => void closed.push(name) };
				const channel = new Channel({ transport, messages: pools.messages, clock, observer });
				const connection = new Connection({
					pools,
					sender: channel,
					name,
					bootstrap: {
						bootstrap(call) {
							call.resultsAny().setHook(adder.hook);
							call.done();
						},
					},
				});
				channel.start(connection);
				return { pools, connection };
			};
			const client = end(loopback.left, "client");
			const server = end(loopback.right, "server");
			const hook = client.connection.bootstrap();
			const outcomes: Outcome[] = [];
			for (let i = 0; i < 10; i++) {
				const outcome = new Outcome();
				outcomes.push(outcome);
				const call = client.pools.takeCall();
				call.start(hook, 0, 1, 0);
				const params = new StructBuilder();
				call.initParams(params, 1, 0);
				params.putUint32(0, i);
				call.send(outcome);
				clock.advance(3 * seed, () => loopback.run());
			}
			expect(outcomes[9]!.number).toBe(-1);
			clock.advance(20_000, () => loopback.run());
			expect(outcomes.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
			hook.release();
			client.connection.close();
			clock.advance(20_000, () => loopback.run());
			expect(closed.sort()).toEqual(["client", "server"]);
			for (const { pools } of [client, server]) expect([pools.calls.used, pools.messages.used]).toEqual([0, 1]);
			expect(adder.hook.refs).toBe(0);
			expect(clock.alarms).toBe(0);
		}
	});

	it("cut at every byte of either direction leaves nothing behind", () => {
		const whole = converse({});
		expectNothingLeft(whole);
		const { bytesOut, bytesIn } = whole.client.channel;
		expect(bytesOut).toBeGreaterThan(100);
		for (let at = 0; at <= bytesOut; at++) expectNothingLeft(converse({ cutAfterBytesOut: at }));
		for (let at = 1; at <= bytesIn + 32; at++) expectNothingLeft(converse({ cutAfterBytesIn: at }));
	});

	it("stalled at any word ends when it is closed", () => {
		for (let at = 0; at < 400; at += 8) expectNothingLeft(converse({ stallAfterBytesIn: at }));
	});

	it("with any one bit wrong costs the connection at most", () => {
		for (let at = 0; at < 400; at++) expectNothingLeft(converse({ corruptByteIn: at }));
	});
});
