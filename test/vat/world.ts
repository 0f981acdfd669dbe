import {
	type Call,
	type Exception,
	type Hook,
	Pools,
	Server,
	StructBuilder,
	StructReader,
	type ReturnHandler,
} from "vatlet/runtime";
import type { CapnpUri } from "../../src/net/address.js";
import { MemoryNetwork } from "../../src/net/memory-network.js";
import type { Endpoint } from "../../src/ports/network.js";
import type { Entropy } from "../../src/ports/entropy.js";
import type { Hashes, Identity } from "../../src/ports/secure.js";
import type { TransportError } from "../../src/ports/transport.js";
import type { Peer } from "../../src/vat/peer.js";
import { type Restorer, SingleRestorer } from "../../src/vat/restorer.js";
import { Vat, type VatObserver } from "../../src/vat/vat.js";
import { ManualClock } from "../support/manual-clock.js";

/** Answers method 0 of any interface with the number it was asked, plus one. */
export class Adder extends Server {
	released_ = 0;
	dispatch(call: Call, _high: number, _low: number, methodId: number): number {
		if (methodId !== 0) return 2;
		const asked = call.readParams(new StructReader()).uint32(0);
		call.initResults(new StructBuilder(), 1, 0).putUint32(0, asked + 1);
		call.done();
		return 0;
	}
	override released(): void {
		this.released_++;
	}
}

export class Outcome implements ReturnHandler {
	number = -1;
	exception: Exception | null = null;
	returned(call: Call): void {
		this.number = call.readResults(new StructReader()).uint32(0);
	}
	failed(_call: Call, exception: Exception): void {
		this.exception = exception;
	}
}

/** Calls method 0; whoever it reaches. */
export function ask(pools: Pools, hook: Hook, number: number): Outcome {
	const outcome = new Outcome();
	const call = pools.takeCall();
	call.start(hook, 0, 1, 0);
	const params = new StructBuilder();
	call.initParams(params, 1, 0);
	params.putUint32(0, number);
	call.send(outcome);
	return outcome;
}

export function identity(first: number): Identity {
	const digest = new Uint8Array(32).fill(first);
	return { digest, derive: (data, into, offset) => into.set(data.subarray(0, 32), offset) };
}

/** Good enough to tell ids apart; not a digest. */
export const sums: Hashes = {
	sha256(bytes, offset, length, into, intoOffset) {
		into.fill(0, intoOffset, intoOffset + 32);
		for (let i = 0; i < length; i++) into[intoOffset + (i % 32)]! += bytes[offset + i]! + 1;
	},
};

export const zeros: Entropy = { fill: (into, offset, length) => void into.fill(0, offset, offset + length) };

export function at(port: number): Endpoint {
	return { kind: "tcp", host: "memory", port };
}

/** Vats on a network of their own; nothing moves until `settle`. */
export class World {
	readonly network = new MemoryNetwork();
	readonly clock = new ManualClock();

	vat(first: number | null, restorer: Restorer | null = null): Node {
		return new Node(this, first === null ? null : identity(first), restorer);
	}

	settle(): void {
		while (this.network.run() || this.clock.ring()) continue;
	}

	pass(ms: number): void {
		this.clock.advance(ms, () => this.network.run());
		this.settle();
	}
}

export class Node implements VatObserver {
	readonly log: string[] = [];
	readonly pools = new Pools({ guarded: true });
	readonly vat: Vat;

	constructor(world: World, own: Identity | null, restorer: Restorer | null) {
		const { network, clock } = world;
		this.vat = new Vat({ network, clock, pools: this.pools, identity: own, restorer, observer: this });
	}

	uri(port: number, id: Uint8Array = new Uint8Array(0)): CapnpUri {
		return { endpoint: at(port), digest: this.vat.digest, id };
	}

	ask(hook: Hook, number: number): Outcome {
		return ask(this.pools, hook, number);
	}

	peerUp(_peer: Peer): void {
		this.log.push("up");
	}
	peerDown(_peer: Peer, reason: Exception): void {
		this.log.push("down: " + reason.reason);
	}
	dialFailed(_peer: Peer, error: TransportError): void {
		this.log.push("dial failed: " + error.kind);
	}
	rejected(error: TransportError): void {
		this.log.push("rejected: " + error.message);
	}
	closed(): void {
		this.log.push("closed");
	}
}

export function serving(server: Server): Restorer {
	return new SingleRestorer(server.hook);
}
