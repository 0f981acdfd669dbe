import { type Call, type Hook, PromiseHook } from "vatlet/runtime";
import { DEVICE_LIMITS } from "../../src/rpc/limits.js";
import { FINISH, PAYLOAD, RETURN, Tag } from "../../src/rpc/schema.js";
import { frame } from "./frames.js";
import { line } from "./line.js";
import { answer, capIn, checkEmpty, End, field, numberIn, pair, TestServer } from "./pair.js";

describe("lifetimes", () => {
	it("results, their fields and what those became are counted apart: the question ends with the last of them", () => {
		const inner = new TestServer((call) => answer(call, numberIn(call)));
		let running: Call | null = null;
		const p = pair(
			new TestServer((call) => {
				running = call;
			}),
		);
		const root = p.root();
		const { call, outcome } = p.client.hold(root);
		const first = field(call, 0);
		const second = field(call, 1);
		p.server.take("call #0");
		first.release();
		expect(p.client.sentLines).toEqual([]);
		answer(running!, 0, inner.hook, inner.hook);
		p.client.take("return #0 results [hosted 1, hosted 1]");
		call.release();
		// The field has become the import: the question is not needed for it.
		p.server.take("finish #0");
		for (const hook of outcome.caps) hook.release();
		expect(p.client.sentLines).toEqual([]);
		const late = p.client.call(second, 0, 4);
		p.settle();
		expect(late.number).toBe(4);
		second.release();
		p.server.take("release 1 × 2");
		expect(inner.releases).toBe(1);
		root.release();
		p.end();
	});

	it("a promise and what it became are counted apart", () => {
		const target = new TestServer((call) => answer(call, 1));
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root);
		p.settle();
		const remote = got.caps[0]!;
		target.hook.addRef();
		promise.resolve(target.hook);
		promise.release();
		p.client.take("resolve 1 to hosted 2");
		remote.addRef();
		remote.release();
		expect(p.client.sentLines).toEqual([]);
		const used = p.client.call(remote);
		p.server.take("call #0 on 2 1.0");
		p.client.take("return #0");
		expect(used.number).toBe(1);
		remote.release();
		p.server.take("release 1 × 1");
		p.server.take("release 2 × 1");
		expect(target.releases).toBe(1);
		root.release();
		p.end();
	});

	it("a promise resolves to a capability that was never exported before", () => {
		const target = new TestServer((call) => answer(call, 6));
		const promise = new PromiseHook();
		const p = pair(new TestServer((call) => answer(call, 0, promise)));
		const root = p.root();
		const got = p.client.call(root);
		p.settle();
		const remote = got.caps[0]!;
		const early = p.client.call(remote);
		target.hook.addRef();
		promise.resolve(target.hook);
		promise.release();
		p.client.take("resolve 1 to hosted 2");
		const late = p.client.call(remote);
		p.server.take("call #0 on 1 1.0");
		p.server.take("call #1 on 2 1.0");
		p.settle();
		expect([early.number, late.number]).toEqual([6, 6]);
		remote.release();
		root.release();
		p.end();
	});

	it("a Finish may release several results at once", () => {
		const one = new TestServer();
		const two = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 0, one.hook, two.hook)));
		const root = p.root();
		const { call } = p.client.hold(root);
		p.server.take("call #0");
		call.release();
		p.server.take("finish #0 release results");
		expect([one.releases, two.releases]).toEqual([1, 1]);
		p.client.take("return #0 results [hosted 1, hosted 2]");
		expect(p.client.sentLines).toEqual([]);
		root.release();
		p.end();
	});

	it("a proxy that forgets a capability goes on forwarding what others call on it", () => {
		const server = new TestServer((call) => answer(call, numberIn(call) + 1));
		const l = line(server);
		const root = l.root();
		const outcome = l.client.call(root, 0, 1);
		l.near.take("call #0 on 0 1.0");
		l.server.take("call #0 on 0 1.0");
		l.far.take("return #0 results, no finish");
		l.client.take("return #0 results");
		expect(outcome.number).toBe(2);
		root.release();
		l.near.take("release 0 × 1");
		l.server.take("release 0 × 1");
		l.end();
		expect(server.releases).toBe(1);
	});

	it("results that cannot be read fail that call's reader, and cost the connection that sent them", () => {
		const p = pair(new TestServer());
		const root = p.root();
		const outcome = p.client.call(root);
		p.client.outbox.length = p.client.sentLines.length = 0;
		const bytes = frame(Tag.RETURN, 2, 1, (body, part) => {
			body.putUint32(RETURN.ANSWER_ID, 0);
			body.newStruct(RETURN.CONTENT, 0, 2, part).newStruct(PAYLOAD.CONTENT, 1, 2, part);
		});
		// The content points out of its message.
		new DataView(bytes.buffer, bytes.byteOffset).setUint32(8 + 5 * 8, 0x7ffffffc, true);
		p.client.receive(bytes);
		expect(outcome.told).toBe(1);
		expect(outcome.exception).not.toBeNull();
		expect(p.client.sentLines.splice(0).filter((sent) => sent.startsWith("abort")).length).toBe(1);
		p.server.connection.disconnected();
		for (const side of [p.client, p.server]) {
			side.outbox.length = side.sentLines.length = 0;
			side.thrown = null;
		}
		root.release();
		p.end();
	});

	it("a capability that a peer keeps is told of what it becomes, whoever still holds it here", () => {
		const target = new TestServer((call) => answer(call, 8));
		let kept: Hook | null = null;
		const p = pair(
			new TestServer((call) => {
				kept = capIn(call, 0);
				answer(call, 0);
			}),
		);
		const root = p.root();
		const mine = new PromiseHook();
		p.client.call(root, 0, 0, mine);
		p.server.take("call #0 on 0 1.0 [promise 0]");
		p.client.take("return #0");
		target.hook.addRef();
		mine.resolve(target.hook);
		mine.release();
		p.server.take("resolve 0 to hosted 1");
		const outcome = p.server.call(kept!);
		p.client.take("call #0 on 1 1.0");
		p.server.take("return #0");
		expect(outcome.number).toBe(8);
		kept!.release();
		root.release();
		p.end();
		expect(target.releases).toBe(1);
	});

	it("a peer that finishes by flag releases what its results brought, once", () => {
		const cap = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 0, cap.hook)));
		const root = p.root();
		const outcome = p.client.call(root);
		p.server.take("call #0");
		p.client.take("return #0 results [hosted 1]");
		p.client.outbox.length = p.client.sentLines.length = 0;
		p.server.receive(frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, 0)));
		expect(cap.releases).toBe(1);
		expect(p.server.connection.ended).toBeNull();
		outcome.caps[0]!.release();
		p.client.outbox.length = p.client.sentLines.length = 0;
		root.release();
		p.end();
	});

	it("what is called after the connection has ended fails, and nothing is sent", () => {
		const cap = new TestServer();
		const p = pair(new TestServer((call) => answer(call, 1)));
		const root = p.root();
		p.client.connection.close();
		p.server.take("abort disconnected: Connection closed");
		expect(p.server.connection.ended!.reason).toBe("Connection closed");
		const late = p.client.call(root, 0, 0, cap.hook);
		const anew = p.client.connection.bootstrap();
		expect(late.exception!.reason).toBe("Connection closed");
		expect(anew.resolved().broken!.reason).toBe("Connection closed");
		expect([p.client.sentLines, p.server.sentLines]).toEqual([[], []]);
		expect(cap.hook.refs).toBe(0);
		anew.release();
		root.release();
		p.end();
	});

	it("a client that goes before its bootstrap is answered leaves nothing behind", () => {
		const service = new TestServer();
		const asked: Call[] = [];
		const server = new End("server", { bootstrap: (call) => void asked.push(call) }, {}, { guarded: true });
		const client = new End("client", null, {}, { guarded: true });
		client.peer = server;
		server.peer = client;
		for (const abrupt of [false, true]) {
			const root = client.connection.bootstrap();
			server.take("bootstrap #0");
			if (abrupt) {
				server.connection.disconnected();
				client.connection.disconnected();
			}
			root.release();
			if (!abrupt) {
				server.take("finish #0 release results");
				client.take("return #0 canceled");
			}
			const call = asked.pop()!;
			expect(call.canceled).toBe(true);
			// The restorer did not hear of that.
			call.resultsAny().setHook(service.hook);
			call.done();
			expect(server.sentLines).toEqual([]);
			expect(service.hook.refs).toBe(0);
			for (const side of [client, server]) checkEmpty(side);
		}
	});

	const NULL_ID = "00000000 00000000";
	const objectIds: [what: string, id: number[] | null, pointer: string][] = [
		["none", null, NULL_ID],
		// C++ rejects an empty text.
		["an empty one", [], NULL_ID],
		["a name", [0x68, 0x75, 0x62], "01000000 22000000 68756200 00000000"],
		// Raw bytes, no base64, whatever they are: OCaml's ids are random.
		["seven bytes", [1, 2, 3, 4, 5, 6, 7], "01000000 42000000 01020304 05060700"],
		[
			"eight bytes with a NUL and no UTF-8",
			[255, 0, 254, 3, 4, 5, 6, 7],
			"01000000 4a000000 ff00fe03 04050607 00000000 00000000",
		],
	];
	it("a bootstrap without an object id, or with an empty one, is a null pointer on the wire", () => {
		for (const [what, id, pointer] of objectIds) {
			const p = pair(new TestServer());
			const root = p.client.connection.bootstrap(id === null ? null : new Uint8Array(id));
			const body = "00000000 01000100" + "08000000 00000000" + "00000000 01000100" + "00000000 00000000" + pointer;
			const expected = body.replace(/ /g, "");
			const words = (expected.length / 16).toString(16);
			expect(hex(p.client.outbox[0]!))
				.withContext(what)
				.toBe("00000000" + "0" + words + "000000" + expected);
			p.settle();
			const arrived = id !== null && id.length > 0 ? new Uint8Array(id) : null;
			expect(p.providers[0]!.objectId).withContext(what).toEqual(arrived);
			root.release();
			p.end();
		}
	});

	it("a bootstrap with the longest id of an address fits a device", () => {
		const p = pair(new TestServer(), null, { limits: DEVICE_LIMITS });
		const id = new Uint8Array(512).fill(7);
		const root = p.client.connection.bootstrap(id);
		p.settle();
		expect(p.providers[0]!.objectId).toEqual(id);
		root.release();
		p.end();
	});
});

function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
