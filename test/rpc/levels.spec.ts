import { type Call, Exception, ExceptionType, type Hook, PromiseHook, StructBuilder } from "vatlet/runtime";
import { dumpConnection } from "../../src/rpc/describe.js";
import { CALL, DescriptorTag, FINISH, RETURN, Tag, TARGET } from "../../src/rpc/schema.js";
import { callFrame, finishFrame, frame } from "./frames.js";
import { answer, capIn, field, numberIn, pair, TestServer } from "./pair.js";

/** A frame sent back as unimplemented. */
function unimplemented(original: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(original.length + 16);
	const view = new DataView(bytes.buffer);
	const source = new DataView(original.buffer, original.byteOffset);
	// One segment: its root pointer becomes the pointer of a Message in front of it.
	view.setUint32(4, source.getUint32(4, true) + 2, true);
	view.setUint32(8, 0, true);
	view.setUint32(12, 0x00010001, true);
	bytes.set(original.subarray(8), 24);
	return bytes;
}

describe("a peer of another level or release", () => {
	it("a peer that does not implement calls: they fail as unimplemented", () => {
		const cap = new TestServer();
		const p = pair(new TestServer());
		const root = p.root();
		const outcome = p.client.call(root, 0, 0, cap.hook);
		p.client.receive(unimplemented(p.client.outbox.shift()!));
		p.client.sentLines.shift();
		expect(outcome.exception!.type).toBe(ExceptionType.UNIMPLEMENTED);
		expect(cap.releases).toBe(1);
		root.release();
		p.end();
	});

	it("a peer that does not implement bootstrap: it breaks", () => {
		const p = pair(new TestServer());
		const root = p.client.connection.bootstrap();
		p.client.receive(unimplemented(p.client.outbox.shift()!));
		p.client.sentLines.shift();
		expect(root.resolved().broken!.type).toBe(ExceptionType.UNIMPLEMENTED);
		root.release();
		p.end();
	});

	it("a peer that does not implement Resolve: what was in it is released", () => {
		const target = new TestServer();
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root);
		p.settle();
		target.hook.addRef();
		promise.resolve(target.hook);
		promise.release();
		expect(p.server.sentLines).toEqual(["resolve 1 to hosted 2"]);
		p.server.sentLines.shift();
		p.server.receive(unimplemented(p.server.outbox.shift()!));
		expect(dumpConnection(p.server.connection)).not.toContain("export 2");
		got.caps[0]!.release();
		root.release();
		p.end();
		expect(target.releases).toBe(1);
	});

	it("a vat without a bootstrap capability says so", () => {
		const p = pair(null);
		const root = p.client.connection.bootstrap();
		p.settle();
		expect(root.resolved().broken!.reason).toBe("This vat has no restorer");
		root.release();
		p.end();
	});

	it("a peer of level 0 releases params and results by flags", () => {
		const cap = new TestServer((call) => answer(call, numberIn(call)));
		const theirs = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 0, theirs.hook)));
		const root = p.root();
		// The server's Return is replaced by one that releases the params.
		p.client.call(root, 0, 0, cap.hook);
		p.client.outbox.length = p.client.sentLines.length = 0;
		p.client.receive(
			frame(Tag.RETURN, 2, 1, (body) => {
				body.putUint32(RETURN.ANSWER_ID, 0);
				body.newStruct(RETURN.CONTENT, 0, 2, new StructBuilder());
			}),
		);
		expect(cap.releases).toBe(1);
		p.client.outbox.length = p.client.sentLines.length = 0;
		// A call by hand, and a Finish that releases the results.
		p.server.receive(
			frame(Tag.CALL, 3, 3, (body) => {
				body.putUint32(CALL.QUESTION_ID, 5);
				body.putUint64Halves(CALL.INTERFACE_ID, 1, 0);
				body.newStruct(CALL.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, new StructBuilder());
			}),
		);
		expect(p.server.sentLines.splice(0)).toEqual(["return #5 results [hosted 1]"]);
		p.server.outbox.length = 0;
		p.server.receive(frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, 5)));
		expect(theirs.releases).toBe(1);
		root.release();
		p.end();
	});

	it("a Finish for an answer that needed none is ignored", () => {
		const p = pair(new TestServer((call) => answer(call, 1)));
		const root = p.root();
		p.client.call(root);
		p.settle();
		p.server.receive(frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, 0)));
		expect(p.server.connection.ended).toBeNull();
		root.release();
		p.end();
	});

	it("a Resolve for a promise that was released: what it brings is released", () => {
		const target = new TestServer();
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root);
		p.settle();
		got.caps[0]!.release();
		target.hook.addRef();
		promise.resolve(target.hook);
		promise.release();
		p.client.take("resolve 1 to hosted 2");
		p.server.take("release 1 × 1");
		p.server.take("release 2 × 1");
		expect(target.releases).toBe(1);
		root.release();
		p.end();
	});

	it("no Resolve for a promise that the peer released", () => {
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root);
		p.settle();
		got.caps[0]!.release();
		p.settle();
		p.server.pools.nullHook.addRef();
		promise.resolve(p.server.pools.nullHook);
		expect(p.server.sentLines).toEqual([]);
		promise.release();
		root.release();
		p.end();
	});

	it("a field that is not there yet can be passed back to its own vat", () => {
		const target = new TestServer((call) => answer(call, 77));
		let running: Call | null = null;
		let kept: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer(
				(call) => {
					running = call;
				},
				(call) => {
					kept = capIn(call, 0);
					answer(call, 0);
				},
			),
		);
		const root = p.root();
		const { call } = p.client.hold(root, 0);
		const later = field(call, 0);
		p.client.call(root, 1, 0, later);
		p.server.take("call #0");
		p.server.take("call #1 on 0 1.1 [your answer #0.0]");
		const outcome = p.server.call(kept!);
		expect(outcome.told).toBe(0);
		answer(running!, 0, target.hook);
		expect(outcome.number).toBe(77);
		expect(kept!.resolved()).toBe(target.hook);
		kept!.release();
		later.release();
		call.release();
		root.release();
		p.end();
	});

	it("a capability of a third party is used through its vine", () => {
		let kept: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer((call) => {
				kept = capIn(call, 0);
				answer(call, 0);
			}),
		);
		const root = p.root();
		p.server.receive(callFrame({ question: 9, caps: [[DescriptorTag.THIRD_PARTY, 33]] }));
		p.server.outbox.length = p.server.sentLines.length = 0;
		p.server.call(kept!);
		expect(p.server.sentLines.splice(0)).toEqual(["call #0 on 33 1.0"]);
		p.server.connection.disconnected();
		p.client.connection.disconnected();
		for (const side of [p.client, p.server]) side.outbox.length = side.sentLines.length = 0;
		kept!.release();
		root.release();
		p.end();
	});

	/** A call of method `method` on export 0, whose caller wants its pipeline alone. */
	const silentCall = (question: number, method: number) =>
		callFrame({ question, method, flags: CALL.ONLY_PROMISE_PIPELINE });
	/** A call of method 0 on pointer field 0 of the results of `on`. */
	const pipelinedCall = (question: number, on: number) => callFrame({ question, on: [on, 0] });

	it("a call whose pipeline alone is wanted gets no Return: neither results, nor a failure, nor when it is canceled", () => {
		const inner = new TestServer((call) => answer(call, 5));
		let running: Call | null = null;
		const p = pair(
			new TestServer(
				(call) => answer(call, 0, inner.hook),
				(call) => call.fail(new Exception(ExceptionType.FAILED, "cannot")),
				(call) => {
					running = call;
				},
			),
		);
		const root = p.root();
		const sent = () => {
			p.server.outbox.length = 0;
			return p.server.sentLines.splice(0);
		};
		p.server.receive(silentCall(5, 0));
		expect(sent()).toEqual([]);
		p.server.receive(pipelinedCall(6, 5));
		expect(sent()).toEqual(["return #6 results, no finish"]);
		p.server.receive(finishFrame(5));
		expect(inner.hook.refs).toBe(0);
		p.server.receive(silentCall(5, 1));
		expect(sent()).toEqual([]);
		p.server.receive(pipelinedCall(6, 5));
		expect(sent()).toEqual(["return #6 failed: cannot"]);
		p.server.receive(finishFrame(6));
		p.server.receive(finishFrame(5));
		p.server.receive(silentCall(5, 2));
		p.server.receive(finishFrame(5));
		expect(running!.canceled).toBe(true);
		answer(running!, 0);
		expect(sent()).toEqual([]);
		root.release();
		p.end();
	});

	it("a call whose pipeline alone is wanted, answered by a call of its own caller: no Return, and order holds", () => {
		const log: number[] = [];
		const mine = new TestServer((call) => {
			log.push(numberIn(call));
			answer(call, 0, mine.hook);
		});
		let theirs: Hook | null = null;
		const p = pair(
			new TestServer(
				(call) => {
					theirs = capIn(call, 0);
					answer(call, 0);
				},
				(call) => call.tailCall(p.server.start(theirs!, 0, 1)),
			),
		);
		const root = p.root();
		p.client.call(root, 0, 0, mine.hook);
		p.settle();
		p.server.receive(silentCall(5, 1));
		p.server.receive(pipelinedCall(6, 5));
		expect(p.server.sentLines).toEqual([
			"call #0 on 0 1.0",
			"call #1 on #0.0 1.0 results to yourself",
			"return #6 take from #1",
		]);
		p.client.take("call #0");
		p.client.take("call #1");
		expect(log).toEqual([1, 0]);
		p.server.outbox.length = p.server.sentLines.length = 0;
		p.server.receive(finishFrame(6));
		p.server.receive(finishFrame(5));
		p.server.takeAll();
		theirs!.release();
		root.release();
		p.end();
	});

	it("where an exception happened is told to those who may know, and to nobody else", () => {
		for (const traces of [false, true]) {
			const p = pair(
				new TestServer((call) => call.fail(new Exception(ExceptionType.FAILED, "broke", "at secret.ts:7"))),
				null,
				{ traces },
			);
			const root = p.root();
			const outcome = p.client.call(root);
			p.settle();
			expect(outcome.exception!.reason).toBe("broke");
			expect(outcome.exception!.trace).toBe(traces ? "at secret.ts:7" : "");
			root.release();
			p.end();
		}
	});
});
