import type { Call } from "vatlet/runtime";
import { answer, field, numberIn, pair, TestServer } from "./pair.js";

describe("cancel", () => {
	it("letting go of a call tells the server and is answered canceled", () => {
		let running: Call | null = null;
		let told = 0;
		const p = pair(
			new TestServer((call) => {
				running = call;
				call.cancelHandler = { canceled: () => told++ };
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root);
		p.server.take("call");
		call.release();
		p.server.take("finish #0 release results");
		expect(told).toBe(1);
		expect(running!.canceled).toBe(true);
		p.client.take("return #0 canceled");
		answer(running!, 1);
		expect(outcome.told).toBe(0);
		root.release();
		p.end();
	});

	it("a pipelined field keeps its question alive", () => {
		let running: Call | null = null;
		const target = new TestServer((call) => answer(call, numberIn(call)));
		const p = pair(
			new TestServer((call) => {
				running = call;
			}),
		);
		const root = p.root();
		const { call } = p.client.hold(root);
		const got = field(call, 0);
		call.release();
		p.server.take("call");
		expect(p.client.sentLines).toEqual([]);
		answer(running!, 1, target.hook);
		const outcome = p.client.call(got, 0, 3);
		p.settle();
		expect(outcome.number).toBe(3);
		got.release();
		root.release();
		p.end();
		expect(target.releases).toBe(1);
	});

	it("results that were on their way are freed by both", () => {
		const target = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 0, target.hook)));
		const root = p.root();
		const { call } = p.client.hold(root);
		p.server.take("call");
		call.release();
		p.client.take("return #0 results [hosted 1]");
		p.server.take("finish #0 release results");
		expect(target.releases).toBe(1);
		root.release();
		p.end();
	});

	it("canceling a call that waits in a promise ends it without sending anything", () => {
		let running: Call | null = null;
		const p = pair(
			new TestServer((call) => {
				running = call;
			}),
		);
		const root = p.root();
		const { call } = p.client.hold(root);
		p.server.take("call");
		const got = field(call, 0);
		const waiting = p.client.hold(got);
		p.server.take("call #1 on #0.0");
		waiting.call.release();
		p.server.take("finish #1");
		p.client.take("return #1 canceled");
		got.release();
		call.release();
		p.settle();
		answer(running!, 1);
		root.release();
		p.end();
	});

	it("a canceled call that still runs counts against the budget", () => {
		const running: Call[] = [];
		const p = pair(
			new TestServer((call) => {
				running.push(call);
			}),
			null,
			{ limits: { answers: 2 } },
		);
		const root = p.root();
		for (let i = 0; i < 2; i++) {
			const { call } = p.client.hold(root);
			p.server.take("call");
			call.release();
			p.settle();
		}
		const refused = p.client.call(root);
		p.settle();
		expect(refused.exception!.reason).toBe("Overloaded");
		for (const call of running) answer(call, 0);
		const served = p.client.call(root);
		p.settle();
		answer(running[2]!, 5);
		p.settle();
		expect(served.number).toBe(5);
		root.release();
		p.end();
	});

	it("what a canceled call ends with is freed, capabilities too", () => {
		const target = new TestServer();
		const running: Call[] = [];
		const p = pair(
			new TestServer((call) => {
				running.push(call);
			}),
		);
		const root = p.root();
		for (let i = 0; i < 2; i++) {
			const { call } = p.client.hold(root);
			p.server.take("call #0 on 0");
			call.release();
			p.server.take("finish #0 release results");
			p.client.take("return #0 canceled");
		}
		answer(running[0]!, 0, target.hook, target.hook);
		answer(running[1]!, 0, null);
		expect(target.releases).toBe(1);
		expect(p.server.sentLines).toEqual([]);
		root.release();
		p.end();
	});

	it("letting go while the answer is being told: of the call, of its field, of another call", () => {
		const target = new TestServer((call) => answer(call, 0));
		const p = pair(new TestServer((call) => answer(call, 0, target.hook)));
		const root = p.root();
		const other = p.client.hold(root);
		let told = 0;
		const call = p.client.start(root).sendAndHold({
			returned(ended) {
				told++;
				other.call.release();
				ended.release();
				got.release();
			},
			failed: () => {},
		});
		const got = field(call, 0);
		const early = p.client.call(got);
		p.server.take("call #0 on 0");
		p.server.take("call #1 on 0");
		p.server.take("call #2 on #1.0");
		// The second first: the first is canceled while its results are on their way.
		p.server.outbox.push(p.server.outbox.shift()!);
		p.server.sentLines.push(p.server.sentLines.shift()!);
		p.client.take("return #1 results [hosted 1]");
		expect(told).toBe(1);
		p.server.take("finish #0 release results");
		p.server.take("release 1 × 1");
		p.server.take("finish #1");
		p.settle();
		expect(early.told).toBe(1);
		expect(other.outcome.told).toBe(0);
		root.release();
		p.end();
		expect(target.releases).toBe(1);
	});
});
