import { type Call, type Hook, type Message, PromiseHook, StructBuilder } from "vatlet/runtime";
import { DescriptorTag, PAYLOAD, RETURN, ReturnTag, SendResultsTo, Tag } from "../../src/rpc/schema.js";
import { attacked } from "./attacked.js";
import { callFrame, disembargoFrame, finishFrame, frame, plainCall, resolveFrame } from "./frames.js";
import { answer, capIn, pair, TestServer } from "./pair.js";

const root = new StructBuilder();
/** Calls in a row by default. */
const DEPTH = 64;

describe("a hostile peer", () => {
	it("calls without end and never finishes: overloaded beyond its budget, the rest is served", () => {
		const calls: Call[] = [];
		const a = attacked(
			new TestServer((call) => {
				calls.push(call);
			}),
			{ answers: 16 },
		);
		for (let i = 0; i < 1000; i++) a.victim.receive(plainCall(i, 0));
		expect(calls.length).toBe(16);
		expect(a.replies().filter((line) => line.includes("overloaded")).length).toBe(984);
		expect(a.victim.pools.messages.used).toBeLessThan(40);
		for (const call of calls) answer(call, 0);
		a.victim.receive(plainCall(2000, 0));
		expect(calls.length).toBe(17);
		answer(calls[16]!, 0);
		a.end();
	});

	it("never finishes results with capabilities: they count until it does", () => {
		const cap = new TestServer();
		const a = attacked(new TestServer((call) => answer(call, 0, cap.hook)), { answers: 4 });
		for (let i = 0; i < 10; i++) a.victim.receive(plainCall(i, 0));
		expect(a.replies().filter((line) => line.includes("results")).length).toBe(4);
		a.victim.receive(finishFrame(0));
		a.victim.receive(plainCall(50, 0));
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
		a.victim.receive(plainCall(1, 0, 9));
		expect(a.replies()).toEqual(["return #1 overloaded: Overloaded, no finish, release params"]);
		a.victim.receive(plainCall(2, 0, 8));
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
		for (let i = 0; i < 50; i++) a.victim.receive(plainCall(i, 0, 0, 0, "x".repeat(400)));
		expect(calls.length).toBe(2);
		for (const call of calls) answer(call, 0);
		a.victim.receive(plainCall(99, 0));
		expect(calls.length).toBe(3);
		answer(calls[2]!, 0);
		a.end();
	});

	it("has us give it more capabilities than it may hold: overloaded instead, until it lets go", () => {
		const a = attacked(new TestServer((call) => answer(call, 0, new TestServer().hook)), { exports: 4 });
		// The root is one.
		for (let i = 1; i <= 5; i++) a.victim.receive(plainCall(i, 0));
		expect(a.replies().map((line) => line.slice(0, 20))).toEqual([
			"return #1 results [h",
			"return #2 results [h",
			"return #3 results [h",
			"return #4 overloaded",
			"return #5 overloaded",
		]);
		a.victim.receive(finishFrame(1));
		a.victim.receive(plainCall(6, 0));
		expect(a.replies().map((line) => line.slice(0, 17))).toEqual(["return #6 results"]);
		a.end();
	});

	it("leaves unread what was written: its calls are answered overloaded and ours to it fail, until it reads", () => {
		const kept: Hook[] = [];
		const a = attacked(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 1);
			}),
			{ queuedWords: 100 },
		);
		a.victim.receive(plainCall(1, 0, 1));
		a.replies();
		a.victim.queuedWords = 101;
		a.victim.receive(plainCall(2, 0, 1));
		expect(a.replies()).toEqual(["return #2 overloaded: Overloaded, no finish, release params"]);
		expect(a.victim.call(kept[0]!).exception!.reason).toBe("Overloaded");
		a.victim.queuedWords = 100;
		a.victim.call(kept[0]!);
		a.victim.receive(plainCall(3, 0, 1));
		expect(a.replies().map((line) => line.slice(0, 17))).toEqual(["call #0 on 1000 1", "return #3 results"]);
		for (const hook of kept) hook.release();
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
		for (let i = 0; i < 1000 && a.victim.connection.ended === null; i++) a.victim.receive(plainCall(i, 0, 0, 77));
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
		a.victim.receive(plainCall(1, 0));
		// A call on its own future results.
		a.victim.receive(callFrame({ question: 2, on: [2] }));
		expect(a.replies()[0]).toMatch(/^return #2 failed/);
		answer(calls[0]!, 0);
		a.end();
	});

	for (const leaves of [false, true])
		it(
			"pipelines deeper than the stack is: overloaded beyond what may wait in a row, whether the first one returns or the peer leaves" +
				(leaves ? " before" : ""),
			() => {
				const calls: Call[] = [];
				let served = 0;
				const server: TestServer = new TestServer(
					(call) => void calls.push(call),
					(call) => {
						served++;
						answer(call, 0, server.hook);
					},
				);
				const a = attacked(server);
				a.victim.receive(plainCall(0, 0));
				for (let i = 1; i < 4000; i++) a.victim.receive(callFrame({ question: i, method: 1, on: [i - 1, 0] }));
				if (!leaves) {
					answer(calls.pop()!, 0, server.hook);
					expect(served).toBe(DEPTH - 1);
					expect(a.replies().length).toBe(4000);
				}
				a.victim.connection.disconnected();
				if (leaves) answer(calls.pop()!, 0);
				a.end();
			},
		);

	for (const upwards of [false, true])
		it(`has results taken from each other in a row deeper than the stack, the ${upwards ? "last" : "first"} ones first: overloaded beyond what may wait`, () => {
			const count = 2000;
			const a = attacked(
				new TestServer((call) => {
					const given = capIn(call, 0);
					answer(call, 0, given);
					given.release();
				}),
			);
			a.victim.receive(callFrame({ question: 0, caps: [[DescriptorTag.SENDER_HOSTED, 5]] }));
			a.replies();
			for (let i = 1; i <= count; i++) {
				const bytes = callFrame({ question: i, on: [0, 0] });
				new DataView(bytes.buffer, bytes.byteOffset).setUint16(38, SendResultsTo.YOURSELF, true);
				a.victim.receive(bytes);
			}
			// They came back to the peer, whose they are.
			const questions = a.replies().map((line) => Number(/^call #(\d+) on 5/.exec(line)![1]));
			expect(questions.length).toBe(count);
			const back = (i: number, which: number, other = 0): void =>
				a.victim.receive(
					frame(Tag.RETURN, 2, 1, (body) => {
						body.putUint32(RETURN.ANSWER_ID, questions[i - 1]!);
						body.putUint16(RETURN.WHICH, which);
						body.putUint32(RETURN.OTHER_QUESTION, other);
					}),
				);
			for (let k = 1; k < count; k++) {
				const i = upwards ? count - k : k;
				back(i, ReturnTag.TAKE_FROM_OTHER, i + 1);
			}
			back(count, ReturnTag.CANCELED);
			expect(a.victim.thrown).toBeNull();
			expect(a.victim.connection.ended).toBeNull();
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
		a.victim.receive(callFrame({ question: 1, caps: [[DescriptorTag.SENDER_PROMISE, 9]] }));
		const resolve = resolveFrame(9, DescriptorTag.SENDER_PROMISE, 9);
		a.victim.receive(resolve);
		expect(kept!.resolved().broken!.reason).toBe("Promise resolves to itself");
		a.victim.receive(resolve);
		expect(a.victim.connection.ended!.reason).toMatch(/resolved twice/);
		kept!.release();
		a.end();
	});

	it("resolves two promises to each other: both break, and calls on them fail", () => {
		const kept: Hook[] = [];
		const a = attacked(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 0);
			}),
		);
		for (const id of [9, 10]) a.victim.receive(callFrame({ question: id, caps: [[DescriptorTag.SENDER_PROMISE, id]] }));
		a.victim.receive(resolveFrame(9, DescriptorTag.SENDER_PROMISE, 10));
		a.victim.receive(resolveFrame(10, DescriptorTag.SENDER_PROMISE, 9));
		for (const hook of kept) {
			expect(a.victim.call(hook).exception!.reason).toBe("Promise resolves to itself");
			hook.release();
		}
		expect(a.victim.connection.ended).toBeNull();
		a.end();
	});

	it("asks for a service by an id that is no text: told so, and the connection goes on", () => {
		const a = attacked(new TestServer((call) => answer(call, 1)));
		a.victim.receive(
			frame(Tag.BOOTSTRAP, 1, 1, (body, part) => {
				body.putUint32(0, 7);
				body.newStruct(0, 1, 0, part).putUint32(0, 1);
			}),
		);
		expect(a.replies()).toEqual(["return #7 failed: Unknown persistent service ID: those of this vat are Text"]);
		a.victim.receive(plainCall(8, 0));
		expect(a.replies().length).toBe(1);
		a.end();
	});

	it("resolves what was never promised: what that brings is given back", () => {
		const a = attacked(new TestServer());
		a.victim.receive(resolveFrame(44, DescriptorTag.SENDER_HOSTED, 45));
		expect(a.replies()).toEqual(["release 45 × 1"]);
		a.end();
	});

	it("resolves a capability that is no promise: that ends the connection", () => {
		const kept: Hook[] = [];
		const a = attacked(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 0);
			}),
		);
		a.victim.receive(callFrame({ question: 1, caps: [[DescriptorTag.SENDER_HOSTED, 9]] }));
		a.victim.receive(resolveFrame(9, DescriptorTag.SENDER_HOSTED, 10));
		expect(a.victim.connection.ended!.reason).toMatch(/resolved twice, or no promise/);
		kept[0]!.release();
		a.end();
	});

	it("returns twice, or results that were to stay with it: that ends the connection", () => {
		for (const twice of [true, false]) {
			const kept: Hook[] = [];
			const a = attacked(
				new TestServer(
					(call) => {
						kept.push(capIn(call, 0));
						answer(call, 0);
					},
					(call) => call.tailCall(a.victim.start(kept[0]!)),
				),
			);
			a.victim.receive(callFrame({ question: 1, caps: [[DescriptorTag.SENDER_HOSTED, 9]] }));
			const returned = frame(Tag.RETURN, 2, 1, (body) => {
				body.putUint32(RETURN.ANSWER_ID, 0);
				body.putUint16(RETURN.WHICH, ReturnTag.RESULTS);
				body.newStruct(RETURN.CONTENT, 0, 2, new StructBuilder()).newStruct(PAYLOAD.CONTENT, 1, 2, new StructBuilder());
			});
			if (twice) {
				const { call, outcome } = a.victim.hold(kept[0]!);
				a.victim.receive(returned);
				expect(outcome.number).toBe(0);
				a.victim.receive(returned);
				expect(a.victim.connection.ended!.reason).toMatch(/no question/);
				call.release();
			} else {
				a.victim.receive(plainCall(2, 0, 0, 1));
				a.victim.receive(returned);
				expect(a.victim.connection.ended!.reason).toMatch(/sent elsewhere/);
			}
			kept[0]!.release();
			a.end();
		}
	});

	it("takes results from a question that it did not send so: that ends the connection; from one that is gone: that call fails", () => {
		for (const gone of [true, false]) {
			const running: Call[] = [];
			const kept: Hook[] = [];
			const a = attacked(
				new TestServer(
					(call) => {
						kept.push(capIn(call, 0));
						answer(call, 0);
					},
					(call) => {
						running.push(call);
					},
				),
			);
			a.victim.receive(callFrame({ question: 1, caps: [[DescriptorTag.SENDER_HOSTED, 9]] }));
			const outcome = a.victim.call(kept[0]!);
			if (!gone) a.victim.receive(plainCall(2, 0, 0, 1));
			a.victim.receive(
				frame(Tag.RETURN, 2, 1, (body) => {
					body.putUint32(RETURN.ANSWER_ID, 0);
					body.putUint16(RETURN.WHICH, ReturnTag.TAKE_FROM_OTHER);
					body.putUint32(RETURN.OTHER_QUESTION, 2);
				}),
			);
			expect(outcome.told).toBe(1);
			if (gone) expect(a.victim.connection.ended).toBeNull();
			else expect(a.victim.connection.ended!.reason).toMatch(/none to take/);
			for (const call of running) answer(call, 0);
			kept[0]!.release();
			a.end();
		}
	});

	it("disembargoes what waits, again and again: cut off when no more can wait", () => {
		const calls: Call[] = [];
		const a = attacked(
			new TestServer((call) => {
				calls.push(call);
			}),
			{ embargoes: 4 },
		);
		a.victim.receive(plainCall(1, 0));
		for (let i = 0; i < 5; i++) a.victim.receive(disembargoFrame([1, 0]));
		expect(a.victim.connection.ended!.reason).toMatch(/more disembargoes than can wait/);
		answer(calls[0]!, 0);
		a.end();
	});

	it("has us call it back and never answers: our calls fail beyond what may be asked", () => {
		const kept: Hook[] = [];
		const a = attacked(
			new TestServer((call) => {
				kept.push(capIn(call, 0));
				answer(call, 0);
			}),
			{ questions: 4 },
		);
		a.victim.receive(callFrame({ question: 1, caps: [[DescriptorTag.SENDER_HOSTED, 9]] }));
		const outcomes = Array.from({ length: 10 }, () => a.victim.call(kept[0]!));
		expect(outcomes.filter(({ exception }) => exception?.reason === "Overloaded").length).toBe(6);
		kept[0]!.release();
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
