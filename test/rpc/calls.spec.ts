import { BrokenHook, Exception, ExceptionType } from "vatlet/runtime";
import { answer, capIn, field, numberIn, pair, TestServer } from "./pair.js";

describe("calls", () => {
	const doubler = () => new TestServer((call) => answer(call, numberIn(call) * 2));

	it("bootstrap, then call", () => {
		const p = pair(doubler());
		const { client, server } = p;
		const root = client.connection.bootstrap();
		server.take("bootstrap #0");
		client.take("return #0 results [hosted 0]");
		server.take("finish #0");
		const outcome = client.call(root, 0, 21);
		server.take("call #0 on 0 1.0");
		client.take("return #0 results, no finish");
		expect(outcome.number).toBe(42);
		root.release();
		server.take("release 0 × 1");
		p.end();
	});

	it("a call on the bootstrap travels with it", () => {
		const p = pair(doubler());
		const root = p.client.connection.bootstrap();
		const outcome = p.client.call(root, 0, 4);
		p.server.take("bootstrap #0");
		p.server.take("call #1 on #0 1.0");
		p.client.take("return #0");
		p.client.take("return #1");
		expect(outcome.number).toBe(8);
		root.release();
		p.end();
	});

	it("the reason and type of an exception arrive", () => {
		const p = pair(new TestServer((call) => call.fail(new Exception(ExceptionType.OVERLOADED, "not now"))));
		const root = p.root();
		const outcome = p.client.call(root);
		p.server.take("call");
		p.client.take("return #0 overloaded: not now");
		expect(outcome.exception!.reason).toBe("not now");
		expect(outcome.exception!.type).toBe(ExceptionType.OVERLOADED);
		root.release();
		p.end();
	});

	it("a call pipelined on an answer that has failed meanwhile gets its reason", () => {
		const p = pair(new TestServer((call) => call.fail(new Exception(ExceptionType.OVERLOADED, "not now"))));
		const root = p.root();
		const first = p.client.hold(root).call;
		const promised = field(first, 0);
		const second = p.client.call(promised);
		p.server.take("call");
		p.server.take("call");
		p.client.take("return #0 overloaded: not now");
		p.client.take("return #1 overloaded: not now");
		expect(second.exception!.reason).toBe("not now");
		promised.release();
		first.release();
		root.release();
		p.end();
	});

	it("what a server method throws fails that call alone", () => {
		const p = pair(
			new TestServer(
				() => {
					throw new Error("oops");
				},
				(call) => answer(call, 1),
			),
		);
		const root = p.root();
		const bad = p.client.call(root, 0);
		const good = p.client.call(root, 1);
		p.settle();
		expect(bad.exception!.reason).toBe("oops");
		expect(good.number).toBe(1);
		root.release();
		p.end();
	});

	it("what a server method throws fails that call alone, caught from outside", () => {
		const p = pair(
			new TestServer(
				() => {
					throw new Error("oops");
				},
				(call) => answer(call, 1),
			),
			null,
			{ pools: { guarded: false } },
		);
		const root = p.root();
		const bad = p.client.call(root, 0);
		const good = p.client.call(root, 1);
		p.settle();
		expect(bad.exception!.reason).toBe("oops");
		expect(good.number).toBe(1);
		expect((p.server.thrown as Error).message).toBe("oops");
		p.server.thrown = null;
		root.release();
		p.end();
	});

	it("unknown interfaces and methods are unimplemented, in the words others match on", () => {
		const p = pair(doubler());
		const root = p.root();
		const method = p.client.call(root, 7);
		const call = p.client.pools.takeCall();
		call.start(root, 0xffffffff, 0xfffffffe, 3);
		call.send(null);
		p.server.take("call");
		p.server.take("call");
		p.client.take("return #0 unimplemented: Unknown method 1UL.7");
		p.client.take("return #1 unimplemented: Unknown interface 18446744073709551614UL");
		expect(method.exception!.type).toBe(ExceptionType.UNIMPLEMENTED);
		root.release();
		p.end();
	});

	it("a capability passed in params can be called, and is released when the server lets go", () => {
		const listener = new TestServer((call) => answer(call, numberIn(call) + 1));
		let kept: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer((call) => {
				kept = capIn(call, 0);
				answer(call, 0);
			}),
		);
		const root = p.root();
		p.client.call(root, 0, 0, listener.hook);
		p.server.take("call #0 on 0 1.0 [hosted 0]");
		const outcome = p.server.call(kept!, 0, 5);
		p.settle();
		expect(outcome.number).toBe(6);
		expect(listener.releases).toBe(0);
		kept!.release();
		p.client.take("release 0 × 1");
		expect(listener.releases).toBe(1);
		root.release();
		p.end();
	});

	it("one capability twice in a message is one export, counted twice", () => {
		const cap = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 0)));
		const root = p.root();
		p.client.call(root, 0, 0, cap.hook, cap.hook);
		p.server.take("call #0 on 0 1.0 [hosted 0, hosted 0]");
		p.client.take("return");
		p.client.take("release 0 × 2");
		expect(cap.releases).toBe(1);
		root.release();
		p.end();
	});

	it("own capability returns as itself", () => {
		const cap = new TestServer();
		const p = pair(
			new TestServer((call) => {
				const hook = capIn(call, 0);
				answer(call, 0, hook);
				hook.release();
			}),
		);
		const root = p.root();
		const outcome = p.client.call(root, 0, 0, cap.hook);
		p.server.take("call");
		p.client.take("return #0 results [yours 0]");
		expect(outcome.caps[0]).toBe(cap.hook);
		outcome.caps[0]!.release();
		root.release();
		p.end();
		expect(cap.releases).toBe(1);
	});

	it("null and broken capabilities in params", () => {
		let seen: (string | null)[] = [];
		const p = pair(
			new TestServer((call) => {
				const hook = capIn(call, 0);
				seen = [hook.resolved().broken?.reason ?? null];
				kept.push(hook);
				answer(call, 0);
			}),
		);
		const kept: ReturnType<typeof capIn>[] = [];
		const root = p.root();
		const broken = new BrokenHook(new Exception(ExceptionType.FAILED, "broke before"));
		p.client.call(root, 0, 0, broken, null);
		p.server.take("call #0 on 0 1.0 [promise 0]");
		p.server.take("resolve 0 to failed: broke before");
		expect(seen).toEqual([null]);
		expect(kept[0]!.resolved().broken!.reason).toBe("broke before");
		kept[0]!.release();
		broken.release();
		root.release();
		p.end();
	});

	it("the server's own capability is delivered locally", () => {
		const p = pair(doubler());
		const root = p.root();
		const inner = doubler();
		inner.hook.addRef();
		expect(p.server.call(inner.hook, 0, 5).number).toBe(10);
		inner.hook.release();
		root.release();
		p.end();
	});
});
