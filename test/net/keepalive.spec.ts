import { Pools } from "vatlet/runtime";
import { Channel } from "../../src/net/channel.js";
import type { KeepaliveTimes } from "../../src/net/keepalive.js";
import { Loopback } from "../../src/net/loopback.js";
import { Tracer } from "../../src/net/tracer.js";
import { Connection } from "../../src/rpc/connection.js";
import { DEVICE_LIMITS } from "../../src/rpc/limits.js";
import { ManualClock } from "../support/manual-clock.js";

const MINUTE_MS = 60_000;

/** Two ends of a stream; `hang` stops all that moves on it while both go on writing. */
function pair(near: Partial<KeepaliveTimes> = {}, far: Partial<KeepaliveTimes> = { idleMs: Infinity }) {
	const clock = new ManualClock();
	const loopback = new Loopback(4096);
	const lines: string[] = [];
	let hangs = false;
	const end = (transport: Loopback["left"], name: string, keepalive: Partial<KeepaliveTimes>) => {
		const pools = new Pools({ guarded: true, messages: { messages: 4, messageWords: 64 } });
		const channel = new Channel({ transport, messages: pools.messages, clock, keepalive });
		const tracer = new Tracer(name, (line) => lines.push(line));
		const connection = new Connection({ pools, sender: channel, name, tracer, limits: DEVICE_LIMITS, sealed: true });
		channel.start(connection);
		return { pools, channel, connection };
	};
	const left = end(loopback.left, "near", near);
	const right = end(loopback.right, "far", far);
	const run = () => {
		while ((!hangs && loopback.run() > 0) || clock.ring()) continue;
	};
	return {
		clock,
		near: left,
		far: right,
		lines,
		run,
		pass: (ms: number) => clock.advance(ms, run),
		hang: () => (hangs = true),
		wake: () => (hangs = false),
		end() {
			hangs = false;
			left.channel.abort();
			right.channel.abort();
			run();
			expect(clock.alarms).toBe(0);
			// The one that refuses calls.
			expect([left.pools.messages.used, right.pools.messages.used]).toEqual([1, 1]);
		},
	};
}

describe("Keepalive", () => {
	it("asks an idle peer once a minute, takes the echo for life and goes on for days", () => {
		const { near, far, lines, pass, end } = pair();
		pass(MINUTE_MS + 1);
		expect(lines).toEqual([
			"near ← probe",
			"far → probe",
			"far ← unimplemented (probe)",
			"near → unimplemented (probe)",
		]);
		pass(2 * 24 * 60 * MINUTE_MS);
		expect([near.connection.ended, far.connection.ended]).toEqual([null, null]);
		expect(near.channel.messagesIn).toBe(near.channel.messagesOut);
		expect(near.channel.messagesOut).toBeGreaterThan(1400);
		end();
	});

	it("is answered by a peer that asks itself", () => {
		const { near, far, pass, end } = pair({}, {});
		pass(60 * MINUTE_MS);
		expect([near.connection.ended, far.connection.ended]).toEqual([null, null]);
		end();
	});

	it("costs a busy connection nothing", () => {
		const { near, far, lines, pass, run, end } = pair();
		for (let i = 0; i < 20; i++) {
			far.connection.bootstrap().release();
			run();
			pass(MINUTE_MS / 2);
		}
		expect(lines.join().includes("probe")).toBeFalse();
		expect(near.connection.ended).toBeNull();
		end();
	});

	it("finds out a peer that hangs between two messages, and says what it saw", () => {
		const { near, pass, hang, end } = pair();
		pass(10 * MINUTE_MS);
		hang();
		const hook = near.connection.bootstrap();
		pass(3 * MINUTE_MS);
		expect(near.connection.ended!.type).toBe(2);
		expect(near.connection.ended!.reason).toMatch(
			/^Connection closed: the peer sent nothing for \d+ s and did not answer a probe/,
		);
		expect(hook.resolved().broken!.reason).toBe(near.connection.ended!.reason);
		hook.release();
		end();
	});

	it("lets a peer that comes back before its time go on", () => {
		const { near, pass, run, hang, wake, end } = pair();
		hang();
		pass(MINUTE_MS + 29_000);
		wake();
		run();
		pass(60 * MINUTE_MS);
		expect(near.connection.ended).toBeNull();
		end();
	});

	it("does not blame the peer for time that this side slept", () => {
		const { near, clock, pass, run, end } = pair();
		pass(MINUTE_MS - 1);
		// Asks, and sleeps before the answer is read.
		clock.advance(1);
		clock.advance(0);
		clock.sleep(8 * 60 * MINUTE_MS);
		clock.ring();
		expect(near.connection.ended).toBeNull();
		run();
		pass(10 * MINUTE_MS);
		expect(near.connection.ended).toBeNull();
		end();
	});

	it("is answered where calls have taken every message", () => {
		const { near, far, pass, end } = pair();
		// One is left, to read the probe into.
		const taken = [far.pools.messages.take()!, far.pools.messages.take()!];
		pass(MINUTE_MS + 1);
		expect([near.connection.ended, far.connection.ended]).toEqual([null, null]);
		expect(near.channel.messagesIn).toBe(1);
		for (const message of taken) message.release();
		end();
	});

	it("is off where it is asked to be", () => {
		const { near, lines, pass, hang, end } = pair({ idleMs: Infinity });
		hang();
		pass(24 * 60 * MINUTE_MS);
		expect(lines).toEqual([]);
		expect(near.connection.ended).toBeNull();
		end();
	});
});
