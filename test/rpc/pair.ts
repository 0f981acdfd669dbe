import {
	Call,
	Exception,
	FrameReader,
	type Hook,
	type Message,
	Path,
	Pools,
	type PoolsOptions,
	type ReturnHandler,
	Server,
	StructBuilder,
	StructReader,
} from "vatlet/runtime";
import { type BootstrapProvider, Connection } from "../../src/rpc/connection.js";
import { dumpConnection } from "../../src/rpc/describe.js";
import type { ConnectionLimits } from "../../src/rpc/limits.js";
import type { Sender } from "../../src/rpc/state.js";
import { summary } from "../../src/rpc/summary.js";

/** Method n of interface 1 is `methods[n]`. Params and results: one word of data, two pointers. */
export class TestServer extends Server {
	readonly methods: ((call: Call) => void)[];
	releases = 0;

	constructor(...methods: ((call: Call) => void)[]) {
		super();
		this.methods = methods;
	}

	dispatch(call: Call, _interfaceHigh: number, interfaceLow: number, methodId: number): number {
		if (interfaceLow !== 1) return 1;
		const method = this.methods[methodId];
		if (method === undefined) return 2;
		method(call);
		return 0;
	}

	override released(): void {
		this.releases++;
	}
}

/** The number in params or results. */
export function numberIn(view: { readParams?: unknown }, results = false): number {
	const call = view as Call;
	return (results ? call.readResults(new StructReader()) : call.readParams(new StructReader())).uint32(0);
}

/** A capability in params or results: a reference for the caller. */
export function capIn(call: Call, index: number, results = false): Hook {
	const hook = (results ? call.readResults(new StructReader()) : call.readParams(new StructReader())).hook(
		index,
	) as Hook | null;
	if (hook === null) throw new Error("no capability there");
	hook.addRef();
	return hook;
}

/** Ends a call with a number and capabilities (borrowed). */
export function answer(call: Call, number: number, ...caps: (Hook | null)[]): void {
	const results = call.initResults(new StructBuilder(), 1, 2);
	results.putUint32(0, number);
	caps.forEach((cap, i) => results.putHook(i, cap));
	call.done();
}

/** What became of a call. */
export class Outcome implements ReturnHandler {
	number: number | null = null;
	exception: Exception | null = null;
	caps: Hook[] = [];
	told = 0;
	constructor(
		readonly log: string[] | null = null,
		readonly name = "",
	) {}

	returned(call: Call): void {
		this.told++;
		const results = call.readResults(new StructReader());
		this.number = results.uint32(0);
		for (let i = 0; i < 2; i++) {
			const hook = results.hook(i) as Hook | null;
			if (hook === null) continue;
			hook.addRef();
			this.caps.push(hook);
		}
		this.log?.push(this.name + " returned");
	}

	failed(_call: Call, exception: Exception): void {
		this.told++;
		this.exception = exception;
		this.log?.push(this.name + " failed");
	}
}

/** One end of a pair: a vat with one connection, whose messages are delivered by hand. */
export class End implements Sender {
	readonly pools: Pools;
	readonly connection: Connection;
	readonly outbox: Uint8Array[] = [];
	readonly sentLines: string[] = [];
	peer!: End;
	queuedWords = 0;
	shutDown = false;
	readonly #reader: FrameReader;
	/** Failures that `receive` threw. */
	thrown: unknown = null;

	constructor(
		readonly name: string,
		bootstrap: BootstrapProvider | null,
		limits: Partial<ConnectionLimits>,
		pools: PoolsOptions | Pools,
		traces = false,
	) {
		this.pools = pools instanceof Pools ? pools : new Pools(pools);
		this.connection = new Connection({ pools: this.pools, sender: this, bootstrap, limits, name, traces });
		this.#reader = new FrameReader(this.pools.messages);
	}

	send(message: Message): void {
		this.sentLines.push(summary(message));
		this.outbox.push(message.toBytes());
		message.release();
	}

	shut(): void {
		this.shutDown = true;
	}

	/** Receives the next message of the peer, which must begin with `expected`. */
	take(expected: string): void {
		const line = this.peer.sentLines.shift();
		if (line === undefined) throw new Error(this.name + " expected '" + expected + "', but nothing was sent");
		if (!line.startsWith(expected)) throw new Error(this.name + " expected '" + expected + "', got '" + line + "'");
		this.receive(this.peer.outbox.shift()!);
	}

	/** Receives a frame from wherever. */
	receive(bytes: Uint8Array): void {
		let offset = 0;
		this.#reader.pull({
			read(into: Uint8Array, at: number, max: number): number {
				const count = Math.min(max, bytes.length - offset);
				into.set(bytes.subarray(offset, offset + count), at);
				offset += count;
				return count;
			},
		});
		const message = this.#reader.take();
		try {
			this.connection.receive(message);
		} catch (error) {
			this.thrown = error;
			this.connection.caught(error);
		}
	}

	get waiting(): number {
		return this.peer.outbox.length;
	}

	takeAll(): number {
		let count = 0;
		while (this.waiting > 0) {
			this.take("");
			count++;
		}
		return count;
	}

	start(hook: Hook, method = 0, number = 0, ...caps: (Hook | null)[]): Call {
		const call = this.pools.takeCall();
		call.start(hook, 0, 1, method);
		const params = call.initParams(new StructBuilder(), 1, 2);
		params.putUint32(0, number);
		caps.forEach((cap, i) => params.putHook(i, cap));
		return call;
	}

	call(hook: Hook, method = 0, number = 0, ...caps: (Hook | null)[]): Outcome {
		const outcome = new Outcome();
		this.start(hook, method, number, ...caps).send(outcome);
		return outcome;
	}

	/** Holds the call: pipeline with `field`, release in the end. */
	hold(hook: Hook, method = 0, number = 0, ...caps: (Hook | null)[]): { call: Call; outcome: Outcome } {
		const outcome = new Outcome();
		return { call: this.start(hook, method, number, ...caps).sendAndHold(outcome), outcome };
	}
}

/** A capability in the results of `call`, there or not: the caller's reference. */
export function field(call: Call, ...indexes: number[]): Hook {
	const path = new Path();
	for (const index of indexes) path.add(index);
	return call.takePipelined(path);
}

/** Serves one capability. */
export class Provider implements BootstrapProvider {
	objectId: Uint8Array | null | undefined = undefined;
	constructor(readonly hook: Hook) {
		hook.addRef();
	}
	bootstrap(call: Call, objectId: Uint8Array | null): void {
		this.objectId = objectId;
		call.resultsAny().setHook(this.hook);
		call.done();
	}
}

export interface PairOptions {
	limits?: Partial<ConnectionLimits>;
	pools?: PoolsOptions;
	traces?: boolean;
}

/** Two vats and the messages between them. `end` checks that everything was given back. */
export function pair(serverRoot: Server | null, clientRoot: Server | null = null, options: PairOptions = {}) {
	const providers: Provider[] = [];
	const provide = (root: Server | null) => {
		if (root === null) return null;
		const provider = new Provider(root.hook);
		providers.push(provider);
		return provider;
	};
	const pools = { guarded: true, ...options.pools };
	const client = new End("client", provide(clientRoot), options.limits ?? {}, pools, options.traces);
	const server = new End("server", provide(serverRoot), options.limits ?? {}, pools, options.traces);
	client.peer = server;
	server.peer = client;
	return {
		client,
		server,
		providers,
		/** Bootstraps the server's root for the client. */
		root(): Hook {
			const hook = client.connection.bootstrap();
			server.take("bootstrap");
			client.take("return");
			server.take("finish");
			return hook;
		},
		/** Delivers until nothing is on its way. */
		settle(): void {
			for (let i = 0; i < 1000 && client.waiting + server.waiting > 0; i++) {
				server.takeAll();
				client.takeAll();
			}
		},
		end(): void {
			this.settle();
			for (const provider of providers) provider.hook.release();
			for (const side of [client, server]) checkEmpty(side);
		},
	};
}

export function checkEmpty(side: End): void {
	const state = dumpConnection(side.connection);
	const pools = side.pools;
	if (!side.connection.empty) throw new Error("tables of " + side.name + " are not empty:\n" + state);
	if (pools.messages.used !== 1) throw new Error(side.name + " keeps " + (pools.messages.used - 1) + " messages");
	if (pools.calls.used !== 0) throw new Error(side.name + " keeps " + pools.calls.used + " calls");
	if (pools.pipelined.used !== 0)
		throw new Error(side.name + " keeps " + pools.pipelined.used + " pipelined capabilities");
	if (side.thrown !== null) throw side.thrown;
}
