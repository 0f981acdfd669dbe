import {
	type Call,
	type Exception,
	type Hook,
	Pools,
	type ReturnHandler,
	Server,
	StructBuilder,
	StructReader,
} from "vatlet/runtime";
import { NodeClock } from "../../../hosts/node/clock.js";
import { NodeIdentity } from "../../../hosts/node/identity.js";
import { NodeNetwork } from "../../../hosts/node/net.js";
import { SingleRestorer } from "../../../src/vat/restorer.js";
import { Vat, type VatObserver } from "../../../src/vat/vat.js";

/** Answers method 0 with the text it was asked. */
class Echo extends Server {
	readonly #params = new StructReader();
	readonly #results = new StructBuilder();
	override dispatch(call: Call): number {
		const text = call.readParams(this.#params).text(0);
		call.initResults(this.#results, 0, 1).putText(0, text);
		call.done();
		return 0;
	}
}

export function createPools(): Pools {
	return new Pools({ guarded: true, messages: { messages: 65536 }, calls: 65536, pipelined: 65536 });
}

/** A vat with a new key that serves an echo. */
export async function createVat(pools: Pools, observer: VatObserver = {}): Promise<Vat> {
	const identity = await NodeIdentity.create();
	return new Vat({
		network: new NodeNetwork(),
		clock: new NodeClock(),
		pools,
		identity,
		restorer: new SingleRestorer(new Echo().hook),
		observer,
	});
}

/** Keeps a number of calls in flight until a time. */
export class Load implements ReturnHandler {
	calls = 0;
	readonly latenciesMs: number[] = [];
	readonly #pools: Pools;
	readonly #hook: Hook;
	readonly #params = new StructBuilder();
	#untilMs = 0;
	#sentMs = 0;
	#flying = 0;
	#done: (() => void) | null = null;

	constructor(pools: Pools, hook: Hook) {
		this.#pools = pools;
		this.#hook = hook;
	}

	run(inFlight: number, durationMs: number): Promise<void> {
		this.calls = 0;
		this.#untilMs = performance.now() + durationMs;
		return new Promise((resolve) => {
			this.#done = resolve;
			for (let i = 0; i < inFlight; i++) this.#send();
		});
	}

	returned(_call: Call): void {
		this.calls++;
		this.#flying--;
		const nowMs = performance.now();
		this.latenciesMs.push(nowMs - this.#sentMs);
		if (nowMs < this.#untilMs) this.#send();
		else if (this.#flying === 0) this.#done!();
	}

	failed(_call: Call, exception: Exception): void {
		throw new Error(exception.reason);
	}

	#send(): void {
		this.#flying++;
		this.#sentMs = performance.now();
		const call = this.#pools.takeCall();
		call.start(this.#hook, 0, 1, 0);
		call.initParams(this.#params, 0, 1);
		this.#params.putText(0, "a short text");
		call.send(this);
	}
}
