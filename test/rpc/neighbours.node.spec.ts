import { type Call, type Hook, type Message, Pools } from "vatlet/runtime";
import { DescriptorTag, Tag } from "../../src/rpc/schema.js";
import { callFrame, disembargoFrame, frame, plainCall, resolveFrame } from "./frames.js";
import { answer, capIn, checkEmpty, End, numberIn, Provider, TestServer } from "./pair.js";

const HONEST_CALLS = 120;
/** Frames that the other one sends between two calls of the honest peer. */
const FLOOD = 64;

// What the limits of both connections add up to, and no more.
const LIMITS = Object.freeze({
	answers: 64,
	questions: 64,
	exports: 64,
	imports: 64,
	embargoes: 8,
	wordsInFlight: 4096,
	queuedWords: 65536,
	control: 256,
});
const MESSAGES = 300;
const MESSAGE_WORDS = 128;

interface Attack {
	name: string;
	/** The `i`th frame. */
	frame(i: number): Uint8Array;
	/** The victim may hang up; the attacker then comes back with a new connection. */
	mayEnd?: boolean;
}

const unknownMessage = frame(12, 1, 1, (body) => body.putUint32(0, 1));
const unimplementedTwice = frame(Tag.UNIMPLEMENTED, 1, 1, (body) => body.putUint16(0, Tag.UNIMPLEMENTED));

/** Methods of the victim: 0 adds one, 1 answers nobody but stops when told to, 2 keeps a capability, 3 calls it and answers when it does, 4 gives a new one. */
const ATTACKS: readonly Attack[] = [
	{ name: "floods with calls and never finishes", frame: (i) => plainCall(i, 0, 0, 1) },
	{ name: "never finishes results with capabilities", frame: (i) => plainCall(i, 0, 0, 4) },
	{ name: "sends more and more capabilities", frame: (i) => plainCall(i, 0, 8, 2) },
	{
		name: "sends promises and never resolves them",
		frame: (i) => callFrame({ question: i, method: 3, caps: [[DescriptorTag.SENDER_PROMISE, i]] }),
	},
	{
		name: "has itself called back and never answers",
		frame: (i) => callFrame({ question: i, method: 3, caps: [[DescriptorTag.SENDER_HOSTED, 7]] }),
	},
	{
		name: "pipelines each call on the one before",
		frame: (i) => (i % 64 === 0 ? plainCall(i, 0, 0, 1) : callFrame({ question: i, on: [i - 1, 0] })),
	},
	{ name: "pipelines calls on their own results", frame: (i) => callFrame({ question: i, on: [i] }) },
	{
		name: "sends its own answers as parameters",
		frame: (i) => callFrame({ question: i, method: 2, caps: [[DescriptorTag.RECEIVER_ANSWER, i - 1]] }),
	},
	{ name: "sends messages as large as may be", frame: (i) => plainCall(i, 0, 0, 1, "x".repeat(900)) },
	{ name: "sends what nobody understands", frame: (i) => (i % 2 === 0 ? unknownMessage : unimplementedTwice) },
	{
		name: "resolves what was never promised",
		frame: (i) => resolveFrame(i, DescriptorTag.SENDER_HOSTED, i + 1),
	},
	{
		name: "disembargoes what waits, without end",
		frame: (i) => (i % 32 === 0 ? plainCall(i, 0, 0, 1) : disembargoFrame([i - (i % 32), 0])),
		mayEnd: true,
	},
	{ name: "uses question ids twice", frame: (i) => plainCall(i & ~1, 0, 0, 1), mayEnd: true },
	{
		name: "sends garbage",
		frame: (i) => plainCall(1, i).map((byte, at) => (at > 8 ? byte ^ (i * at) : byte)),
		mayEnd: true,
	},
];

/** The victim's end of a connection with an attacker, whose replies nobody reads. */
class Victim extends End {
	override send(message: Message): void {
		message.release();
	}
}

describe("a hostile peer costs its honest neighbour nothing but time", () => {
	const p99s: [ms: number, name: string, reconnects: boolean][] = [];
	afterAll(() => {
		for (const reconnects of [false, true]) {
			const [worst] = p99s.filter((each) => each[2] === reconnects).sort((a, b) => b[0] - a[0]);
			if (worst === undefined) continue;
			const [ms, name] = worst;
			const how = reconnects ? ", and comes back whenever it is cut off" : "";
			console.log(`        honest neighbour's p99, at worst: ${ms.toFixed(2)} ms, of one that ${name}${how}`);
		}
	});

	for (const { name, frame: frameOf, mayEnd } of ATTACKS)
		it(
			"one that " + name,
			() => {
				const held = new Set<Call>();
				const kept: Hook[] = [];
				const pools = new Pools({
					guarded: true,
					calls: 2 * (LIMITS.answers + LIMITS.questions),
					pipelined: 64,
					messages: { messages: MESSAGES, wordsMax: MESSAGES * MESSAGE_WORDS, segmentWords: MESSAGE_WORDS },
				});
				const server = new TestServer(
					(call) => answer(call, numberIn(call) + 1),
					(call) => {
						held.add(call);
						call.cancelHandler = {
							canceled() {
								held.delete(call);
								call.done();
							},
						};
					},
					(call) => {
						kept.push(capIn(call, 0));
						answer(call, 0);
					},
					(call) => {
						const target = capIn(call, 0);
						const back = pools.takeCall();
						back.start(target, 0, 1, 0);
						back.send({ returned: () => call.done(), failed: (_back, exception) => call.fail(exception) });
						target.release();
					},
					(call) => {
						const made = new TestServer();
						answer(call, 0, made.hook);
					},
				);
				const good = new End("good", null, {}, {});
				const toGood = new End("to good", new Provider(server.hook), LIMITS, pools);
				good.peer = toGood;
				toGood.peer = good;
				const exchange = (): void => {
					while (good.waiting + toGood.waiting > 0) {
						toGood.takeAll();
						good.takeAll();
					}
				};
				const victims: Victim[] = [];
				const connect = (): Victim => {
					const victim = new Victim("to bad", new Provider(server.hook), LIMITS, pools);
					victims.push(victim);
					victim.receive(frame(Tag.BOOTSTRAP, 1, 1, (body) => body.putUint32(0, 0xffffffff)));
					return victim;
				};
				let victim = connect();
				const goodRoot = good.connection.bootstrap();
				exchange();
				let served = 0;
				let most = 0;
				const times: number[] = [];
				for (let i = 0; i < HONEST_CALLS; i++) {
					const frames = Array.from({ length: FLOOD }, (_, at) => frameOf(i * FLOOD + at));
					const startedMs = performance.now();
					const outcome = good.call(goodRoot, 0, i);
					// What came first is worked off first.
					for (const bytes of frames) {
						victim.receive(bytes);
						most = Math.max(most, pools.messages.used);
						if (victim.connection.ended !== null) victim = connect();
					}
					exchange();
					times.push(performance.now() - startedMs);
					if (outcome.number === i + 1) served++;
				}
				times.sort((a, b) => a - b);
				const p99Ms = times[Math.floor(times.length * 0.99)]!;
				p99s.push([p99Ms, name, mayEnd === true]);
				expect(served).toBe(HONEST_CALLS);
				expect(most).toBeLessThan(MESSAGES);
				expect(toGood.connection.ended).toBeNull();
				if (mayEnd !== true)
					expect(victims.length)
						.withContext(victims[0]!.connection.ended?.reason ?? "")
						.toBe(1);
				// The attacker leaves; nothing of it may stay.
				for (const one of victims) one.connection.disconnected();
				for (const call of held) answer(call, 0);
				for (const hook of kept) hook.release();
				goodRoot.release();
				exchange();
				for (const one of [...victims, good, toGood]) {
					one.thrown = null;
					checkEmpty(one);
				}
			},
			60_000,
		);
});
