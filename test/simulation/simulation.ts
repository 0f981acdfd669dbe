import {
	BrokenHook,
	type Call,
	Exception,
	ExceptionType,
	FrameReader,
	type Hook,
	type Message,
	Path,
	Pools,
	PromiseHook,
	type ReturnHandler,
	Server,
	StructBuilder,
	StructReader,
} from "vatlet/runtime";
import { Budget } from "../../src/rpc/budget.js";
import { Connection } from "../../src/rpc/connection.js";
import { dumpConnection } from "../../src/rpc/describe.js";
import type { Sender } from "../../src/rpc/state.js";
import { summary } from "../../src/rpc/summary.js";
import { Provider } from "../rpc/pair.js";
import type { Plan, Step } from "./plan.js";
import { Shadow } from "./shadow.js";

/** A reference that a vat's program holds. Calls through it must arrive in the order they were made. */
class Handle {
	seq = 0;
	constructor(
		readonly id: number,
		readonly hook: Hook,
		readonly shadow: Shadow,
	) {}
}

const TIGHT_LIMITS = Object.freeze({
	questions: 6,
	answers: 6,
	exports: 8,
	imports: 8,
	embargoes: 2,
	wordsInFlight: 200,
});

// What one peer may hold of a vat, and all together.
const WIDE_BUDGET = Object.freeze({ calls: 4096, words: 4194304, queuedMessages: 1, caps: 4096 });
const TIGHT_BUDGET = Object.freeze({ ...WIDE_BUDGET, calls: 5, words: 150, caps: 6 });
const TIGHT_GROUP = Object.freeze({ ...WIDE_BUDGET, calls: 8, words: 300, caps: 10 });

const Op = { PING: 0, MAKE: 1, ECHO: 2, PROMISE: 3, DEFER: 4, TAIL: 5, FAIL: 6, KEEP: 7 } as const;

class SimServer extends Server {
	readonly shadow = new Shadow();
	constructor(
		readonly vat: SimVat,
		readonly id: number,
	) {
		super();
		this.shadow.server = this;
		vat.world.servers.push(this);
	}
	dispatch(call: Call, _high: number, low: number, method: number): number {
		if (low !== 1) return 1;
		this.vat.world.arrived(this, call, method);
		return 0;
	}
}

class Held implements ReturnHandler {
	call: Call | null = null;
	told = 0;
	constructor(
		readonly world: World,
		readonly shadow: Shadow,
	) {}
	returned(): void {
		this.#tell();
	}
	failed(): void {
		this.#tell();
	}
	#tell(): void {
		if (++this.told > 1) throw new Error("told twice");
	}
}

/** One direction of a connection. */
class Link implements Sender {
	readonly frames: Uint8Array[] = [];
	readonly lines: string[] = [];
	queuedWords = 0;
	connection!: Connection;
	peer!: Link;
	cut = false;
	readonly reader: FrameReader;
	readonly budget: Budget;
	constructor(
		readonly from: SimVat,
		readonly to: SimVat,
	) {
		this.budget = new Budget(from.world.tight ? TIGHT_BUDGET : WIDE_BUDGET, from.budget);
		this.reader = new FrameReader(from.pools.messages, 512, this.budget);
	}
	send(message: Message): void {
		if (this.from.world.trace) this.lines.push(summary(message));
		this.frames.push(message.toBytes());
		message.release();
	}
	shut(): void {
		this.cut = true;
	}
	/** Delivers the next message to the peer's connection. */
	deliver(): void {
		const bytes = this.frames.shift()!;
		if (this.from.world.trace) this.from.world.log(`${this.from.name}>${this.to.name} ${this.lines.shift()}`);
		let offset = 0;
		this.peer.reader.pull({
			read(into: Uint8Array, at: number, max: number): number {
				const count = Math.min(max, bytes.length - offset);
				into.set(bytes.subarray(offset, offset + count), at);
				offset += count;
				return count;
			},
		});
		const message = this.peer.reader.take();
		// Whatever is thrown here is a bug: these peers are honest.
		this.peer.connection.receive(message);
	}
}

class SimVat {
	readonly pools: Pools;
	readonly handles: Handle[] = [];
	readonly held: Held[] = [];
	readonly deferred: { call: Call; token: Shadow }[] = [];
	readonly promises: { hook: PromiseHook; shadow: Shadow }[] = [];
	readonly links: Link[] = [];
	readonly budget: Budget;
	readonly root: SimServer;
	constructor(
		readonly world: World,
		readonly name: string,
	) {
		this.pools = new Pools({ guarded: false, ...(world.tight ? { calls: 24, pipelined: 8 } : {}) });
		this.budget = new Budget(world.tight ? TIGHT_GROUP : WIDE_BUDGET);
		this.root = new SimServer(this, world.nextServer++);
		this.root.hook.addRef();
	}
}

/** Several vats, every pair connected; random programs; checks who is called, in which order, and that nothing stays. */
export class World {
	readonly vats: SimVat[] = [];
	readonly links: Link[] = [];
	readonly servers: SimServer[] = [];
	readonly tokens: (Shadow | null)[] = [];
	readonly lastSeq: number[] = [];
	readonly handles: Handle[] = [];
	nextServer = 0;
	readonly tight: boolean;
	readonly trace: boolean;
	/** Before each step, and before the end. */
	onStep: () => void = () => {};
	readonly log: (line: string) => void;
	readonly #plan: Plan;
	messages = 0;
	arrivals = 0;

	constructor(plan: Plan, log?: (line: string) => void) {
		this.#plan = plan;
		this.trace = log !== undefined;
		this.tight = plan.tight;
		this.log = log ?? (() => {});
		const count = plan.vats;
		for (let i = 0; i < count; i++) this.vats.push(new SimVat(this, "ABCDE"[i]!));
		for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) this.connect(this.vats[i]!, this.vats[j]!);
	}

	connect(a: SimVat, b: SimVat): void {
		const there = new Link(a, b);
		const back = new Link(b, a);
		there.peer = back;
		back.peer = there;
		there.connection = new Connection({
			pools: a.pools,
			sender: there,
			budget: there.budget,
			bootstrap: new Provider(a.root.hook),
			limits: this.tight ? TIGHT_LIMITS : {},
			name: a.name + b.name,
		});
		back.connection = new Connection({
			pools: b.pools,
			sender: back,
			budget: back.budget,
			bootstrap: new Provider(b.root.hook),
			limits: this.tight ? TIGHT_LIMITS : {},
			name: b.name + a.name,
		});
		// The providers' references; the vats have their own.
		a.root.hook.release();
		b.root.hook.release();
		a.links.push(there);
		b.links.push(back);
		this.links.push(there, back);
		this.hold(a, there.connection.bootstrap(), b.root.shadow);
		this.hold(b, back.connection.bootstrap(), a.root.shadow);
	}

	hold(vat: SimVat, hook: Hook, shadow: Shadow): void {
		const handle = new Handle(this.handles.length, hook, shadow);
		this.handles.push(handle);
		this.lastSeq.push(0);
		vat.handles.push(handle);
	}

	/** A call has come to a server. */
	arrived(server: SimServer, call: Call, method: number): void {
		this.arrivals++;
		const params = call.readParams(new StructReader());
		const handle = this.handles[params.uint32(0)]!;
		const seq = params.uint32(4);
		const token = this.tokens[params.uint32(8)]!;
		if (seq > 0) {
			// Pipelined and queued calls count: this is the order of E.
			if (seq <= this.lastSeq[handle.id]!)
				throw new Error(`handle ${handle.id}: call ${seq} came after ${this.lastSeq[handle.id]}`);
			this.lastSeq[handle.id] = seq;
			const end = handle.shadow.end();
			if (end.server !== server)
				throw new Error(`handle ${handle.id} led to server ${server.id}, should be ${end.server?.id}`);
		}
		token.waitsFor = null;
		this.act(server.vat, call, method, params, token);
	}

	act(vat: SimVat, call: Call, method: number, params: StructReader, token: Shadow): void {
		const given = params.hook(0) as Hook | null;
		const givenShadow = given === null ? null : this.handles[params.uint32(12)]!.shadow;
		switch (method) {
			case Op.MAKE: {
				const server = new SimServer(vat, this.nextServer++);
				token.next = server.shadow;
				this.results(call, server.hook);
				return;
			}
			case Op.ECHO:
				if (given === null || !this.becomes(token, givenShadow!)) return this.fail(call, token);
				this.results(call, given);
				return;
			case Op.PROMISE: {
				const promise = new PromiseHook();
				const shadow = new Shadow();
				token.next = shadow;
				vat.promises.push({ hook: promise, shadow });
				this.results(call, promise);
				return;
			}
			case Op.DEFER:
				vat.deferred.push({ call, token });
				return;
			case Op.TAIL: {
				if (given === null || givenShadow!.dependsOn(token)) return this.fail(call, token);
				token.waitsFor = givenShadow;
				const next = vat.pools.takeCall();
				next.start(given, 0, 1, params.uint32(8) % 3 === 0 ? Op.DEFER : Op.MAKE);
				const built = next.initParams(new StructBuilder(), 2, 1);
				built.putUint32(0, params.uint32(0));
				built.putUint32(8, params.uint32(8));
				call.tailCall(next);
				return;
			}
			case Op.FAIL:
				return this.fail(call, token);
			case Op.KEEP:
				if (given !== null) {
					given.addRef();
					this.hold(vat, given, givenShadow!);
				}
				token.broken = true;
				call.done();
				return;
			default:
				token.broken = true;
				call.done();
		}
	}

	/**
	 * What was open is `target`; false where that must not be: a knot of three vats would stay, since none of them can see it, and so would one of two
	 * vats where calls wait for each other's results, forwarded to and fro: each vat sees half of it.
	 */
	becomes(shadow: Shadow, target: Shadow): boolean {
		if (!target.dependsOn(shadow)) shadow.next = target;
		else if (this.vats.length > 2 || target.end() !== shadow || this.tokens.length % 2 === 0) return false;
		else shadow.broken = true;
		return true;
	}

	results(call: Call, hook: Hook): void {
		call.initResults(new StructBuilder(), 0, 1).putHook(0, hook);
		call.done();
	}

	fail(call: Call, token: Shadow): void {
		token.broken = true;
		call.fail(new Exception(ExceptionType.FAILED, "as simulated"));
	}

	step([kind, of, a, b, c]: Step): void {
		const vat = this.vats[of]!;
		if (kind < 50) this.deliverOne(a);
		else if (kind < 72) this.callSomething(vat, a, b, c);
		else if (kind < 78) this.pipeline(vat, a);
		else if (kind < 84) this.letGo(vat, a);
		else if (kind < 92) this.release(vat, a);
		else if (kind < 95) this.settlePromise(vat, a, b);
		else if (kind < 99) this.answerDeferred(vat, a, b);
		else if (a % 40 === 0) this.disconnect(b);
	}

	deliverOne(a: number): void {
		const waiting = this.links.filter((link) => link.frames.length > 0 && !link.cut);
		if (waiting.length === 0) return;
		this.messages++;
		waiting[a % waiting.length]!.deliver();
	}

	callSomething(vat: SimVat, a: number, b: number, c: number): void {
		if (vat.held.length > 20) return this.letGo(vat, a);
		if (vat.handles.length === 0) return;
		const at = a % vat.handles.length;
		const handle = vat.handles[at]!;
		// Few of them are enough to see how calls on them fail.
		if (handle.hook.resolved().broken !== null && b % 4 > 0) return this.release(vat, at);
		const method = b % 8;
		const given = vat.handles[c % vat.handles.length]!;
		const call = vat.pools.takeCall();
		call.start(handle.hook, 0, 1, method);
		const params = call.initParams(new StructBuilder(), 2, 1);
		const token = new Shadow();
		token.waitsFor = handle.shadow;
		params.putUint32(0, handle.id);
		params.putUint32(4, ++handle.seq);
		params.putUint32(8, this.tokens.length);
		if ((c & 4096) !== 0) {
			params.putUint32(12, given.id);
			params.putHook(0, given.hook);
		}
		this.tokens.push(token);
		if (this.trace)
			this.log(
				`${vat.name}: call ${handle.id}.${method} seq ${handle.seq}${(c & 4096) !== 0 ? " with " + given.id : ""}`,
			);
		const held = new Held(this, token);
		vat.held.push(held);
		held.call = call;
		call.sendAndHold(held);
	}

	pipeline(vat: SimVat, a: number): void {
		if (vat.held.length === 0 || vat.handles.length > 40) return;
		const held = vat.held[a % vat.held.length]!;
		const path = new Path();
		path.add(0);
		const hook = held.call!.takePipelined(path);
		if (this.trace) this.log(`${vat.name}: pipeline -> ${this.handles.length}`);
		this.hold(vat, hook, held.shadow);
	}

	letGo(vat: SimVat, a: number): void {
		if (vat.held.length === 0) return;
		const [held] = vat.held.splice(a % vat.held.length, 1);
		if (this.trace) this.log(`${vat.name}: let go of a call`);
		held!.call!.release();
	}

	release(vat: SimVat, a: number): void {
		if (vat.handles.length < 3) return this.bootstrap(vat, a);
		const [handle] = vat.handles.splice(a % vat.handles.length, 1);
		if (this.trace) this.log(`${vat.name}: release ${handle!.id}`);
		handle!.hook.release();
	}

	/** A world goes on for as long as it is asked to: who has hardly anything left begins anew, over a new connection where the old one was cut. */
	bootstrap(vat: SimVat, a: number): void {
		const others = this.vats.filter((other) => other !== vat);
		const other = others[a % others.length]!;
		const link = vat.links.find((each) => each.to === other && !each.cut);
		if (this.trace) this.log(`${vat.name}: ${link === undefined ? "connect to" : "bootstrap of"} ${other.name}`);
		if (link === undefined) this.connect(vat, other);
		else this.hold(vat, link.connection.bootstrap(), other.root.shadow);
	}

	settlePromise(vat: SimVat, a: number, b: number): void {
		if (vat.promises.length === 0) return;
		const [promise] = vat.promises.splice(a % vat.promises.length, 1);
		const { hook, shadow } = promise!;
		const handle = vat.handles.length === 0 ? null : vat.handles[b % vat.handles.length]!;
		if (b % 5 === 0 || handle === null || !this.becomes(shadow, handle.shadow)) {
			shadow.broken = true;
			if (this.trace) this.log(`${vat.name}: break a promise`);
			hook.resolve(new BrokenHook(new Exception(ExceptionType.FAILED, "as simulated")));
		} else {
			if (this.trace) this.log(`${vat.name}: resolve a promise to ${handle.id}`);
			handle.hook.addRef();
			hook.resolve(handle.hook);
		}
		hook.release();
	}

	answerDeferred(vat: SimVat, a: number, b: number): void {
		if (vat.deferred.length === 0) return;
		const [{ call, token }] = vat.deferred.splice(a % vat.deferred.length, 1) as [{ call: Call; token: Shadow }];
		if (this.trace) this.log(`${vat.name}: answer a deferred call`);
		const handle = vat.handles.length === 0 ? null : vat.handles[b % vat.handles.length]!;
		if (b % 4 === 0 || handle === null || !this.becomes(token, handle.shadow)) this.fail(call, token);
		else this.results(call, handle.hook);
	}

	disconnect(a: number): void {
		const link = this.links[a % this.links.length]!;
		if (link.cut) return;
		if (this.trace) this.log(`cut ${link.from.name}${link.to.name}`);
		for (const end of [link, link.peer]) {
			end.cut = true;
			end.frames.length = 0;
			end.connection.disconnected();
		}
	}

	/** Everybody lets go; then nothing may be left. */
	finish(): void {
		for (let round = 0; round < 50; round++) {
			for (const vat of this.vats) {
				while (vat.deferred.length > 0) this.answerDeferred(vat, 0, 0);
				while (vat.promises.length > 0) this.settlePromise(vat, 0, 0);
				while (vat.held.length > 0) this.letGo(vat, 0);
				for (const handle of vat.handles.splice(0)) handle.hook.release();
			}
			let delivered = 0;
			for (;;) {
				const waiting = this.links.filter((link) => link.frames.length > 0 && !link.cut);
				if (waiting.length === 0) break;
				for (const link of waiting) link.deliver();
				if (++delivered > 5000) throw new Error("messages go round for ever");
			}
			if (delivered === 0 && round > 2) break;
		}
		for (const link of this.links) {
			if (!link.connection.empty) throw new Error("not empty: " + dumpConnection(link.connection));
			if (!link.budget.empty) throw new Error("budget not given back: " + JSON.stringify(link.budget));
			if (link.connection.ended !== null && !link.cut) throw new Error("ended: " + link.connection.ended.reason);
		}
		for (const { pools, name, budget } of this.vats) {
			if (!budget.empty) throw new Error(name + " has not all back: " + JSON.stringify(budget));
			if (pools.calls.used !== 0) throw new Error(name + " keeps " + pools.calls.used + " calls");
			if (pools.pipelined.used !== 0) throw new Error(name + " keeps " + pools.pipelined.used + " pipelined");
			if (pools.messages.used !== 1) throw new Error(name + " keeps " + (pools.messages.used - 1) + " messages");
		}
		for (const server of this.servers) {
			// A root is held by its vat.
			const expected = server === server.vat.root ? 1 : 0;
			if (server.hook.refs !== expected)
				throw new Error("server " + server.id + " of " + server.vat.name + " has " + server.hook.refs + " references");
		}
	}

	run(): void {
		for (const step of this.#plan.steps) {
			this.onStep();
			this.step(step);
		}
		this.onStep();
		this.finish();
	}
}
