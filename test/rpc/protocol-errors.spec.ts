import { type Call, StructBuilder } from "vatlet/runtime";
import { DescriptorTag, DISEMBARGO, RETURN, Tag, TARGET } from "../../src/rpc/schema.js";
import { attacked } from "./attacked.js";
import { callFrame, disembargoFrame, frame, plainCall, releaseFrame } from "./frames.js";
import { answer, capIn, TestServer } from "./pair.js";

const PROTOCOL_ERRORS: [string, (a: ReturnType<typeof attacked>) => Uint8Array[], RegExp][] = [
	["a question id twice", () => [plainCall(7, 0), plainCall(7, 0)], /question 7 is in use/],
	["a call on an unknown export", () => [plainCall(1, 99)], /unknown export 99/],
	["a release of an unknown export", () => [releaseFrame(5, 1)], /unknown export 5/],
	["a release of zero", () => [releaseFrame(0, 0)], /by 0 of 1/],
	["a release of too many", () => [releaseFrame(0, 2)], /by 2 of 1/],
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
		"a bootstrap with a question id in use",
		() => [plainCall(7, 0), frame(Tag.BOOTSTRAP, 1, 1, (body) => body.putUint32(0, 7))],
		/question 7 is in use/,
	],
	["a release of an export that is gone", () => [releaseFrame(0, 1), releaseFrame(0, 1)], /unknown export 0/],
	[
		"a capability of the receiver that it never gave",
		() => [callFrame({ question: 1, caps: [[DescriptorTag.RECEIVER_HOSTED, 77]] })],
		/unknown export 77/,
	],
	["a disembargo of an answer that is not there", () => [disembargoFrame([55])], /no answer/],
	[
		"a disembargo of an answer of ours alone",
		() => [plainCall(1, 0, 0, 1), disembargoFrame([1, 0])],
		/not the sender's/,
	],
	[
		"a transform that nests deeper than any reader",
		() =>
			[callFrame({ question: 2, on: [1, ...Array.from({ length: 17 }, () => 0)] })].flatMap((deep) => [
				plainCall(1, 0),
				deep,
			]),
		/nests too deep/,
	],
	[
		"a transform with an unknown operation",
		() => {
			const bytes = callFrame({ question: 2, on: [1, 7] });
			// Of the only operation: its kind is in the lowest half word, the field in the next.
			const view = new DataView(bytes.buffer, bytes.byteOffset);
			for (let at = 8; at < bytes.length; at += 8)
				if (view.getUint32(at, true) === 0x70001) view.setUint16(at, 9, true);
			return [plainCall(1, 0), bytes];
		},
		/unknown operation/,
	],
	[
		"a capability index out of range",
		() => {
			const bytes = callFrame({ question: 1, method: 2, caps: [[DescriptorTag.SENDER_HOSTED, 5]] });
			const view = new DataView(bytes.buffer, bytes.byteOffset);
			for (let at = 8; at < bytes.length; at += 8)
				if (view.getUint32(at, true) === 3 && view.getUint32(at + 4, true) === 0) view.setUint32(at + 4, 6, true);
			return [bytes];
		},
		/capability 6 of 1/,
	],
	[
		"a pointer out of bounds",
		() => {
			const bytes = plainCall(1, 0);
			bytes[8] = 0xfc;
			bytes[9] = 0xff;
			return [bytes];
		},
		/outside/,
	],
	[
		"a struct where a list should be",
		() => {
			const bytes = plainCall(1, 0, 1);
			return [bytes.map((byte, i) => (i === 8 + 12 * 8 ? byte & ~3 : byte))];
		},
		/./,
	],
];

describe("a peer that breaks the protocol", () => {
	for (const [name, frames, reason] of PROTOCOL_ERRORS) {
		it(name + " ends the connection with one Abort that says why", () => {
			const calls: Call[] = [];
			const own = new TestServer();
			const a = attacked(
				new TestServer(
					(call) => {
						calls.push(call);
					},
					(call) => answer(call, 0, own.hook),
					(call) => {
						capIn(call, 0).release();
						answer(call, 0);
					},
				),
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
});
