import { type Call, Pools } from "vatlet/runtime";
import { answer, checkEmpty, End, numberIn, Provider, TestServer } from "./pair.js";

/** Calls that a flooding peer sends between two of the honest one. */
const FLOOD = 200;
const HONEST_CALLS = 300;

describe("a peer that floods", () => {
	it("costs its neighbour nothing but time: all its calls are answered, memory stays under the ceiling", () => {
		const held: Call[] = [];
		const server = new TestServer(
			(call) => answer(call, numberIn(call) + 1),
			(call) => {
				held.push(call);
			},
		);
		// Room for what the limits of both connections add up to, and no more.
		const limits = {
			answers: 64,
			questions: 64,
			exports: 64,
			imports: 64,
			embargoes: 8,
			wordsInFlight: 4096,
			queuedWords: 65536,
			control: 256,
		};
		const pools = new Pools({
			guarded: true,
			calls: 2 * (64 + 64),
			pipelined: 64,
			messages: { messages: 300, wordsMax: 300 * 128, segmentWords: 128 },
		});
		const bad = new End("bad", null, {}, {});
		const good = new End("good", null, {}, {});
		const toBad = new End("to bad", new Provider(server.hook), limits, pools);
		const toGood = new End("to good", new Provider(server.hook), limits, pools);
		for (const [a, b] of [
			[bad, toBad],
			[good, toGood],
		] as const) {
			a.peer = b;
			b.peer = a;
		}
		const exchange = (a: End, b: End): void => {
			while (a.waiting + b.waiting > 0) {
				b.takeAll();
				a.takeAll();
			}
		};
		const badRoot = bad.connection.bootstrap();
		const goodRoot = good.connection.bootstrap();
		exchange(bad, toBad);
		exchange(good, toGood);
		let overloaded = 0;
		let served = 0;
		const times: number[] = [];
		for (let i = 0; i < HONEST_CALLS; i++) {
			for (let flood = 0; flood < FLOOD; flood++)
				bad.start(badRoot, 1, 0).send({ returned: () => {}, failed: () => overloaded++ });
			const startedMs = performance.now();
			const outcome = good.call(goodRoot, 0, i);
			// What came first is worked off first.
			exchange(bad, toBad);
			exchange(good, toGood);
			times.push(performance.now() - startedMs);
			if (outcome.number === i + 1) served++;
			expect(pools.messages.used).toBeLessThan(300);
		}
		times.sort((a, b) => a - b);
		console.log(
			`        honest neighbour of a flood: p50 ${times[times.length >> 1]!.toFixed(2)} ms, p99 ${times[Math.floor(times.length * 0.99)]!.toFixed(2)} ms`,
		);
		expect(served).toBe(HONEST_CALLS);
		expect(held.length).toBe(64);
		expect(overloaded).toBe(HONEST_CALLS * FLOOD - 64);
		for (const call of held) answer(call, 0);
		badRoot.release();
		goodRoot.release();
		for (const [a, b] of [
			[bad, toBad],
			[good, toGood],
		] as const) {
			exchange(a, b);
			checkEmpty(a);
			checkEmpty(b);
		}
	}, 60_000);
});
