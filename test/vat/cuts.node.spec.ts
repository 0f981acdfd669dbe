import type { DialCompletion, Dialing, Endpoint, Network, PeerTransport } from "../../src/ports/network.js";
import type { Identity } from "../../src/ports/secure.js";
import type { TransportError } from "../../src/ports/transport.js";
import { FaultInjector, type FaultPlan } from "../../src/net/fault-injector.js";
import { Reconnecting } from "../../src/vat/reconnecting.js";
import { Pools, type Hook } from "vatlet/runtime";
import { Vat } from "../../src/vat/vat.js";
import { Adder, ask, at, identity, type Outcome, serving, World, zeros } from "./world.js";

/** A stream whose luck runs out, with the name of its far end. */
class UnluckyTransport extends FaultInjector implements PeerTransport {
	readonly peerDigest: Uint8Array | null;
	readonly peerName: string;
	constructor(inner: PeerTransport, plan: FaultPlan) {
		super(inner, plan);
		this.peerDigest = inner.peerDigest;
		this.peerName = inner.peerName;
	}
}

/** Gives the first stream that is dialled the luck of `plan`; the next ones are sound. */
class UnluckyNetwork implements Network {
	readonly #inner: Network;
	#plan: FaultPlan | null;
	constructor(inner: Network, plan: FaultPlan) {
		this.#inner = inner;
		this.#plan = plan;
	}
	dial(place: Endpoint, own: Identity | null, expected: Uint8Array | null, ms: number, to: DialCompletion): Dialing {
		return this.#inner.dial(place, own, expected, ms, {
			dialled: (transport: PeerTransport) => {
				const plan = this.#plan;
				this.#plan = null;
				to.dialled(plan === null ? transport : new UnluckyTransport(transport, plan));
			},
			failed: (error: TransportError) => to.failed(error),
		});
	}
	listen(...args: Parameters<Network["listen"]>): ReturnType<Network["listen"]> {
		return this.#inner.listen(...args);
	}
}

/** A device that calls its hub three times over an unlucky stream, then once more when it is connected again. */
function live(plan: FaultPlan) {
	const world = new World();
	const adder = new Adder();
	const hub = world.vat(2, serving(adder));
	hub.vat.listen(at(1));
	const pools = new Pools({ guarded: true });
	const network = new UnluckyNetwork(world.network, plan);
	const { clock } = world;
	const vat = new Vat({ network, clock, pools, identity: identity(1), restorer: null });
	const outcomes: Outcome[] = [];
	const reference = new Reconnecting({
		vat,
		uri: hub.uri(1),
		clock,
		entropy: zeros,
		backoffMs: 100,
		handler: {
			connected: (hook: Hook) => {
				for (let i = 0; i < 3; i++) outcomes.push(ask(pools, hook, i));
			},
			disconnected() {},
		},
	});
	reference.start();
	world.settle();
	// Longer than a message may take to become whole or silence to be noticed, and the first waits after that.
	world.pass(160_000);
	let last: Outcome | null = null;
	// The cut may come as late as in the first of these.
	for (let i = 0; i < 2 && last?.number !== 42 && reference.hook !== null; i++) {
		outcomes.push((last = ask(pools, reference.hook, 41)));
		world.settle();
		world.pass(1000);
	}
	reference.stop();
	vat.close();
	hub.vat.close();
	world.pass(20_000);
	return { outcomes, last, pools, hub, adder, world, vat };
}

function expectHealed(result: ReturnType<typeof live>, where: string): void {
	expect(result.last?.number).withContext(where).toBe(42);
	expectNothingLeft(result, where);
}

function expectNothingLeft({ outcomes, pools, hub, world, vat }: ReturnType<typeof live>, where: string): void {
	// Each was answered, or failed; never both, never neither.
	for (const { number, exception } of outcomes)
		expect(number >= 0 !== (exception !== null))
			.withContext(where)
			.toBeTrue();
	for (const held of [pools, hub.pools]) {
		expect(held.calls.used).withContext(where).toBe(0);
		expect(held.pipelined.used).withContext(where).toBe(0);
		expect(held.messages.used).withContext(where).toBe(1);
	}
	expect([vat.peers.length, hub.vat.peers.length, world.clock.alarms]).withContext(where).toEqual([0, 0, 0]);
}

describe("a reference that reconnects", () => {
	it("heals wherever its connection is cut, in either direction, and nothing is left of the old one", () => {
		expectHealed(live({}), "whole");
		for (let at = 1; at <= 360; at++) {
			expectHealed(live({ cutAfterBytesOut: at }), `cut after ${at} bytes out`);
			expectHealed(live({ cutAfterBytesIn: at }), `cut after ${at} bytes in`);
		}
	});

	it("heals wherever what arrives stalls, in the middle of a message or between two, and nothing is left of the old one", () => {
		for (let at = 0; at <= 200; at++) expectHealed(live({ stallAfterBytesIn: at }), `stalled after ${at} bytes in`);
	});
});
