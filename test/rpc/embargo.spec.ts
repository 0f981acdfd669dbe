import { BrokenHook, type Call, Exception, ExceptionType, PromiseHook } from "vatlet/runtime";
import { answer, capIn, field, numberIn, pair, TestServer } from "./pair.js";

/** Logs the numbers it is called with. */
function logger(log: number[]): TestServer {
	return new TestServer((call) => {
		log.push(numberIn(call));
		answer(call, 0);
	});
}

describe("embargo", () => {
	it("an answer that echoes the caller's capability delivers pipelined calls before direct ones", () => {
		const log: number[] = [];
		const local = logger(log);
		const p = pair(
			new TestServer((call) => {
				const hook = capIn(call, 0);
				answer(call, 0, hook);
				hook.release();
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 0, local.hook);
		const echoed = field(call, 0);
		p.client.call(echoed, 0, 1);
		p.server.take("call #0 on 0");
		p.server.take("call #1 on #0.0");
		p.client.take("return #0 results [yours 0]");
		p.client.call(echoed, 0, 2);
		expect(log).toEqual([]);
		p.server.take("disembargo sender 0 on #0.0");
		p.client.take("call #0 on 0 1.0 results to yourself");
		p.client.take("return #1 take from #0");
		expect(log).toEqual([1]);
		p.client.take("disembargo receiver 0 on 0");
		expect(log).toEqual([1, 2]);
		p.client.call(echoed, 0, 3);
		expect(log).toEqual([1, 2, 3]);
		for (const hook of outcome.caps) hook.release();
		echoed.release();
		call.release();
		root.release();
		p.end();
		expect(local.hook.refs).toBe(0);
	});

	it("nothing was pipelined: nothing to wait for", () => {
		const log: number[] = [];
		const local = logger(log);
		const p = pair(
			new TestServer((call) => {
				const hook = capIn(call, 0);
				answer(call, 0, hook);
				hook.release();
			}),
		);
		const root = p.root();
		const { call } = p.client.hold(root, 0, 0, local.hook);
		const echoed = field(call, 0);
		p.server.take("call");
		p.client.take("return");
		p.client.call(echoed, 0, 1);
		expect(log).toEqual([1]);
		expect(p.client.sentLines).toEqual([]);
		echoed.release();
		call.release();
		root.release();
		p.end();
	});

	it("a promise resolves to the caller's own capability through Resolve", () => {
		const log: number[] = [];
		const local = logger(log);
		const promise = new PromiseHook();
		let theirs: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer(
				(call) => answer(call, 0, promise),
				(call) => {
					theirs = capIn(call, 0);
					answer(call, 0);
				},
			),
		);
		const root = p.root();
		const got = p.client.call(root, 0);
		p.client.call(root, 1, 0, local.hook);
		p.server.take("call #0");
		p.client.take("return #0 results [promise 1]");
		const remote = got.caps[0]!;
		p.client.call(remote, 0, 1);
		p.server.takeAll();
		promise.resolve(theirs!);
		p.client.take("return");
		p.client.take("call #0 on 0 1.0 results to yourself");
		p.client.take("return #0 take from #0".slice(0, 6));
		p.client.take("resolve 1 to yours 0");
		p.client.call(remote, 0, 2);
		expect(log).toEqual([1]);
		p.settle();
		expect(log).toEqual([1, 2]);
		remote.release();
		promise.release();
		root.release();
		p.end();
		expect(local.hook.refs).toBe(0);
	});

	it("resolving to an error lifts nothing and breaks the queued calls at once", () => {
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root, 0);
		p.settle();
		const remote = got.caps[0]!;
		const early = p.client.call(remote, 0, 1);
		p.server.takeAll();
		promise.resolve(new BrokenHook(new Exception(ExceptionType.FAILED, "no such thing")));
		p.client.take("return #0 failed: no such thing");
		p.client.take("resolve 1 to failed: no such thing");
		expect(early.exception!.reason).toBe("no such thing");
		const late = p.client.call(remote, 0, 2);
		expect(late.exception!.reason).toBe("no such thing");
		remote.release();
		promise.release();
		root.release();
		p.end();
	});

	it("a missing capability in a local answer needs no embargo", () => {
		const p = pair(new TestServer((call) => answer(call, 0)));
		const root = p.root();
		const { call } = p.client.hold(root);
		const none = field(call, 0);
		const early = p.client.call(none, 0, 1);
		p.server.take("call #0");
		p.server.take("call #1 on #0.0");
		p.client.take("return #0");
		p.client.take("return #1 failed");
		const late = p.client.call(none, 0, 2);
		expect(early.exception).not.toBeNull();
		expect(late.exception!.reason).toBe("Called null capability");
		none.release();
		call.release();
		root.release();
		p.end();
	});

	it("a local promise, then remote: calls that waited go first", () => {
		const log: number[] = [];
		const p = pair(logger(log));
		const root = p.root();
		const promise = new PromiseHook();
		p.client.call(promise, 0, 1);
		p.client.call(promise, 0, 2);
		root.addRef();
		promise.resolve(root);
		p.client.call(promise, 0, 3);
		p.settle();
		expect(log).toEqual([1, 2, 3]);
		promise.release();
		root.release();
		p.end();
	});

	it("results from another question (results to yourself): order holds for what was pipelined", () => {
		// The server hands our own call back to us; our method answers with a capability of ours.
		const log: number[] = [];
		const inner = logger(log);
		const echo = new TestServer((call) => answer(call, 7, inner.hook));
		const p = pair(
			new TestServer((call) => {
				const target = capIn(call, 0);
				call.tailCall(p.server.start(target, 0, numberIn(call)));
				target.release();
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 5, echo.hook);
		const got = field(call, 0);
		p.client.call(got, 0, 1);
		p.server.take("call #0 on 0");
		p.server.take("call #1 on #0.0");
		p.client.take("call #0 on 0 1.0 results to yourself");
		p.client.take("return #0 take from #0");
		expect(outcome.number).toBe(7);
		p.client.call(got, 0, 2);
		expect(log).toEqual([]);
		p.settle();
		expect(log).toEqual([1, 2]);
		p.client.call(got, 0, 3);
		expect(log).toEqual([1, 2, 3]);
		for (const hook of outcome.caps) hook.release();
		got.release();
		call.release();
		root.release();
		p.end();
		expect(inner.releases).toBe(1);
	});

	it("the same with the other call still running", () => {
		const log: number[] = [];
		const inner = logger(log);
		let running: Call | null = null;
		const slow = new TestServer((call) => {
			running = call;
		});
		const p = pair(
			new TestServer((call) => {
				const target = capIn(call, 0);
				call.tailCall(p.server.start(target));
				target.release();
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 5, slow.hook);
		const got = field(call, 0);
		p.client.call(got, 0, 1);
		p.settle();
		expect(outcome.told).toBe(0);
		answer(running!, 9, inner.hook);
		p.client.call(got, 0, 2);
		p.settle();
		expect(outcome.number).toBe(9);
		expect(log).toEqual([1, 2]);
		for (const hook of outcome.caps) hook.release();
		got.release();
		call.release();
		root.release();
		p.end();
	});

	it("a bogus disembargo ends the connection", () => {
		const log: number[] = [];
		const p = pair(
			new TestServer(
				(call) => {
					const hook = capIn(call, 0);
					answer(call, 0, hook);
					hook.release();
				},
				(call) => answer(call, 0, own.hook),
			),
		);
		const own = logger(log);
		const root = p.root();
		const { call } = p.client.hold(root, 0, 0, logger([]).hook);
		const echoed = field(call, 0);
		p.client.call(echoed, 0, 1);
		p.server.takeAll();
		p.client.take("return");
		const disembargo = p.client.outbox.find((_, i) => p.client.sentLines[i]!.startsWith("disembargo"))!.slice();
		p.settle();
		echoed.release();
		call.release();
		p.settle();
		p.server.receive(disembargo);
		expect(p.server.sentLines[0]).toMatch(/^abort failed: /);
		p.client.takeAll();
		expect(p.client.connection.ended).not.toBeNull();
		expect(p.server.connection.ended).not.toBeNull();
		p.server.thrown = null;
		root.release();
		p.end();
	});
});
