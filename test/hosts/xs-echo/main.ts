/** Two sealed vats in one machine: what ten thousand echoes allocate, and what one costs the side that serves it. */
import {
	type Call,
	Client,
	type Exception,
	type Message,
	Pools,
	Request,
	type ReturnHandler,
	Server,
	StructBuilder,
	StructReader,
	TextReader,
	TypedCall,
} from "vatlet/runtime";
import {
	CHUNK_BYTES,
	COLLECTIONS,
	MALLOCS,
	SLOTS,
	collect,
	configValue,
	exit,
	instructions,
	meter,
	nowMs,
	print,
} from "vatlet/system";
import { copyBytes } from "../../../src/base/bytes.js";
import { type BootstrapProvider, Connection } from "../../../src/rpc/connection.js";
import { DEVICE_LIMITS } from "../../../src/rpc/limits.js";
import type { Sender } from "../../../src/rpc/state.js";

const ECHOES = Number(configValue("echoes") ?? 10_000);
const HIGH = 0xb4e1c8d9;
const LOW = 0x0f3a7726;

class EchoCall extends TypedCall {
	readonly params = new StructReader();
	readonly results = new StructBuilder();
	readonly server: EchoServer;
	constructor(server: EchoServer) {
		super();
		this.server = server;
	}
	protected recycle(): void {
		this.server.free = this;
	}
}

class EchoServer extends Server {
	free: EchoCall | null = new EchoCall(this);
	readonly #text = new TextReader();
	dispatch(call: Call, high: number, low: number, method: number): number {
		if (high !== HIGH || low !== LOW) return 1;
		if (method !== 0) return 2;
		const typed = this.free!;
		typed.call = call;
		call.readParams(typed.params);
		call.initResults(typed.results, 0, 1);
		typed.results.putTextFrom(0, typed.params.textAt(0, this.#text));
		typed.done();
		return 0;
	}
}

class Root implements BootstrapProvider {
	readonly server = new EchoServer();
	bootstrap(call: Call): void {
		call.resultsAny().setHook(this.server.hook);
		call.done();
	}
}

/** Hands messages to the other side's memory; they wait there until `pump`. */
class Wire implements Sender {
	queuedWords = 0;
	other: Wire | null = null;
	connection: Connection | null = null;
	readonly pools: Pools;
	readonly waiting: (Message | null)[] = [null, null, null, null, null, null, null, null];
	count = 0;
	/** Of receiving, without the copy. */
	instructions = 0;
	constructor(pools: Pools) {
		this.pools = pools;
	}
	send(message: Message): void {
		const before = instructions();
		const other = this.other!;
		const copy = other.pools.messages.take()!;
		for (let i = 0; i < message.segmentCount; i++) {
			const from = message.segmentAt(i);
			const to = copy.arena.reserve(from.lengthWords)!;
			copyBytes(from.bytes, from.startByte, to.bytes, to.startByte, from.lengthWords * 8);
		}
		copy.arena.openForReading();
		message.release();
		other.waiting[other.count++] = copy;
		// What a transport does is not what is measured.
		this.instructions -= instructions() - before;
	}
	shut(): void {}
	pump(): boolean {
		if (this.count === 0) return false;
		const message = this.waiting[0]!;
		this.count--;
		for (let i = 0; i < this.count; i++) this.waiting[i] = this.waiting[i + 1]!;
		this.waiting[this.count] = null;
		const before = instructions();
		this.connection!.receive(message);
		this.instructions += instructions() - before;
		return true;
	}
}

class EchoClient extends Client {
	readonly #request = new EchoRequest();
	echo(): EchoRequest {
		return this.begin(this.#request, this.#request.params, HIGH, LOW, 0, 0, 1);
	}
}
class EchoRequest extends Request {
	readonly params = new StructBuilder();
}

class Answers implements ReturnHandler {
	right = 0;
	readonly #results = new StructReader();
	readonly #text = new TextReader();
	returned(call: Call): void {
		if (call.readResults(this.#results).textAt(0, this.#text).equalsString("hello")) this.right++;
	}
	failed(_call: Call, exception: Exception): void {
		print("failed: " + exception.reason);
	}
}

const newPools = () =>
	new Pools({ messages: { messages: 12, segments: 12, segmentWords: 64, wordsMax: 12 * 64 }, calls: 8, pipelined: 4 });
const near = new Wire(newPools());
const far = new Wire(newPools());
near.other = far;
far.other = near;
const limits = { ...DEVICE_LIMITS };
near.connection = new Connection({ pools: near.pools, sender: near, limits, sealed: true });
far.connection = new Connection({ pools: far.pools, sender: far, limits, sealed: true, bootstrap: new Root() });
near.pools.seal();
far.pools.seal();
const client = new EchoClient(near.pools, near.connection.bootstrap());
const answers = new Answers();

function echoes(count: number): void {
	for (let i = 0; i < count; i++) {
		const request = client.echo();
		request.params.putText(0, "hello");
		request.send(answers);
		for (;;) {
			if (far.pump()) continue;
			if (!near.pump()) break;
		}
	}
}

/** Made before anything is measured, or they would count themselves. */
const before = new Float64Array(4);
const after = new Float64Array(4);
function measure(into: Float64Array): void {
	into[0] = meter(SLOTS);
	into[1] = meter(CHUNK_BYTES);
	into[2] = meter(MALLOCS);
	into[3] = meter(COLLECTIONS);
}

echoes(20);
collect();
measure(before);
far.instructions = near.instructions = 0;
answers.right = 0;
const started = nowMs();
echoes(ECHOES);
const ms = nowMs() - started;
measure(after);
const grown = Array.from(after, (value, i) => value - before[i]!);
print(
	JSON.stringify({
		event: "done",
		right: answers.right,
		echoes: ECHOES,
		grown,
		milliseconds: ms,
		instructions: Math.round(far.instructions / ECHOES),
		callerInstructions: Math.round(near.instructions / ECHOES),
	}),
);
exit(0);
