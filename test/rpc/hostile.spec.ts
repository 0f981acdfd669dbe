import { type Call, type Message, MessagePool, PromiseHook, StructBuilder, StructListBuilder } from "vatlet/runtime";
import {
	CALL,
	DESCRIPTOR,
	DISEMBARGO,
	FINISH,
	PAYLOAD,
	RELEASE,
	RESOLVE,
	RETURN,
	Tag,
	TARGET,
} from "../../src/rpc/schema.js";
import { answer, capIn, pair, TestServer } from "./pair.js";

/** A frame with `tag`, whose body is built by hand. */
function frame(tag: number, dataWords: number, pointers: number, build: (body: StructBuilder) => void): Uint8Array {
	const made = new MessagePool().take()!;
	made.initRoot(root, 1, 1).putUint16(0, tag);
	build(root.newStruct(0, dataWords, pointers, new StructBuilder()));
	const bytes = made.toBytes();
	made.release();
	return bytes;
}
const root = new StructBuilder();

/** A Call of method `method` to export `target`, bringing `exports` capabilities. */
function callFrame(question: number, target: number, exports = 0, method = 0, text = ""): Uint8Array {
	return frame(Tag.CALL, 3, 3, (body) => {
		body.putUint32(CALL.QUESTION_ID, question);
		body.putUint64Halves(CALL.INTERFACE_ID, 1, 0);
		body.putUint16(CALL.METHOD_ID, method);
		body.newStruct(CALL.TARGET, 1, 1, new StructBuilder()).putUint32(TARGET.IMPORTED_CAP, target);
		const payload = body.newStruct(CALL.PARAMS, 0, 2, new StructBuilder());
		payload.newStruct(PAYLOAD.CONTENT, 1, 2, new StructBuilder());
		if (text !== "") payload.newStruct(PAYLOAD.CONTENT, 1, 2, new StructBuilder()).putText(0, text);
		const table = payload.newStructList(PAYLOAD.CAP_TABLE, exports, 1, 1, new StructListBuilder());
		for (let i = 0; i < exports; i++) {
			const descriptor = table.edit(i, new StructBuilder());
			descriptor.putUint16(DESCRIPTOR.WHICH, 1);
			descriptor.putUint32(DESCRIPTOR.ID, question * 1000 + i);
		}
	});
}

const finish = (id: number) => frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, id));
const release = (id: number, count: number) =>
	frame(Tag.RELEASE, 1, 0, (body) => {
		body.putUint32(RELEASE.ID, id);
		body.putUint32(RELEASE.COUNT, count);
	});

/** A pair whose client is played by hand; the server's capability is export 0. */
function attacked(server: TestServer, limits = {}, pools = {}) {
	const p = pair(server, null, { limits, pools });
	const hook = p.root();
	return {
		p,
		hook,
		victim: p.server,
		/** What the victim sent meanwhile. */
		replies(): string[] {
			p.server.outbox.length = 0;
			return p.server.sentLines.splice(0);
		},
		/** The peer leaves; nothing may stay. */
		end(): void {
			p.server.connection.disconnected();
			p.client.connection.disconnected();
			for (const side of [p.client, p.server]) side.outbox.length = side.sentLines.length = 0;
			p.server.thrown = null;
			hook.release();
			p.end();
		},
	};
}

const PROTOCOL_ERRORS: [string, (a: ReturnType<typeof attacked>) => Uint8Array[], RegExp][] = [
	["a question id twice", () => [callFrame(7, 0), callFrame(7, 0)], /question 7 is in use/],
	["a call on an unknown export", () => [callFrame(1, 99)], /unknown export 99/],
	["a release of an unknown export", () => [release(5, 1)], /unknown export 5/],
	["a release of zero", () => [release(0, 0)], /by 0 of 1/],
	["a release of too many", () => [release(0, 2)], /by 2 of 1/],
	[
		"a return for no question",
		() => [frame(Tag.RETURN, 2, 1, (body) => body.putUint32(RETURN.ANSWER_ID, 3))],
		/no question/,
	],
	[
		"a disembargo for no embargo",
		() => [frame(Tag.DISEMBARGO, 1, 1, (body) => body.putUint16(DISEMBARGO.CONTEXT, 1))],
		/unknown embargo/,
	],
	[
		"a disembargo of what is not the sender's",
		() => [frame(Tag.DISEMBARGO, 1, 1, (body) => void body.newStruct(0, 1, 1, new StructBuilder()))],
		/not the sender's/,
	],
	[
		"a call of a target of unknown kind",
		() => [frame(Tag.CALL, 3, 3, (body) => body.newStruct(0, 1, 1, new StructBuilder()).putUint16(TARGET.WHICH, 9))],
		/unknown kind/,
	],
	[
		"results taken from a question that has none",
		() => [
			frame(Tag.RETURN, 2, 1, (body) => {
				body.putUint16(RETURN.WHICH, 4);
			}),
		],
		/no question/,
	],
	[
		"a pointer out of bounds",
		() => {
			const bytes = callFrame(1, 0);
			bytes[8] = 0xfc;
			bytes[9] = 0xff;
			return [bytes];
		},
		/outside/,
	],
	[
		"a struct where a list should be",
		() => {
			const bytes = callFrame(1, 0, 1);
			return [bytes.map((byte, i) => (i === 8 + 12 * 8 ? byte & ~3 : byte))];
		},
		/./,
	],
];

describe("a hostile peer", () => {
	for (const [name, frames, reason] of PROTOCOL_ERRORS) {
		it(name + " ends the connection with one Abort that says why", () => {
			const calls: Call[] = [];
			const a = attacked(
				new TestServer((call) => {
					calls.push(call);
				}),
			);
			for (const bytes of frames(a)) a.victim.receive(bytes);
			const aborts = a.replies().filter((line) => line.startsWith("abort"));
			expect(aborts.length).toBe(1);
			expect(aborts[0]).toMatch(reason);
			expect(a.victim.shutDown).toBe(true);
			for (const call of calls) answer(call, 0);
			a.end();
		});
	}

	it("calls without end and never finishes: overloaded beyond its budget, the rest is served", () => {
		const calls: Call[] = [];
		const a = attacked(
			new TestServer((call) => {
				calls.push(call);
			}),
			{ answers: 16 },
		);
		for (let i = 0; i < 1000; i++) a.victim.receive(callFrame(i, 0));
		expect(calls.length).toBe(16);
		expect(a.replies().filter((line) => line.includes("overloaded")).length).toBe(984);
		expect(a.victim.pools.messages.used).toBeLessThan(40);
		for (const call of calls) answer(call, 0);
		a.victim.receive(callFrame(2000, 0));
		expect(calls.length).toBe(17);
		answer(calls[16]!, 0);
		a.end();
	});

	it("never finishes results with capabilities: they count until it does", () => {
		const cap = new TestServer();
		const a = attacked(new TestServer((call) => answer(call, 0, cap.hook)), { answers: 4 });
		for (let i = 0; i < 10; i++) a.victim.receive(callFrame(i, 0));
		expect(a.replies().filter((line) => line.includes("results")).length).toBe(4);
		a.victim.receive(finish(0));
		a.victim.receive(callFrame(50, 0));
		expect(a.replies()[0]).toMatch(/^return #50 results/);
		a.end();
		expect(cap.hook.refs).toBe(0);
	});

	it("sends more capabilities than fit: refused, and told to release them itself", () => {
		const a = attacked(
			new TestServer((call) => {
				answer(call, 0);
			}),
			{ imports: 8 },
		);
		a.victim.receive(callFrame(1, 0, 9));
		expect(a.replies()).toEqual(["return #1 overloaded: Overloaded, no finish, release params"]);
		a.victim.receive(callFrame(2, 0, 8));
		expect(a.replies().length).toBe(9);
		a.end();
	});

	it("keeps words in flight: overloaded, nothing of it stays", () => {
		const calls: Call[] = [];
		const a = attacked(
			new TestServer((call) => {
				calls.push(call);
			}),
			{ wordsInFlight: 200 },
		);
		for (let i = 0; i < 50; i++) a.victim.receive(callFrame(i, 0, 0, 0, "x".repeat(400)));
		expect(calls.length).toBe(2);
		for (const call of calls) answer(call, 0);
		a.victim.receive(callFrame(99, 0));
		expect(calls.length).toBe(3);
		answer(calls[2]!, 0);
		a.end();
	});

	it("makes us answer and does not read: cut off when the small messages run out, nobody else notices", () => {
		const a = attacked(new TestServer(), { control: 32, answers: 4 }, { messages: { messages: 8 } });
		// Nothing is given back: as if the socket were full.
		const stuck: unknown[] = [];
		a.victim.send = (message) => {
			stuck.push(message);
			a.victim.sentLines.push("");
		};
		for (let i = 0; i < 1000 && a.victim.connection.ended === null; i++) a.victim.receive(callFrame(i, 0, 0, 77));
		expect(a.victim.connection.ended!.reason).toContain("does not read");
		expect(stuck.length).toBeLessThan(60);
		for (const message of stuck) (message as Message).release();
		a.end();
	});

	it("pipelines in a circle: the calls fail", () => {
		const calls: Call[] = [];
		const a = attacked(
			new TestServer((call) => {
				calls.push(call);
			}),
		);
		a.victim.receive(callFrame(1, 0));
		// A call on its own future results.
		a.victim.receive(
			frame(Tag.CALL, 3, 3, (body) => {
				body.putUint32(CALL.QUESTION_ID, 2);
				const target = body.newStruct(CALL.TARGET, 1, 1, new StructBuilder());
				target.putUint16(TARGET.WHICH, 1);
				target.newStruct(0, 1, 1, new StructBuilder()).putUint32(0, 2);
			}),
		);
		expect(a.replies()[0]).toMatch(/^return #2 failed/);
		answer(calls[0]!, 0);
		a.end();
	});

	it("resolves a promise to itself, and twice", () => {
		let kept: ReturnType<typeof capIn> | null = null;
		const a = attacked(
			new TestServer((call) => {
				kept = capIn(call, 0);
				answer(call, 0);
			}),
		);
		a.victim.receive(
			frame(Tag.CALL, 3, 3, (body) => {
				body.putUint32(CALL.QUESTION_ID, 1);
				body.putUint64Halves(CALL.INTERFACE_ID, 1, 0);
				body.newStruct(CALL.TARGET, 1, 1, new StructBuilder());
				const payload = body.newStruct(CALL.PARAMS, 0, 2, new StructBuilder());
				const content = payload.newStruct(PAYLOAD.CONTENT, 1, 2, new StructBuilder());
				content.at.view.setUint32(content.at.data + 8, 3, true);
				const descriptor = payload
					.newStructList(PAYLOAD.CAP_TABLE, 1, 1, 1, new StructListBuilder())
					.edit(0, new StructBuilder());
				descriptor.putUint16(DESCRIPTOR.WHICH, 2);
				descriptor.putUint32(DESCRIPTOR.ID, 9);
			}),
		);
		const resolve = frame(Tag.RESOLVE, 1, 1, (body) => {
			body.putUint32(RESOLVE.PROMISE_ID, 9);
			const descriptor = body.newStruct(RESOLVE.CONTENT, 1, 1, new StructBuilder());
			descriptor.putUint16(DESCRIPTOR.WHICH, 2);
			descriptor.putUint32(DESCRIPTOR.ID, 9);
		});
		a.victim.receive(resolve);
		expect(kept!.resolved().broken!.reason).toBe("Promise resolves to itself");
		a.victim.receive(resolve);
		expect(a.victim.connection.ended!.reason).toMatch(/resolved twice/);
		kept!.release();
		a.end();
	});

	it("sends what nobody understands: echoed once, never in a loop", () => {
		const a = attacked(new TestServer());
		a.victim.receive(frame(12, 1, 1, (body) => body.putUint32(0, 1)));
		expect(a.replies()).toEqual(["unimplemented (message of kind 12)"]);
		const echo = a.p.client.pools.messages.take()!;
		echo.initRoot(root, 1, 1).putUint16(0, Tag.UNIMPLEMENTED);
		root.newStruct(0, 1, 1, new StructBuilder()).putUint16(0, Tag.UNIMPLEMENTED);
		const bytes = echo.toBytes();
		echo.release();
		a.victim.receive(bytes);
		expect(a.replies()).toEqual([]);
		expect(a.victim.connection.ended).toBeNull();
		a.end();
	});

	it("vanishes with every table populated: all is given back", () => {
		const calls: Call[] = [];
		let theirs: ReturnType<typeof capIn> | null = null;
		const p = pair(
			new TestServer(
				(call) => {
					calls.push(call);
				},
				(call) => {
					theirs = capIn(call, 0);
					answer(call, 0);
				},
				(call) => answer(call, 0, promise),
			),
		);
		const promise = new PromiseHook();
		const mine = new TestServer();
		const hook = p.root();
		const hanging = p.client.call(hook, 0);
		p.client.call(hook, 1, 0, mine.hook);
		const promised = p.client.call(hook, 2);
		p.settle();
		const onPromise = p.client.call(promised.caps[0]!, 0);
		p.server.takeAll();
		const back = p.server.call(theirs!, 0);
		p.client.connection.disconnected();
		p.server.connection.disconnected();
		for (const side of [p.client, p.server]) side.outbox.length = side.sentLines.length = 0;
		for (const outcome of [hanging, onPromise, back]) expect(outcome.exception!.reason).toBe("Connection closed");
		expect(calls[0]!.canceled).toBe(true);
		expect(mine.releases).toBe(1);
		answer(calls[0]!, 0);
		p.server.pools.nullHook.addRef();
		promise.resolve(p.server.pools.nullHook);
		theirs!.release();
		promised.caps[0]!.release();
		promise.release();
		hook.release();
		p.end();
	});
});
