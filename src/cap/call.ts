import { Fault } from "../base/fault.js";
import type { Message } from "../message/message.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyKind, type AnyReader } from "../layout/any-reader.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import { BrokenHook } from "./broken.js";
import { CALL_BYTES, CALL_CONTENT, RETURN_BYTES, RETURN_CONTENT } from "./envelope.js";
import {
	CANCELED,
	type Exception,
	exceptionFor,
	NO_CAPABILITY,
	NO_STRUCT,
	NULL_CAPABILITY,
	OVERLOADED,
} from "./exception.js";
import type { Hook } from "./hook.js";
import type { Path } from "./path.js";
import type { PipelinedHook } from "./pipelined.js";
import { type Callee, type CallOrigin, CallState, type CancelHandler, type ReturnHandler } from "./call-roles.js";
import type { Pools } from "./pools.js";
import type { Router } from "./promise.js";

/**
 * One call, on its whole way: the caller builds params in it, hooks deliver it (across promises, proxies and tail calls it
 * stays the same object), the callee builds results in it, the caller reads them.
 *
 * Life: free → building (`start`) → delivered: the callee has it and must end it, once, with `done`, `fail` or `tailCall`
 * → ended: the results stay while somebody holds a reference → free. Letting go of the last reference before the end
 * cancels it: the callee is told, still ends it, and what it then says is dropped.
 */
export class Call {
	// In the order of use: engines without inline caches look fields up one after the other.
	state: number = CallState.FREE;
	/** Those who want the results. */
	refs = 0;
	readonly pools: Pools;
	handler: ReturnHandler | null = null;
	params: Message | null = null;
	results: Message | null = null;
	callee: Callee | null = null;
	/** Aimed at the content of the params. */
	readonly paramsAt = new AnyBuilder();
	readonly resultsAt = new AnyBuilder();
	exception: Exception | null = null;
	/** Pipelined capabilities that wait for the results. */
	pipelines: PipelinedHook | null = null;
	/** Lets go by itself once the handler was told. */
	#transient = false;
	/** Built here, with a Return envelope; otherwise received. */
	resultsBuilt = false;
	/** Built here, with a Call envelope; otherwise received. */
	paramsBuilt = false;
	interfaceLow = 0;
	interfaceHigh = 0;
	methodId = 0;
	/** The call during whose end this one ended. */
	#outerEnding: Call | null = null;
	/** Is being told. */
	#telling: ReturnHandler | null = null;
	/** The connection (if any) that this call came from. */
	origin: CallOrigin | null = null;
	/** Words that a budget was charged for it. */
	chargedWords = 0;
	/** Tells one use of this object from the next. */
	serial = 0;
	/** Where calls on pipelined capabilities go meanwhile: to the connection that asks. */
	router: Router | null = null;
	/** Set by a server that wants to know; told at most once. */
	cancelHandler: CancelHandler | null = null;
	/** Made because the pool was empty: fails as overloaded and is then forgotten. */
	readonly unpooled: boolean;
	/** The results came from a call of the peer that runs here (`takeFromOtherQuestion`). */
	detour = false;
	canceled = false;
	/** Reference held until delivered. */
	target: Hook | null = null;
	nextQueued: Call | null = null;
	previousQueued: Call | null = null;
	/** What a stream counts it as. */
	streamBytes = 0;

	constructor(pools: Pools, unpooled = false) {
		this.pools = pools;
		this.unpooled = unpooled;
	}

	// The caller's side.

	/** Starts building a call of `target`, of which it takes a reference of its own. Where no memory is left it will fail as overloaded. */
	start(target: Hook, interfaceHigh: number, interfaceLow: number, methodId: number): void {
		const message = (this.unpooled ? null : this.pools.messages.take()) ?? this.pools.refused;
		target.addRef();
		this.target = target;
		this.state = CallState.BUILDING;
		this.refs = 1;
		this.interfaceHigh = interfaceHigh;
		this.interfaceLow = interfaceLow;
		this.methodId = methodId;
		this.params = message;
		this.paramsBuilt = true;
		this.pools.open(message, this.pools.callEnvelope, CALL_BYTES, CALL_CONTENT, this.paramsAt);
	}

	initParams<B extends StructBuilder>(into: B, dataWords: number, pointerCount: number): B {
		return this.paramsAt.initStruct(dataWords, pointerCount, into);
	}

	/** Sends it; lets go of it by itself after `handler` was told, which may be before this returns. */
	send(handler: ReturnHandler | null): void {
		this.#transient = true;
		this.#send(handler);
	}

	/** Sends it; the caller holds the call and must `release` it, which cancels it where it has not ended. */
	sendAndHold(handler: ReturnHandler | null): this {
		this.#transient = false;
		this.#send(handler);
		return this;
	}

	#send(handler: ReturnHandler | null): void {
		const target = this.target!;
		this.handler = handler;
		this.target = null;
		this.state = CallState.DELIVERED;
		// The holder may let go while the call is being delivered.
		this.refs++;
		if (this.params === this.pools.refused) this.fail(OVERLOADED);
		else target.resolved().deliver(this);
		target.release();
		this.unpin();
	}

	/** Gives up a call that was not sent. */
	drop(): void {
		this.target!.release();
		this.target = null;
		this.state = CallState.ENDED;
		this.release();
	}

	/** Keeps the results longer than the handler: one more `release` is due. */
	addRef(): void {
		this.refs++;
	}

	/** The holder lets go: its handler will not be told any more. The call goes on where pipelined capabilities need it. */
	release(): void {
		if (this.state === CallState.DELIVERED) this.handler = null;
		this.unpin();
	}

	/** Lets go of a reference that is not the handler's. */
	unpin(): void {
		if (this.refs <= 0) throw new Error("call released more often than held");
		if (--this.refs > 0) return;
		if (this.state === CallState.ENDED) this.#close();
		else this.#cancel();
	}

	/** Aims `into` at the results. */
	readResults<R extends StructReader>(into: R): R {
		return this.resultsAt.readStruct(into);
	}

	/** A capability in the results, now or later: the caller's reference. The same path twice is the same hook. */
	takePipelined(path: Path): Hook {
		let hook = this.pipelines;
		while (hook !== null && !hook.path.equals(path)) hook = hook.nextPipelined;
		if (hook !== null) {
			hook.addRef();
			if (this.state !== CallState.ENDED) this.#pin(hook);
			return hook;
		}
		if (this.state === CallState.ENDED) return this.#takeField(path);
		hook = this.pools.pipelined.take();
		if (hook === null) return new BrokenHook(OVERLOADED);
		hook.path.copyFrom(path);
		hook.call = this;
		hook.router = this.router;
		hook.brand = this.router;
		hook.home = this.router;
		hook.nextPipelined = this.pipelines;
		this.pipelines = hook;
		this.#pin(hook);
		return hook;
	}

	#pin(hook: PipelinedHook): void {
		if (hook.pinned) return;
		hook.pinned = true;
		this.refs++;
	}

	// The callee's side.

	/** Aims `into` at the params; valid until `releaseParams` or the end. */
	readParams<R extends StructReader>(into: R): R {
		return this.paramsAt.readStruct(into);
	}

	/** Gives the params' memory and capabilities back early. */
	releaseParams(): void {
		const params = this.params;
		if (params === null) return;
		this.params = null;
		this.pools.drop(params);
	}

	/** Starts it as one that came in, with one holder and `paramsAt` aimed; the caller of this delivers it. Takes `message`. */
	arrive(
		message: Message | null,
		interfaceHigh: number,
		interfaceLow: number,
		methodId: number,
		handler: ReturnHandler | null,
	): void {
		this.state = CallState.DELIVERED;
		this.refs = 1;
		this.interfaceHigh = interfaceHigh;
		this.interfaceLow = interfaceLow;
		this.methodId = methodId;
		this.handler = handler;
		this.params = message;
		this.paramsBuilt = false;
	}

	/** Starts the results in place; once. */
	initResults<B extends StructBuilder>(into: B, dataWords: number, pointerCount: number): B {
		return this.resultsAny().initStruct(dataWords, pointerCount, into);
	}

	/** The content pointer of the results, for a capability instead of a struct. */
	resultsAny(): AnyBuilder {
		if (this.results === null) this.#openResults();
		return this.resultsAt;
	}

	/** Ends the call with the results built so far. */
	done(): void {
		if (this.results === null) this.#openResults();
		if (this.results === this.pools.refused) {
			this.fail(OVERLOADED);
			return;
		}
		this.#end();
	}

	/** Ends the call. */
	fail(exception: Exception): void {
		this.dropResults();
		this.exception = exception;
		this.#end();
	}

	/** Ends the call with results that came in a message, at which `resultsAt` is aimed: takes it. */
	returnMessage(message: Message): void {
		this.results = message;
		this.resultsBuilt = false;
		this.#end();
	}

	/** Ends the call with the outcome of another that has ended. */
	returnOutcome(other: Call): void {
		if (other.exception !== null) {
			this.fail(other.exception);
			return;
		}
		this.resultsAny().copy(other.resultsAt);
		other.coverEmbargoed(this.results!, this.resultsAt);
		this.done();
	}

	/** The callee is another: `request` (building, taken over) is made instead and answers this call. */
	tailCall(request: Call): void {
		const target = request.target!;
		request.target = null;
		this.dropResults();
		this.releaseParams();
		this.params = request.params;
		this.paramsBuilt = request.paramsBuilt;
		this.paramsAt.at.copyFrom(request.paramsAt.at);
		this.interfaceHigh = request.interfaceHigh;
		this.interfaceLow = request.interfaceLow;
		this.methodId = request.methodId;
		this.callee = null;
		this.cancelHandler = null;
		request.params = null;
		request.state = CallState.ENDED;
		request.release();
		if (this.params === this.pools.refused) this.fail(OVERLOADED);
		else if (this.canceled) this.fail(CANCELED);
		else target.resolved().deliver(this);
		target.release();
	}

	/**
	 * For passing the results on: puts promises that are still embargoed into the slots of `message`, which has the results
	 * at `content`, in place of what they will be. Else the next vat would overtake the calls that they wait for.
	 */
	coverEmbargoed(message: Message, content: AnyReader): void {
		for (let hook = this.pipelines; hook !== null; hook = hook.nextPipelined) {
			if (!this.#walk(content, hook.path)) continue;
			const at = this.pools.walk.at;
			hook.addRef();
			message.caps.replace(at.view.getUint32(at.data + at.dataBytes + 4, true), hook);
		}
	}

	/** Aims `pools.walk` at the pointer at `path`; false where that is no capability. */
	#walk(content: AnyReader, path: Path): boolean {
		const any = this.pools.walk;
		const struct = this.pools.walkStruct;
		any.at.copyFrom(content.at);
		for (let i = 0; i < path.length; i++) {
			if (any.kind !== AnyKind.STRUCT) return false;
			any.readStruct(struct);
			struct.anyAt(path.fields[i]!, any);
		}
		return any.kind === AnyKind.CAPABILITY;
	}

	/** From here on `router` gets what is called on pipelined capabilities; what waited goes first. */
	routePipelines(router: Router): void {
		this.router = router;
		for (let hook = this.pipelines; hook !== null; hook = hook.nextPipelined) {
			hook.router = router;
			hook.brand = router;
			hook.home = router;
			hook.flush();
		}
	}

	/** Only for a pipelined hook that leaves: takes it off the list. */
	forget(hook: PipelinedHook): void {
		let before: PipelinedHook | null = null;
		let at = this.pipelines;
		while (at !== null && at !== hook) {
			before = at;
			at = at.nextPipelined;
		}
		if (at === null) return;
		if (before === null) this.pipelines = hook.nextPipelined;
		else before.nextPipelined = hook.nextPipelined;
		hook.nextPipelined = null;
	}

	/** The capability at `path` of the results; the caller's reference. Broken where there is none. */
	#takeField(path: Path): Hook {
		if (this.exception !== null) return new BrokenHook(this.exception);
		if (this.results === null) return new BrokenHook(CANCELED);
		const any = this.pools.walk;
		if (!this.#walk(this.resultsAt, path)) {
			const kind = any.kind;
			return new BrokenHook(
				kind === AnyKind.NULL ? NULL_CAPABILITY : kind === AnyKind.STRUCT ? NO_CAPABILITY : NO_STRUCT,
			);
		}
		const hook = any.hook() as Hook | null;
		if (hook === null) return new BrokenHook(NULL_CAPABILITY);
		// As it came: whoever settles a promise with it looks at the way it took.
		hook.addRef();
		return hook;
	}

	#openResults(): void {
		const pools = this.pools;
		this.resultsBuilt = true;
		this.results = pools.messages.take() ?? pools.refused;
		pools.open(this.results, pools.returnEnvelope, RETURN_BYTES, RETURN_CONTENT, this.resultsAt);
	}

	dropResults(): void {
		const results = this.results;
		if (results === null) return;
		this.results = null;
		this.pools.drop(results);
	}

	#end(): void {
		if (this.state !== CallState.DELIVERED) throw new Error("call ended twice");
		this.state = CallState.ENDED;
		this.cancelHandler = null;
		this.router = null;
		if (this.refs === 0) {
			this.#close();
			return;
		}
		this.refs++;
		this.#outerEnding = this.pools.ending;
		this.pools.ending = this;
		// First what was called before, then whoever may call now.
		this.#resolvePipelines();
		const handler = this.handler;
		this.handler = null;
		this.#telling = handler;
		if (handler !== null)
			if (this.exception !== null) handler.failed(this, this.exception);
			else handler.returned(this);
		this.#telling = null;
		this.pools.ending = this.#outerEnding;
		this.#ended();
	}

	#ended(): void {
		this.releaseParams();
		if (this.#transient) {
			this.#transient = false;
			this.release();
		}
		this.release();
	}

	/**
	 * Something threw `error` while this call was ending: malformed results, or a handler. Completes the end; whoever had not
	 * got the results, or could not read them, is told that the call failed.
	 */
	endThrown(error: unknown): void {
		const exception = exceptionFor(error);
		const handler = this.handler ?? (error instanceof Fault ? this.#telling : null);
		this.handler = null;
		this.#telling = null;
		this.pools.ending = this.#outerEnding;
		for (let hook = this.#unsettled(); hook !== null; hook = this.#unsettled())
			this.#settlePipeline(hook, new BrokenHook(exception));
		if (handler !== null) handler.failed(this, exception);
		this.#ended();
	}

	#unsettled(): PipelinedHook | null {
		let hook = this.pipelines;
		while (hook !== null && hook.settled) hook = hook.nextPipelined;
		return hook;
	}

	/** What waits in them is delivered now, before the caller hears of the results. */
	#resolvePipelines(): void {
		for (let hook = this.#unsettled(); hook !== null; hook = this.#unsettled())
			this.#settlePipeline(hook, this.#takeField(hook.path));
	}

	/** Takes the reference to `target`. */
	#settlePipeline(hook: PipelinedHook, target: Hook): void {
		hook.settled = true;
		if (hook.pinned) {
			hook.pinned = false;
			this.refs--;
		}
		hook.addRef();
		// Calls that went to the peer may still be on their way: only the connection knows when they have arrived.
		if (hook.used && hook.router !== null) hook.router.settle(hook, target, this.detour);
		else hook.resolve(target);
		hook.release();
	}

	#cancel(): void {
		this.canceled = true;
		this.handler = null;
		this.#transient = false;
		const handler = this.cancelHandler;
		this.cancelHandler = null;
		if (handler !== null) handler.canceled(this);
		else if (this.callee !== null) this.callee.canceled(this);
	}

	/** Ended, and nobody wants it any more. */
	#close(): void {
		const callee = this.callee;
		this.callee = null;
		for (;;) {
			const hook = this.pipelines;
			if (hook === null) break;
			// Still embargoed: it is held by that.
			if (hook.refs > 0) hook.leave();
			else hook.dispose();
		}
		this.releaseParams();
		this.dropResults();
		this.exception = null;
		this.handler = null;
		this.cancelHandler = null;
		this.canceled = false;
		this.detour = false;
		const origin = this.origin;
		this.origin = null;
		this.state = CallState.FREE;
		this.serial++;
		if (callee !== null) callee.finished(this);
		if (origin !== null) origin.callClosed(this);
		this.chargedWords = 0;
		if (!this.unpooled) this.pools.calls.give(this);
	}
}
