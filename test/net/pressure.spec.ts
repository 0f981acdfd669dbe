import { type Call, Pools, type Server } from "vatlet/runtime";
import { CANCELED } from "../../src/cap/exception.js";
import { Channel } from "../../src/net/channel.js";
import { Loopback, type LoopbackEnd } from "../../src/net/loopback.js";
import { Connection } from "../../src/rpc/connection.js";
import { DEVICE_LIMITS } from "../../src/rpc/limits.js";
import { BootstrapAnswer, SingleRestorer } from "../../src/vat/restorer.js";
import { frame, plainCall } from "../rpc/frames.js";
import { answer, Outcome, TestServer } from "../rpc/pair.js";
import { FINISH, Tag } from "../../src/rpc/schema.js";
import { StructBuilder } from "vatlet/runtime";
import { ManualClock } from "../support/manual-clock.js";

/** A stream that holds `capacityBytes` each way; a `small` end has what a device has. */
function line(capacityBytes: number) {
	const clock = new ManualClock();
	const loopback = new Loopback(capacityBytes);
	const end = (transport: LoopbackEnd, server: Server | null, small: boolean) => {
		const messages = { messages: 12, segments: 12, segmentWords: 64, wordsMax: 12 * 64 };
		const pools = new Pools({ guarded: true, ...(small ? { messages, calls: 8, pipelined: 8 } : {}) });
		const channel = new Channel({ transport, messages: pools.messages, clock, keepalive: { idleMs: Infinity } });
		const restorer = server === null ? null : new SingleRestorer(server.hook);
		const connection = new Connection({
			pools,
			sender: channel,
			bootstrap: restorer && { bootstrap: (call) => restorer.restore(new Uint8Array(0), new BootstrapAnswer(call)) },
			...(small ? { limits: { ...DEVICE_LIMITS }, sealed: true } : {}),
		});
		if (small) pools.seal();
		return { pools, channel, connection, start: () => channel.start(connection) };
	};
	const settle = () => {
		while (loopback.run() > 0 || clock.ring()) continue;
	};
	return { clock, loopback, settle, end };
}

const params = new StructBuilder();

describe("A device with hardly a small message left", () => {
	it("lets go of eight calls and their eight capabilities in one step, whether or not there is room on the line", () => {
		for (const capacityBytes of [4096, 60]) {
			const { loopback, settle, end } = line(capacityBytes);
			const given: TestServer[] = [];
			const source = new TestServer((call) => {
				given.push(new TestServer());
				answer(call, given.length, given.at(-1)!.hook);
			});
			const near = end(loopback.left, null, true);
			const far = end(loopback.right, source, false);
			near.start();
			far.start();
			const hook = near.connection.bootstrap();
			settle();
			const calls: Call[] = [];
			const outcomes: Outcome[] = [];
			for (let i = 0; i < 7; i++) {
				const call = near.pools.takeCall();
				call.start(hook, 0, 1, 0);
				call.initParams(params, 1, 2);
				outcomes.push(new Outcome());
				calls.push(call.sendAndHold(outcomes.at(-1)!));
				settle();
			}
			expect(outcomes.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
			for (let i = 0; i < 7; i++) {
				outcomes[i]!.caps.forEach((cap) => cap.release());
				calls[i]!.release();
			}
			hook.release();
			settle();
			expect(near.connection.ended).toBeNull();
			expect(far.connection.ended).toBeNull();
			expect(near.connection.empty).toBeTrue();
			expect(far.connection.empty).toBeTrue();
			expect(given.map(({ releases }) => releases)).toEqual([1, 1, 1, 1, 1, 1, 1]);
		}
	});

	it("stops reading until the peer has read, and loses nothing; cuts off one that never does", () => {
		const { clock, loopback, settle, end } = line(2048);
		let served = 0;
		const server = new TestServer((call) => {
			served++;
			call.cancelHandler = { canceled: () => call.fail(CANCELED) };
		});
		const victim = end(loopback.left, server, true);
		victim.start();
		const peer = loopback.right;
		let waiting = frame(Tag.BOOTSTRAP, 1, 1, () => {});
		const cancel = (id: number) => frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, id));
		let asked = 0;
		/** Writes calls that are canceled at once, as long as the victim reads; each makes it say so. */
		const flood = () => {
			for (let idle = 0; idle < 2;) {
				if (waiting.length === 0) {
					asked++;
					waiting = Uint8Array.of(...plainCall(asked, 0), ...cancel(asked));
				}
				const written = peer.write(waiting, 0, waiting.length);
				waiting = waiting.slice(written);
				idle = written === 0 ? idle + 1 : 0;
				peer.flush();
				settle();
			}
		};
		const bytes = new Uint8Array(64);
		let got = 0;
		const readAll = () => {
			for (let count = 1; count > 0; settle()) got += count = peer.read(bytes, 0, bytes.length);
		};
		flood();
		const before = served;
		expect(before).toBeGreaterThan(20);
		expect(victim.connection.ended).toBeNull();
		expect(victim.connection.cramped).toBeTrue();
		clock.advance(29_000, settle);
		readAll();
		flood();
		expect(served).toBeGreaterThan(before + 20);
		clock.advance(29_000, settle);
		expect(victim.connection.ended).toBeNull();
		readAll();
		expect(served).toBe(asked - (waiting.length > 0 ? 1 : 0));
		expect(got).toBe(victim.channel.bytesOut);
		flood();
		clock.advance(31_000, settle);
		expect(victim.connection.ended!.reason).toContain("the peer does not read");
		expect(victim.pools.messages.used).toBe(1);
	});
});
