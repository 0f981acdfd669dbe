import { BrokenHook, type Call, Exception, ExceptionType, type Hook, PromiseHook } from "vatlet/runtime";
import { line } from "./line.js";
import { answer, capIn, field, numberIn, pair, TestServer } from "./pair.js";

/** Logs the numbers it is called with. */
function logger(log: number[]): TestServer {
	return new TestServer((call) => {
		log.push(numberIn(call));
		answer(call, 0);
	});
}

/** Method 0 echoes a capability, method 1 keeps it, method 2 waits for `running` to be answered. */
class Echo extends TestServer {
	kept: Hook | null = null;
	running: Call | null = null;
	constructor() {
		super(
			(call) => {
				const hook = capIn(call, 0);
				answer(call, 0, hook);
				hook.release();
			},
			(call) => {
				this.kept = capIn(call, 0);
				answer(call, 0);
			},
			(call) => {
				this.running = call;
			},
		);
	}
	/** Answers the waiting call with what was kept. */
	answerKept(): void {
		answer(this.running!, 0, this.kept);
		this.kept!.release();
	}
}

const broken = (reason: string) => new BrokenHook(new Exception(ExceptionType.FAILED, reason));

describe("embargoes one after the other", () => {
	it("an answer that resolves to a promised answer of ours", () => {
		const log: number[] = [];
		const inner = logger(log);
		const mine = new Echo();
		const p = pair(
			new TestServer((call) => {
				const target = capIn(call, 0);
				const asked = p.server.hold(target, 2).call;
				const promised = field(asked, 0);
				answer(call, 0, promised);
				for (const thing of [promised, asked, target]) thing.release();
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 0, mine.hook);
		const got = field(call, 0);
		p.client.call(got, 0, 1);
		p.server.take("call #0 on 0 1.0 [hosted 0]");
		p.server.take("call #1 on #0.0");
		p.client.take("call #0 on 0 1.2");
		p.client.take("return #0 results [your answer #0.0]");
		p.client.call(got, 0, 2);
		p.client.take("release 0 × 1");
		p.server.take("disembargo sender 0 on #0.0");
		p.client.take("call #1 on #0.0 1.0 results to yourself");
		p.client.take("return #1 take from #1");
		p.client.take("disembargo receiver 0 on #0.0");
		expect(log).toEqual([]);
		answer(mine.running!, 0, inner.hook);
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

	it("an answer, then a promise of the peer, then our capability", () => {
		const log: number[] = [];
		const local = logger(log);
		const echo = new Echo();
		const p = pair(echo);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 2);
		const got = field(call, 0);
		p.client.call(root, 1, 0, local.hook);
		p.client.call(got, 0, 1);
		p.server.take("call #0 on 0 1.2");
		p.server.take("call #1 on 0 1.1");
		p.server.take("call #2 on #0.0");
		const promise = new PromiseHook();
		answer(echo.running!, 0, promise);
		p.client.take("return #1");
		p.client.take("return #0 results [promise 1]");
		p.client.call(got, 0, 2);
		p.server.take("call #1 on 1 1.0");
		promise.resolve(echo.kept!);
		promise.release();
		p.client.take("call #0 on 0 1.0 results to yourself");
		p.client.take("return #2 take from #0");
		p.client.take("call #1 on 0 1.0 results to yourself");
		p.client.take("return #1 take from #1");
		p.client.take("resolve 1 to yours 0");
		p.client.call(got, 0, 3);
		expect(log).toEqual([1, 2]);
		p.settle();
		expect(log).toEqual([1, 2, 3]);
		p.client.call(got, 0, 4);
		expect(log).toEqual([1, 2, 3, 4]);
		for (const hook of outcome.caps) hook.release();
		got.release();
		call.release();
		root.release();
		p.end();
		expect(local.hook.refs).toBe(0);
	});

	it("an answer of ours becomes the peer's capability while its calls bounce", () => {
		const log: number[] = [];
		const mine = new Echo();
		const echo = new Echo();
		const target = logger(log);
		const p = pair(echo);
		const root = p.root();
		p.client.call(root, 1, 0, mine.hook);
		p.server.take("call #0 on 0 1.1 [hosted 0]");
		p.client.take("return #0");
		const { call, outcome } = p.server.hold(echo.kept!, 2);
		const got = field(call, 0);
		p.server.call(got, 0, 1);
		p.server.call(echo.kept!, 1, 0, target.hook);
		p.client.take("call #0 on 0 1.2");
		p.client.take("call #1 on #0.0");
		p.client.take("call #2 on 0 1.1 [hosted 1]");
		mine.answerKept();
		p.server.take("return #2");
		p.server.take("call #0 on 1 1.0 results to yourself");
		p.server.take("return #1 take from #0");
		p.server.take("return #0 results [yours 1]");
		p.server.call(got, 0, 2);
		expect(log).toEqual([1]);
		p.client.take("return #0 sent elsewhere");
		p.client.take("finish #1");
		p.client.take("disembargo sender 0 on #0.0");
		p.server.take("finish #0 release results");
		expect(log).toEqual([1]);
		p.server.take("disembargo receiver 0 on 1");
		expect(log).toEqual([1, 2]);
		p.settle();
		expect(log).toEqual([1, 2]);
		for (const hook of outcome.caps) hook.release();
		got.release();
		call.release();
		echo.kept!.release();
		root.release();
		p.end();
		expect(target.hook.refs).toBe(0);
	});

	it("a promise that switches: ours, then the peer's, then another of the peer's, then our capability", () => {
		const log: number[] = [];
		const local = logger(log);
		const echo = new Echo();
		const p = pair(echo);
		const root = p.root();
		const mine = new PromiseHook();
		p.client.call(mine, 0, 1);
		const { call, outcome } = p.client.hold(root, 2);
		const got = field(call, 0);
		p.client.call(root, 1, 0, local.hook);
		mine.resolve(got);
		p.client.call(mine, 0, 2);
		p.server.take("call #0 on 0 1.2");
		p.server.take("call #1 on 0 1.1");
		p.server.take("call #2 on #0.0 1.0");
		p.server.take("call #3 on #0.0 1.0");
		const first = new PromiseHook();
		const second = new PromiseHook();
		answer(echo.running!, 0, first);
		second.addRef();
		first.resolve(second);
		p.client.take("return #1");
		p.client.take("return #0 results [promise 1]");
		p.client.call(mine, 0, 3);
		p.server.takeAll();
		second.resolve(echo.kept!);
		expect(log).toEqual([]);
		p.client.takeAll();
		p.client.call(mine, 0, 4);
		p.settle();
		p.client.call(mine, 0, 5);
		expect(log).toEqual([1, 2, 3, 4, 5]);
		for (const hook of [...outcome.caps, first, second, mine]) hook.release();
		call.release();
		root.release();
		p.end();
		expect(local.hook.refs).toBe(0);
	});

	it("two chained disembargoes: one goes back only when the one before it has", () => {
		const log: number[] = [];
		const target = logger(log);
		const echo = new Echo();
		const mine = new Echo();
		const p = pair(echo);
		const root = p.root();
		p.client.call(root, 1, 0, mine.hook);
		p.server.take("call #0 on 0 1.1 [hosted 0]");
		p.client.take("return #0");
		// The server asks us, and answers our question with what it asked for.
		const asked = p.server.hold(echo.kept!, 2);
		const promised = field(asked.call, 0);
		const { call, outcome } = p.client.hold(root, 2);
		const got = field(call, 0);
		p.client.call(got, 0, 1);
		p.server.take("call #0 on 0 1.2");
		p.server.take("call #1 on #0.0");
		answer(echo.running!, 0, promised);
		p.client.take("call #0 on 0 1.2");
		p.client.take("call #1 on #0.0 1.0 results to yourself");
		p.client.take("return #1 take from #1");
		p.client.take("return #0 results [your answer #0.0]");
		// Ours to them, which waits there: they have an embargo of their own by then.
		p.client.call(got, 0, 2);
		p.server.call(echo.kept!, 1, 0, target.hook);
		p.client.take("call #2 on 0 1.1 [hosted 1]");
		mine.answerKept();
		expect(p.client.sentLines.filter((sent) => sent.startsWith("disembargo"))).toEqual(["disembargo sender 0 on #0.0"]);
		const theirs = () => p.server.sentLines.filter((sent) => sent.startsWith("disembargo"));
		while (p.client.sentLines.length > 0 && theirs().length === 0) p.server.take("");
		expect(theirs().length).toBe(1);
		p.settle();
		expect(log).toEqual([1, 2]);
		p.client.call(got, 0, 3);
		p.settle();
		expect(log).toEqual([1, 2, 3]);
		for (const hook of [...outcome.caps, ...asked.outcome.caps]) hook.release();
		for (const thing of [got, call, promised, asked.call, echo.kept!, root]) thing.release();
		p.end();
		expect(target.hook.refs).toBe(0);
	});

	it("a question that was answered before the pipelined call and the disembargo came", () => {
		const log: number[] = [];
		const local = logger(log);
		const p = pair(new Echo());
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 0, local.hook);
		const got = field(call, 0);
		p.server.take("call #0");
		p.client.call(got, 0, 1);
		p.client.take("return #0 results [yours 0]");
		p.client.call(got, 0, 2);
		p.server.take("call #1 on #0.0");
		p.server.take("disembargo sender 0 on #0.0");
		p.client.take("call #0 on 0 1.0 results to yourself");
		p.client.take("return #1 take from #0");
		p.client.take("disembargo receiver 0 on 0");
		expect(log).toEqual([1, 2]);
		for (const hook of outcome.caps) hook.release();
		for (const thing of [got, call, root]) thing.release();
		p.end();
		expect(local.hook.refs).toBe(0);
	});

	it("the target breaks while the disembargo is on its way: every call fails, in order", () => {
		const log: string[] = [];
		const mine = new PromiseHook();
		const p = pair(new Echo());
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0, 0, mine);
		const got = field(call, 0);
		const told = (name: string) => ({ returned: () => {}, failed: () => void log.push(name) });
		p.client.start(got, 0, 1).send(told("first"));
		p.server.take("call #0 on 0 1.0 [promise 0]");
		p.server.take("call #1 on #0.0");
		p.client.take("return #0 results [yours 0]");
		p.client.start(got, 0, 2).send(told("second"));
		mine.resolve(broken("gone"));
		p.server.take("disembargo sender 0");
		p.server.take("resolve 0 to failed: gone");
		p.client.take("call #0 on 0 1.0");
		p.client.take("return #1 take from #0");
		p.client.take("disembargo receiver 0 on 0");
		expect(log).toEqual(["first", "second"]);
		for (const hook of outcome.caps) hook.release();
		for (const thing of [got, call, mine, root]) thing.release();
		p.end();
	});

	it("a capability that breaks after it was exported: calls and the disembargo find it broken", () => {
		const l = line(new TestServer((call) => answer(call, 0)));
		const root = l.root();
		l.far.connection.disconnected();
		l.server.connection.disconnected();
		const outcome = l.client.call(root);
		l.near.take("call #0 on 0");
		l.client.take("return #0 disconnected: Connection closed");
		expect(outcome.exception!.type).toBe(ExceptionType.DISCONNECTED);
		root.release();
		l.end();
	});

	it("crossed answers: three promises, each the answer of the next, two of them the peer's", () => {
		const log: number[] = [];
		const target = logger(log);
		const echo = new Echo();
		const mine = new Echo();
		const p = pair(echo);
		const root = p.root();
		p.client.call(root, 1, 0, mine.hook);
		p.settle();
		const first = p.client.hold(root, 2);
		const got = field(first.call, 0);
		p.client.call(got, 0, 1);
		const second = p.server.hold(echo.kept!, 2);
		const between = field(second.call, 0);
		const third = p.client.hold(root, 0, 0, target.hook);
		const last = field(third.call, 0);
		p.server.take("call #0 on 0 1.2");
		p.server.take("call #1 on #0.0");
		answer(echo.running!, 0, between);
		p.client.take("call #0 on 0 1.2");
		answer(mine.running!, 0, last);
		p.client.call(got, 0, 2);
		p.server.take("call #2 on 0 1.0 [hosted 1]");
		p.server.take("return #0 results [your answer #2.0]");
		p.client.take("call #1 on #0.0");
		p.client.take("return #1 take from #1");
		p.client.take("return #0 results [your answer #0.0]");
		p.client.call(got, 0, 3);
		p.settle();
		p.client.call(got, 0, 4);
		p.settle();
		expect(log).toEqual([1, 2, 3, 4]);
		for (const { call, outcome } of [first, second, third]) {
			for (const hook of outcome.caps) hook.release();
			call.release();
		}
		for (const thing of [got, between, last, echo.kept!, root]) thing.release();
		p.end();
		expect(target.hook.refs).toBe(0);
	});

	it("two hops: a proxy embargoes what its client embargoes too", () => {
		const log: number[] = [];
		const local = logger(log);
		const l = line(new Echo());
		const root = l.root();
		const { call, outcome } = l.client.hold(root, 0, 0, local.hook);
		const got = field(call, 0);
		l.client.call(got, 0, 1);
		l.near.take("call #0 on 0 1.0 [hosted 0]");
		l.near.take("call #1 on #0.0");
		l.server.take("call #0 on 0 1.0 [hosted 0]");
		l.server.take("call #1 on #0.0");
		l.far.take("return #0 results [yours 0]");
		// The proxy has an embargo; its client does not know yet.
		expect(l.far.sentLines).toContain("disembargo sender 0 on #0.0");
		l.client.takeAll();
		l.client.call(got, 0, 2);
		l.near.takeAll();
		expect(log).toEqual([]);
		l.settle();
		expect(log).toEqual([1, 2]);
		l.client.call(got, 0, 3);
		l.settle();
		expect(log).toEqual([1, 2, 3]);
		for (const hook of outcome.caps) hook.release();
		for (const thing of [got, call, root]) thing.release();
		l.end();
		expect(local.hook.refs).toBe(0);
	});
});
