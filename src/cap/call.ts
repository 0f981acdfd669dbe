import type { Message } from "../message/message.js";
import { AnyBuilder } from "../layout/any-builder.js";
import type { AnyReader } from "../layout/any-reader.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import { BrokenHook } from "./broken.js";
import { CALL_BYTES, CALL_CONTENT, RETURN_BYTES, RETURN_CONTENT } from "./envelope.js";
import { closeCall, endCall } from "./ending.js";
import { CANCELED, type Exception, OVERLOADED } from "./exception.js";
import type { Hook } from "./hook.js";
import type { Path } from "./path.js";
import type { PipelinedHook } from "./pipelined.js";
import { type Callee, type CallOrigin, CallState, type CancelHandler, type ReturnHandler } from "./call-roles.js";
import type { Pools } from "./pools.js";
import type { Router } from "./promise.js";
import { aimAtField, takeField } from "./result-field.js";

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
	transient = false;
	/** Built here, with a Return envelope; otherwise received. */
	resultsBuilt = false;
	/** Built here, with a Call envelope; otherwise received. */
	paramsBuilt = false;
	interfaceLow = 0;
	interfaceHigh = 0;
	methodId = 0;
	/** The call during whose end this one ended. */
	outerEnding: Call | null = null;
	/** Is being told. */
	telling: ReturnHandler | null = null;
	/** The connection (if any) that this call came from. */
	origin: CallOrigin | null = null;
	/** Words that a budget was charged for it, and capabilities. */
	chargedWords = 0;
	chargedCaps = 0;
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
	/** The call on whose results this one was made, or whose it takes; that is another one when its serial is. */
	awaits: Call | null = null;
	awaitsSerial = 0;
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
		this.transient = true;
		deliver(this, handler);
	}

	/** Sends it; the caller holds the call and must `release` it, which cancels it where it has not ended. */
	sendAndHold(handler: ReturnHandler | null): this {
		this.transient = false;
		deliver(this, handler);
		return this;
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
		if (this.state === CallState.ENDED) closeCall(this);
		else cancel(this);
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
			if (this.state !== CallState.ENDED) pin(this, hook);
			return hook;
		}
		if (this.state === CallState.ENDED) return takeField(this, path);
		hook = this.pools.pipelined.take();
		if (hook === null) return new BrokenHook(OVERLOADED);
		hook.path.copyFrom(path);
		hook.call = this;
		hook.router = this.router;
		hook.brand = this.router;
		hook.home = this.router;
		hook.nextPipelined = this.pipelines;
		this.pipelines = hook;
		pin(this, hook);
		return hook;
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

	/** Starts it as one that came in, with one holder; the caller of this says which method, aims `paramsAt` and delivers it. Takes `message`. */
	arrive(message: Message | null, handler: ReturnHandler | null): void {
		this.state = CallState.DELIVERED;
		this.refs = 1;
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
		if (this.results === null) openResults(this);
		return this.resultsAt;
	}

	/** Ends the call with the results built so far. */
	done(): void {
		if (this.results === null) openResults(this);
		if (this.results === this.pools.refused) this.fail(OVERLOADED);
		else endCall(this);
	}

	/** Ends the call. */
	fail(exception: Exception): void {
		this.dropResults();
		this.exception = exception;
		endCall(this);
	}

	/** Ends the call with results that came in a message, at which `resultsAt` is aimed: takes it. */
	returnMessage(message: Message): void {
		this.results = message;
		this.resultsBuilt = false;
		endCall(this);
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
			if (!aimAtField(this.pools, content, hook.path)) continue;
			const at = this.pools.walk.at;
			hook.addRef();
			message.caps.replace(at.view.getUint32(at.data + at.dataBytes + 4, true), hook);
		}
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

	dropResults(): void {
		const results = this.results;
		if (results === null) return;
		this.results = null;
		this.pools.drop(results);
	}
}

// Not methods: those of an object that is made often cost room in each, and a walk past its fields.

function deliver(call: Call, handler: ReturnHandler | null): void {
	const target = call.target!;
	call.handler = handler;
	call.target = null;
	call.state = CallState.DELIVERED;
	// The holder may let go while the call is being delivered.
	call.refs++;
	if (call.params === call.pools.refused) call.fail(OVERLOADED);
	else target.resolved().deliver(call);
	target.release();
	call.unpin();
}

function pin(call: Call, hook: PipelinedHook): void {
	if (hook.pinned) return;
	hook.pinned = true;
	call.refs++;
}

function openResults(call: Call): void {
	const pools = call.pools;
	const results = pools.messages.take() ?? pools.refused;
	call.resultsBuilt = true;
	call.results = results;
	pools.open(results, pools.returnEnvelope, RETURN_BYTES, RETURN_CONTENT, call.resultsAt);
}

function cancel(call: Call): void {
	const handler = call.cancelHandler;
	call.canceled = true;
	call.transient = false;
	call.handler = call.cancelHandler = null;
	if (handler !== null) handler.canceled(call);
	else if (call.callee !== null) call.callee.canceled(call);
}
