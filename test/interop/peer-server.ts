import {
	type Call,
	DataReader,
	Exception,
	ExceptionType,
	type Hook,
	type Pools,
	PromiseHook,
	Server,
	StructBuilder,
	StructReader,
} from "vatlet/runtime";

/** The interface of peer.capnp by hand: the specs must not depend on what they help to prove. */
export const PEER_HIGH = 0xb4e1c8d9;
export const PEER_LOW = 0x0f3a7726;
export const Method = {
	ECHO: 0,
	IDENTITY: 1,
	LATER: 2,
	SETTLE: 3,
	CALL_BACK: 4,
	FORWARD: 5,
	SEQUENCE: 6,
	HANG: 7,
	CANCELED: 8,
	FAIL: 9,
	WRITE: 10,
	WRITTEN: 11,
	RELEASED: 12,
	MAKE: 13,
	DISCONNECT: 14,
} as const;

export class Counters {
	canceled = 0;
	released = 0;
}

export class PeerServer extends Server {
	readonly counters: Counters;
	readonly #pools: Pools;
	readonly #made: boolean;
	readonly #waiting: { promise: PromiseHook; hook: Hook }[] = [];
	#next = 0;
	#written = 0;

	constructor(pools: Pools, counters: Counters, made = false) {
		super();
		this.#pools = pools;
		this.counters = counters;
		this.#made = made;
	}

	override released(): void {
		if (this.#made) this.counters.released++;
	}

	dispatch(call: Call, high: number, low: number, method: number): number {
		if (high !== PEER_HIGH || low !== PEER_LOW) return 1;
		const params = call.readParams(new StructReader());
		switch (method) {
			case Method.ECHO:
				call.initResults(new StructBuilder(), 0, 1).putText(0, params.text(0));
				call.done();
				return 0;
			case Method.IDENTITY:
				call.initResults(new StructBuilder(), 0, 1).putHook(0, params.hook(0));
				call.done();
				return 0;
			case Method.LATER: {
				const promise = new PromiseHook();
				const hook = params.hook(0) as Hook;
				hook.addRef();
				this.#waiting.push({ promise, hook });
				call.initResults(new StructBuilder(), 0, 1).putHook(0, promise);
				call.done();
				return 0;
			}
			case Method.SETTLE:
				for (const { promise, hook } of this.#waiting.splice(0)) {
					promise.resolve(hook);
					promise.release();
				}
				call.done();
				return 0;
			case Method.CALL_BACK:
				this.#echoOf(params).send({
					returned(back: Call) {
						call.initResults(new StructBuilder(), 0, 1).putText(0, back.readResults(new StructReader()).text(0));
						call.done();
					},
					failed(_back: Call, exception: Exception) {
						call.fail(exception);
					},
				});
				return 0;
			case Method.FORWARD:
				call.tailCall(this.#echoOf(params));
				return 0;
			case Method.SEQUENCE:
				if (params.uint32(0) === this.#next++) call.done();
				else call.fail(new Exception(ExceptionType.FAILED, "out of order: " + params.uint32(0)));
				return 0;
			case Method.HANG:
				call.cancelHandler = {
					canceled: () => {
						this.counters.canceled++;
						call.fail(new Exception(ExceptionType.FAILED, "canceled"));
					},
				};
				return 0;
			case Method.CANCELED:
				call.initResults(new StructBuilder(), 1, 0).putUint32(0, this.counters.canceled);
				call.done();
				return 0;
			case Method.FAIL:
				call.fail(new Exception(ExceptionType.OVERLOADED, params.text(0)));
				return 0;
			case Method.WRITE:
				this.#written += params.dataAt(0, new DataReader()).length;
				call.done();
				return 0;
			case Method.WRITTEN:
				call.initResults(new StructBuilder(), 1, 0).putUint64(0, this.#written);
				call.done();
				return 0;
			case Method.RELEASED:
				call.initResults(new StructBuilder(), 1, 0).putUint32(0, this.counters.released);
				call.done();
				return 0;
			case Method.MAKE:
				call.initResults(new StructBuilder(), 0, 1).putHook(0, new PeerServer(this.#pools, this.counters, true).hook);
				call.done();
				return 0;
			default:
				return 2;
		}
	}

	#echoOf(params: StructReader): Call {
		const call = this.#pools.takeCall();
		call.start(params.hook(0) as Hook, PEER_HIGH, PEER_LOW, Method.ECHO);
		call.initParams(new StructBuilder(), 0, 1).putText(0, params.text(1));
		return call;
	}
}
