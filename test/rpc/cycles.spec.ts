import { type Call, type Hook, PromiseHook } from "vatlet/runtime";
import { BrokenHook } from "../../src/cap/broken.js";
import { NULL_CAPABILITY } from "../../src/cap/exception.js";
import { answer, capIn, field, pair, TestServer } from "./pair.js";

const CYCLE = "Promise resolves to itself";

/** Method 0 waits in `running`, method 1 keeps a capability, method 2 gives `given`. */
class Keeper extends TestServer {
	kept: Hook | null = null;
	running: Call | null = null;
	given: Hook | null = null;
	constructor() {
		super(
			(call) => {
				this.running = call;
			},
			(call) => {
				this.kept = capIn(call, 0);
				answer(call, 0);
			},
			(call) => answer(call, 0, this.given),
		);
	}
}

describe("cycles", () => {
	it("two promises of one vat that become each other break", () => {
		const p = pair(null);
		const a = new PromiseHook();
		const b = new PromiseHook();
		const waiting = p.client.call(a);
		b.addRef();
		a.resolve(b);
		a.addRef();
		b.resolve(a);
		expect(waiting.exception!.reason).toBe(CYCLE);
		expect(p.client.call(b).exception!.reason).toBe(CYCLE);
		a.release();
		b.release();
		p.end();
	});

	it("a field of results that is that field breaks", () => {
		const server = new Keeper();
		const p = pair(server);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0);
		const got = field(call, 0);
		p.client.call(root, 1, 0, got);
		p.server.take("call #");
		p.server.take("call #1 on 0 1.1 [your answer #0.0]");
		answer(server.running!, 0, server.kept);
		p.client.take("return #1");
		p.client.take("return #0 results [promise 1]");
		p.client.take("resolve 1 to failed: " + CYCLE);
		expect(p.client.call(got).exception!.reason).toBe(CYCLE);
		for (const thing of [server.kept!, got, ...outcome.caps, call, root]) thing.release();
		p.end();
	});

	it("a call that ends as a call on its own results fails", () => {
		const server = new Keeper();
		const p = pair(server);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0);
		const got = field(call, 0);
		p.client.call(root, 1, 0, got);
		p.settle();
		server.running!.tailCall(p.server.start(server.kept!));
		p.client.take("return #0 failed: " + CYCLE);
		expect(outcome.exception!.reason).toBe(CYCLE);
		for (const thing of [server.kept!, got, call, root]) thing.release();
		p.end();
	});

	it("results may hold one field in another", () => {
		const server = new Keeper();
		const target = new TestServer((call) => answer(call, 3));
		const p = pair(server);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0);
		const first = field(call, 0);
		const second = field(call, 1);
		p.client.call(root, 1, 0, second);
		const early = p.client.call(first);
		p.settle();
		answer(server.running!, 0, server.kept, target.hook);
		p.settle();
		expect(early.number).toBe(3);
		const late = p.client.call(first);
		p.settle();
		expect(late.number).toBe(3);
		for (const thing of [server.kept!, first, second, ...outcome.caps, call, root]) thing.release();
		p.end();
		expect(target.releases).toBe(1);
	});

	it("through a promise that was not known when the knot was tied", () => {
		const server = new Keeper();
		const p = pair(server);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0);
		const got = field(call, 0);
		p.client.call(root, 1, 0, got);
		p.settle();
		const blocker = new PromiseHook();
		answer(server.running!, 0, blocker);
		blocker.resolve(server.kept!);
		blocker.release();
		p.settle();
		expect(p.client.call(got).exception!.reason).toBe(CYCLE);
		for (const thing of [got, ...outcome.caps, call, root]) thing.release();
		p.end();
	});

	for (const used of [false, true])
		it(
			"two vats whose promises become each other at the same time: both break" +
				(used ? ", and so do the calls made before" : ""),
			() => {
				const server = new Keeper();
				const mine = new PromiseHook();
				const theirs = new PromiseHook();
				server.given = theirs;
				const p = pair(server);
				const root = p.root();
				const got = p.client.call(root, 2);
				p.client.call(root, 1, 0, mine);
				p.settle();
				const there = got.caps[0]!;
				const calls = used ? [p.client.call(there), p.server.call(server.kept!)] : [];
				there.addRef();
				mine.resolve(there);
				server.kept!.addRef();
				theirs.resolve(server.kept!);
				if (used) {
					p.server.take("call #");
					p.client.take("call #0 on 0 1.0");
				}
				p.server.take("resolve 0 to yours 1");
				p.client.take("resolve 1 to yours 0");
				p.settle();
				calls.push(p.client.call(mine), p.server.call(theirs), p.client.call(there));
				p.settle();
				for (const call of calls) expect(call.exception!.reason).toBe(CYCLE);
				for (const thing of [mine, there, theirs, server.kept!, root]) thing.release();
				p.end();
			},
		);

	it("two vats whose promises become each other, held by nobody else: both break and are gone", () => {
		const server = new Keeper();
		const mine = new PromiseHook();
		const theirs = new PromiseHook();
		server.given = theirs;
		const p = pair(server);
		const root = p.root();
		const got = p.client.call(root, 2);
		p.client.call(root, 1, 0, mine);
		p.settle();
		mine.resolve(got.caps[0]!);
		theirs.resolve(server.kept!);
		mine.release();
		theirs.release();
		p.settle();
		// What they were is used again.
		const next = new PromiseHook();
		server.given = next;
		const again = p.client.call(root, 2);
		p.settle();
		next.resolve(new BrokenHook(NULL_CAPABILITY));
		p.settle();
		expect(p.client.call(again.caps[0]!).exception!.reason).toBe(NULL_CAPABILITY.reason);
		for (const thing of [again.caps[0]!, next, root]) thing.release();
		p.end();
	});

	it("two promises of each of two vats, in a ring, with calls on their way: all break, nothing stays", () => {
		const server = new Keeper();
		const mine = [new PromiseHook(), new PromiseHook()];
		const theirs = [new PromiseHook(), new PromiseHook()];
		const p = pair(server);
		const root = p.root();
		const there: Hook[] = [];
		const back: Hook[] = [];
		for (let i = 0; i < 2; i++) {
			server.given = theirs[i]!;
			const got = p.client.call(root, 2);
			p.client.call(root, 1, 0, mine[i]!);
			p.settle();
			there.push(got.caps[0]!);
			back.push(server.kept!);
		}
		const calls = [...there.map((hook) => p.client.call(hook)), ...back.map((hook) => p.server.call(hook))];
		for (let i = 0; i < 2; i++) {
			there[i]!.addRef();
			mine[i]!.resolve(there[i]!);
			back[1 - i]!.addRef();
			theirs[i]!.resolve(back[1 - i]!);
		}
		p.settle();
		calls.push(...mine.map((hook) => p.client.call(hook)), ...theirs.map((hook) => p.server.call(hook)));
		p.settle();
		for (const call of calls) expect(call.exception?.reason).toBe(CYCLE);
		for (const thing of [...mine, ...there, ...theirs, ...back, root]) thing.release();
		p.end();
	});

	it("results that are a promise of the caller, which becomes a field of them: broken, and neither side keeps the other's", () => {
		const server = new Keeper();
		const client = new Keeper();
		const theirs = new PromiseHook();
		server.given = theirs;
		const p = pair(server, client);
		const root = p.root();
		const back = p.server.connection.bootstrap();
		const got = p.client.call(root, 2);
		p.settle();
		const there = got.caps[0]!;
		const { call, outcome } = p.server.hold(back, 0);
		p.settle();
		// On its way when the promise becomes what it is: there is an embargo.
		const early = p.client.call(there);
		theirs.resolve(field(call, 0));
		p.client.take("resolve 1 to your answer");
		answer(client.running!, 0, there);
		p.settle();
		expect(early.exception!.reason).toBe(CYCLE);
		for (const thing of [there, ...outcome.caps, call, theirs, back, root]) thing.release();
		p.end();
	});

	it("a call on a promise that becomes the answer of a call that returns a field of the first one: fails, and is not sent to and fro for ever", () => {
		const server = new Keeper();
		const client = new Keeper();
		const theirs = new PromiseHook();
		server.given = theirs;
		const p = pair(server, client);
		const root = p.root();
		const back = p.server.connection.bootstrap();
		const asked = p.server.hold(back, 0);
		p.settle();
		const promised = p.client.hold(root, 2);
		const first = field(promised.call, 0);
		const circular = p.client.hold(first, 0);
		const own = field(circular.call, 0);
		theirs.resolve(field(asked.call, 0));
		answer(client.running!, 0, own);
		p.settle();
		expect(circular.outcome.exception!.reason).toBe(CYCLE);
		expect(p.client.waiting + p.server.waiting).toBe(0);
		const caps = [...promised.outcome.caps, ...asked.outcome.caps];
		for (const thing of [...caps, own, first, circular.call, promised.call, asked.call, theirs, back, root])
			thing.release();
		p.end();
	});

	it("a call on its own results is refused", () => {
		const server = new Keeper();
		const p = pair(server);
		const root = p.root();
		const { call, outcome } = p.client.hold(root, 0);
		const got = field(call, 0);
		p.client.call(root, 1, 0, got);
		p.settle();
		const inside = p.server.hold(server.kept!);
		const promised = field(inside.call, 0);
		// The answer is what a call on the answer will bring.
		answer(server.running!, 0, promised);
		p.settle();
		expect(inside.outcome.exception!.reason).toBe(CYCLE);
		expect(p.client.call(got).exception).not.toBeNull();
		for (const thing of [promised, inside.call, server.kept!, got, ...outcome.caps, call, root]) thing.release();
		p.end();
	});
});
