import { BrokenHook, type Call, Exception, ExceptionType, StructBuilder } from "vatlet/runtime";
import { RETURN, ReturnTag, Tag } from "../../src/rpc/schema.js";
import { frame } from "./frames.js";
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

	it("a broken capability sent again while the peer gives it back: it is told again that it is broken", () => {
		const kept: ReturnType<typeof capIn>[] = [];
		const p = pair(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 0);
			}),
		);
		const root = p.root();
		const broken = new BrokenHook(new Exception(ExceptionType.FAILED, "broke before"));
		p.client.call(root, 0, 0, broken);
		p.server.take("call #0 on 0 1.0 [promise 0]");
		p.server.take("resolve 0 to failed: broke before");
		// Its Release is on the way when the client sends the capability once more.
		kept[0]!.release();
		p.client.take("return #0");
		p.client.call(root, 0, 0, broken, broken);
		p.server.take("call #0 on 0 1.0 [promise 1, promise 2]");
		p.server.take("resolve 2 to failed: broke before");
		p.server.take("resolve 1 to failed: broke before");
		expect(kept[1]!.resolved().broken!.reason).toBe("broke before");
		kept[1]!.release();
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

	it("a bootstrap that fails breaks what was called on it, and frees the arguments", () => {
		const cap = new TestServer();
		const p = pair(null);
		const root = p.client.connection.bootstrap();
		const outcome = p.client.call(root, 0, 0, cap.hook);
		p.server.take("bootstrap #0");
		p.server.take("call #1 on #0 1.0 [hosted 0]");
		p.client.take("return #0 failed: This vat has no restorer");
		p.client.take("return #1 failed: This vat has no restorer");
		expect(outcome.exception!.reason).toBe("This vat has no restorer");
		expect(cap.releases).toBe(0);
		p.client.take("release 0 × 1");
		expect(cap.releases).toBe(1);
		expect(p.client.call(root).exception!.reason).toBe("This vat has no restorer");
		root.release();
		p.end();
	});

	it("fields of a pending bootstrap work after it was released", () => {
		const inner = new TestServer((call) => answer(call, 9));
		const p = pair(new TestServer((call) => answer(call, 0, inner.hook)));
		const root = p.client.connection.bootstrap();
		const { call, outcome } = p.client.hold(root);
		const got = field(call, 0);
		root.release();
		call.release();
		const deep = p.client.call(got);
		p.server.take("bootstrap #0");
		p.server.take("call #1 on #0 1.0");
		p.server.take("finish #0 release results");
		p.server.take("call #2 on #1.0 1.0");
		p.client.take("return #0 results [hosted 0]");
		p.client.take("return #1 results [hosted 1]");
		p.client.take("return #2 results, no finish");
		expect(deep.number).toBe(9);
		expect(outcome.told).toBe(0);
		got.release();
		p.end();
		expect(inner.releases).toBe(1);
	});

	it("the same field twice is one object, before and after the answer", () => {
		const inner = new TestServer((call) => answer(call, 9));
		const p = pair(new TestServer((call) => answer(call, 0, inner.hook)));
		const root = p.root();
		const { call, outcome } = p.client.hold(root);
		const one = field(call, 0);
		const two = field(call, 0);
		expect(two).toBe(one);
		p.settle();
		const three = field(call, 0);
		expect(three.resolved()).toBe(one.resolved());
		for (const thing of [one, two, three, ...outcome.caps, call, root]) thing.release();
		p.end();
		expect(inner.releases).toBe(1);
	});

	it("one export for many sends, given back in one Release", () => {
		const cap = new TestServer();
		const kept: ReturnType<typeof capIn>[] = [];
		const p = pair(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 0);
			}),
		);
		const root = p.root();
		for (let i = 0; i < 3; i++) {
			p.client.call(root, 0, 0, cap.hook);
			p.server.take("call #0 on 0 1.0 [hosted 0]");
			p.client.take("return #0");
		}
		expect(kept[1]).toBe(kept[0]!);
		kept[0]!.release();
		kept[1]!.release();
		expect(p.server.sentLines).toEqual([]);
		kept[2]!.release();
		p.client.take("release 0 × 3");
		expect(cap.releases).toBe(1);
		root.release();
		p.end();
	});

	it("a call for which there is no memory fails, and keeps nothing of its params", () => {
		const cap = new TestServer();
		const p = pair(doubler(), null, { pools: { calls: 1 } });
		const root = p.root();
		const first = p.client.hold(root, 0, 1);
		const refused = p.client.call(root, 0, 2, cap.hook);
		expect(refused.exception!.type).toBe(ExceptionType.OVERLOADED);
		expect(cap.hook.refs).toBe(0);
		p.settle();
		expect(first.outcome.number).toBe(2);
		first.call.release();
		root.release();
		p.end();
	});

	it("a tail call that the peer has no room for fails the call that it was to answer, and nothing else", () => {
		const hanging: Call[] = [];
		const mine = new TestServer(
			(call) => answer(call, numberIn(call) * 2),
			(call) => {
				hanging.push(call);
			},
		);
		let target: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer(
				(call) => {
					target = capIn(call, 0);
					answer(call, 0);
				},
				(call) => call.tailCall(p.server.start(target!, 0, 1)),
			),
			null,
			{ limits: { answers: 1 } },
		);
		const root = p.root();
		p.client.call(root, 0, 0, mine.hook);
		p.settle();
		// The client's only answer is taken.
		const busy = p.server.call(target!, 1);
		const outcome = p.client.call(root, 1);
		p.server.take("call #0 on 0 1.1");
		p.client.take("call #0 on 0 1.1");
		p.client.take("call #1 on 0 1.0 results to yourself");
		p.client.take("return #0 take from #1");
		p.server.take("return #1 overloaded");
		expect(outcome.exception!.type).toBe(ExceptionType.OVERLOADED);
		answer(hanging[0]!, 7);
		p.settle();
		expect(busy.number).toBe(7);
		expect(p.client.connection.ended).toBeNull();
		target!.release();
		root.release();
		p.end();
	});

	it("answers come in any order, and a slow call holds nobody up", () => {
		const slow: Call[] = [];
		const p = pair(
			new TestServer(
				(call) => {
					slow.push(call);
				},
				(call) => answer(call, numberIn(call)),
			),
		);
		const root = p.root();
		const first = p.client.call(root, 0);
		const second = p.client.call(root, 0);
		const third = p.client.call(root, 1, 3);
		p.server.take("call #0");
		p.server.take("call #1");
		p.server.take("call #2");
		p.client.take("return #2 results");
		expect(third.number).toBe(3);
		answer(slow[1]!, 2);
		p.client.take("return #1 results");
		answer(slow[0]!, 1);
		p.client.take("return #0 results");
		expect([first.number, second.number]).toEqual([1, 2]);
		root.release();
		p.end();
	});

	it("what is no capability, and what was canceled, in the words others match on", () => {
		const p = pair(
			new TestServer((call) => {
				call.initResults(new StructBuilder(), 1, 2).newStruct(0, 1, 0, new StructBuilder());
				call.done();
			}),
		);
		const root = p.root();
		const call = p.client.start(root).sendAndHold(null);
		const got = field(call, 0);
		const early = p.client.call(got);
		p.server.take("call #0");
		p.server.take("call #1 on #0.0");
		p.client.take("return #0 results");
		p.client.take("return #1 failed");
		expect(early.exception).not.toBeNull();
		expect(p.client.call(got).exception!.reason).toBe("Invalid capability index!");
		got.release();
		call.release();
		p.settle();
		// A peer may cancel by itself.
		const canceled = p.client.call(root);
		p.client.outbox.length = p.client.sentLines.length = 0;
		p.client.receive(
			frame(Tag.RETURN, 2, 1, (body) => {
				body.putUint32(RETURN.ANSWER_ID, 0);
				body.putBool(RETURN.NO_FINISH_NEEDED_BIT, true);
				body.putUint16(RETURN.WHICH, ReturnTag.CANCELED);
			}),
		);
		expect(canceled.exception!.reason).toBe("Cancelled");
		root.release();
		p.end();
	});
});
