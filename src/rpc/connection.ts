import { AssertionError } from "../base/assert.js";
import { Exhausted, Fault } from "../base/fault.js";
import { BrokenHook } from "../cap/broken.js";
import { type Call, type CallOrigin, CallState } from "../cap/call.js";
import { CALL_BYTES, CALL_CONTENT, RETURN_BYTES, RETURN_CONTENT } from "../cap/envelope.js";
import { CANCELED, CLOSED, Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { exceptionFor } from "../cap/local.js";
import type { PipelinedHook } from "../cap/pipelined.js";
import type { Pools } from "../cap/pools.js";
import type { PromiseHook, Router } from "../cap/promise.js";
import { AnyReader } from "../layout/any-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import { TextReader } from "../layout/text-reader.js";
import type { Message } from "../message/message.js";
import { Adopter, protocolFault } from "./adopt.js";
import type { Answer } from "./answer.js";
import { describeState } from "./describe.js";
import type { Export } from "./export.js";
import type { ImportHook } from "./import.js";
import { type ConnectionLimits, NODE_LIMITS } from "./limits.js";
import type { Question } from "./question.js";
import {
	BOOTSTRAP, CALL, Context, DESCRIPTOR, DescriptorTag, DISEMBARGO, FINISH, PAYLOAD, RELEASE, RESOLVE, ResolveTag, RETURN, ReturnTag,
	SendResultsTo, Tag, TARGET, TargetTag,
} from "./schema.js";
import { type EntryOwner, type MessageTracer, type Sender, State } from "./state.js";
import { Writer } from "./writer.js";

/** Gives out what a peer may start with. */
export interface BootstrapProvider {
	/**
	 * Ends `call`, now or later: `call.resultsAny().setHook(hook)` and `call.done()`, or `call.fail(…)`.
	 * `objectId`: the service that the peer names: bytes, which go over the wire as Text; null for the default one. May be kept.
	 */
	bootstrap(call: Call, objectId: Uint8Array | null): void;
}

export interface ConnectionOptions {
	pools: Pools;
	sender: Sender;
	/** Without it the peer finds nothing here. */
	bootstrap?: BootstrapProvider | null;
	limits?: Partial<ConnectionLimits>;
	/** Make all tables now and allocate nothing later. */
	sealed?: boolean;
	tracer?: MessageTracer | null;
	/** For `dump`. */
	name?: string;
}

/** Is told once, when nothing goes any more. */
export interface ConnectionObserver {
	connectionEnded(connection: Connection, reason: Exception): void;
}

const NO_BOOTSTRAP = Object.freeze(new Exception(ExceptionType.FAILED, "This vat has no restorer"));
const NO_THIRD_PARTY = Object.freeze(new Exception(ExceptionType.UNIMPLEMENTED, "Results to a third party"));
const NOT_IMPLEMENTED = Object.freeze(new Exception(ExceptionType.UNIMPLEMENTED, "Peer does not implement this message"));
/** Words of an unknown message that are sent back; a longer one ends the connection. */
const ECHO_WORDS_MAX = 1024;

/**
 * One conversation with a peer, level 1 of rpc.capnp. Messages come in through `receive`, go out through the sender;
 * no I/O, no clock, no waiting. What the peer breaks ends this connection alone.
 */
export class Connection implements EntryOwner, Router, CallOrigin {
	readonly name: string;
	observer: ConnectionObserver | null = null;
	readonly #state: State;
	readonly #writer: Writer;
	readonly #adopter: Adopter;
	readonly #sender: Sender;
	readonly #provider: BootstrapProvider | null;
	readonly #tracer: MessageTracer | null;
	/** The message being handled, until somebody took it. */
	#current: Message | null = null;
	/** The target of the call being handled. */
	#target: Hook | null = null;
	readonly #root = new StructReader();
	readonly #body = new StructReader();
	readonly #part = new StructReader();
	readonly #payload = new StructReader();
	readonly #content = new AnyReader();
	readonly #text = new TextReader();

	constructor(options: ConnectionOptions) {
		const limits = { ...NODE_LIMITS, ...options.limits };
		this.name = options.name ?? "peer";
		this.#state = new State(this, options.pools, limits, options.sealed ?? false);
		this.#sender = options.sender;
		this.#tracer = options.tracer ?? null;
		this.#writer = new Writer(this.#state, options.sender, this.#tracer);
		this.#adopter = new Adopter(this.#state, this);
		this.#provider = options.bootstrap ?? null;
	}

	/** Why nothing goes any more; null while it does. */
	get ended(): Exception | null {
		return this.#state.ended;
	}

	/** Nothing is held by either side. */
	get empty(): boolean {
		return this.#state.empty;
	}

	/** For tests and tools: what there is at the moment, one entry a line. */
	dump(): string {
		return describeState(this.name, this.#state);
	}

	/** Time passes. Nothing in here depends on it yet: deadlines are the channel's. */
	tick(_nowMs: number): void {
		this.#settleDoom();
	}

	nextDeadlineMs(): number {
		return Infinity;
	}

	/** The peer's bootstrap capability, or the service named `objectId`: the caller's reference. Calls may be made at once. */
	bootstrap(objectId: Uint8Array | null = null): Hook {
		const state = this.#state;
		if (state.ended !== null) return state.endedHook();
		const question = state.questions.take();
		if (question === null) return new BrokenHook(OVERLOADED);
		const call = state.pools.takeCall();
		call.arrive(null, this.#content, 0, 0, 0, null);
		call.router = this;
		call.callee = question;
		question.call = call;
		this.#writer.bootstrap(question.id, objectId);
		const hook = call.takePipelined(state.pools.path.clear());
		call.release();
		return hook;
	}

	/** Ends the conversation with an Abort that says why. */
	close(reason: Exception = CLOSED): void {
		if (this.#state.ended !== null) return;
		this.#writer.abort(reason);
		this.#end(reason);
		this.#sender.shut();
	}

	/** The transport is gone. */
	disconnected(reason: Exception = CLOSED): void {
		this.#end(reason);
	}

	/**
	 * Handles one message: takes it. Throws what the peer broke (Fault) or what a server method threw (unguarded pools):
	 * the caller catches, at any distance, and calls `caught`.
	 */
	receive(message: Message): void {
		if (this.#state.ended !== null) {
			message.release();
			return;
		}
		this.#current = message;
		if (this.#tracer !== null) this.#tracer.received(message);
		const root = message.readRoot(this.#root);
		switch (root.uint16(0)) {
			case Tag.CALL: this.#call(message); break;
			case Tag.RETURN: this.#return(message); break;
			case Tag.FINISH: this.#finish(); break;
			case Tag.RELEASE: this.#release(); break;
			case Tag.RESOLVE: this.#resolve(); break;
			case Tag.DISEMBARGO: this.#disembargo(); break;
			case Tag.BOOTSTRAP: this.#bootstrap(message); break;
			case Tag.UNIMPLEMENTED: this.#unimplemented(); break;
			case Tag.ABORT: this.#abort(); break;
			default: this.#echo(message);
		}
		this.#dropCurrent();
		this.#settleDoom();
	}

	/** Cleans up after `receive` threw `error`. Rethrows what is a bug. */
	caught(error: unknown): void {
		const frames = this.#state.pools.frames;
		while (frames.depth > 0) frames.unwind(exceptionFor(error));
		const target = this.#target;
		this.#target = null;
		if (target !== null) target.release();
		this.#dropCurrent();
		if (error instanceof AssertionError) throw error;
		if (error instanceof Fault) this.close(new Exception(ExceptionType.FAILED, error.message));
		else if (error instanceof Exhausted) this.close(OVERLOADED);
	}

	// Calls from here.

	route(hook: PromiseHook, call: Call): void {
		const state = this.#state;
		if (state.ended !== null) {
			call.fail(state.ended);
			return;
		}
		if (state.questions.full || state.doom !== null || this.#writer.congested) {
			call.fail(OVERLOADED);
			return;
		}
		const built = call.paramsBuilt;
		const message = built ? call.params! : this.#copyParams(call);
		if (message === null || (message.caps.length > 0 && this.#writer.exportsNeeded(message) > state.exports.max - state.exports.count)) {
			if (message !== null && !built) message.release();
			call.fail(OVERLOADED);
			return;
		}
		const question = state.questions.take()!;
		question.call = call;
		call.callee = question;
		// A call of the peer that we send back to it: its results need not come through here.
		const answer = call.origin === this ? state.answers.at((call.handler as Answer | null)?.id ?? 0) : null;
		const tail = answer !== null && answer.call === call && !answer.elsewhere && !answer.answered;
		question.tail = tail;
		if (built) call.params = null;
		else call.releaseParams();
		hook.used = true;
		this.#writer.call(message, question, call, hook);
		if (tail) {
			answer.answered = true;
			this.#writer.takeFromOther(answer.id, question.id);
		}
		call.routePipelines(this);
	}

	settle(hook: PromiseHook, call: Call | null, target: Hook): void {
		const state = this.#state;
		if (target.brand === this) (target as PromiseHook).used ||= hook.used;
		if (state.ended !== null || target.broken !== null || target.brand === this || !hook.used) {
			hook.resolve(target);
			return;
		}
		const embargo = state.embargoes.take();
		if (embargo === null) {
			target.release();
			hook.resolve(new BrokenHook(OVERLOADED));
			return;
		}
		if (call !== null) (hook as PipelinedHook).call = call;
		this.#writer.disembargo(hook, Context.SENDER_LOOPBACK, embargo.id);
		if (call !== null) (hook as PipelinedHook).call = null;
		hook.router = null;
		hook.brand = null;
		hook.addRef();
		embargo.hook = hook;
		embargo.target = target;
	}

	questionCanceled(question: Question): void {
		const call = question.call!;
		question.call = null;
		call.callee = null;
		if (this.#state.ended === null) this.#writer.finish(question.id, true);
		question.finishSent = true;
		// A tail question has returned long before its call is let go of.
		if (question.returned) this.#freeQuestion(question);
		call.fail(CANCELED);
	}

	questionFinished(question: Question): void {
		question.call = null;
		if (this.#state.ended === null && !question.noFinish) this.#writer.finish(question.id, false);
		this.#freeQuestion(question);
	}

	importReleased(hook: ImportHook): void {
		const state = this.#state;
		if (state.imports.at(hook.id) === hook) {
			state.imports.remove(hook.id);
			if (state.ended === null) this.#writer.release(hook.id, hook.wireRefs);
		}
		state.freeImports.give(hook);
	}

	// Calls from the peer.

	answerReturned(answer: Answer, call: Call, exception: Exception | null): void {
		const state = this.#state;
		if (answer.elsewhere) {
			this.#writer.returnBare(answer.id, ReturnTag.ELSEWHERE);
			answer.answered = true;
			this.#giveToTaker(answer);
			return;
		}
		if (exception !== null) {
			this.#writer.failure(answer.id, exception, false);
			this.#removeAnswer(answer);
			return;
		}
		const built = call.resultsBuilt;
		const message = built ? call.results! : this.#copyResults(call);
		const caps = message === null ? 0 : message.caps.length;
		if (message === null || (caps > 0 && (this.#writer.exportsNeeded(message) > state.exports.max - state.exports.count || !this.#charge(call, message.sizeWords)))) {
			if (message !== null && !built) message.release();
			this.#writer.failure(answer.id, OVERLOADED, false);
			this.#removeAnswer(answer);
			return;
		}
		if (caps === 0) {
			if (built) call.takeResults();
			this.#writer.results(message, answer.id, true, answer.resultExports);
			this.#removeAnswer(answer);
			return;
		}
		// Calls may be pipelined on the results until Finish.
		if (built) message.keep();
		answer.answered = true;
		answer.resultExportCount = this.#writer.results(message, answer.id, false, answer.resultExports);
	}

	exportResolved(entry: Export): void {
		const target = entry.hook!.resolved();
		// Ours, and still open: the next news is for the peer.
		if (target.promise && target.brand !== this) {
			target.listen(entry);
			return;
		}
		entry.promise = false;
		if (target.broken !== null) this.#writer.resolveException(entry.id, target.broken);
		else if (target.brand !== this && this.#state.exports.full && this.#state.exportOf(target) === null) this.#writer.resolveException(entry.id, OVERLOADED);
		else this.#writer.resolve(entry.id, target);
	}

	callClosed(call: Call): void {
		this.#state.callsServed--;
		this.#state.words -= call.chargedWords;
	}

	#call(message: Message): void {
		const state = this.#state;
		const body = this.#root.structAt(0, this.#body);
		const id = body.uint32(CALL.QUESTION_ID);
		const elsewhere = body.uint16(CALL.SEND_RESULTS_TO);
		if (state.answers.at(id) !== null) protocolFault("question " + id + " is in use");
		if (elsewhere > SendResultsTo.YOURSELF || !this.#hasRoom(message)) {
			this.#writer.failure(id, elsewhere > SendResultsTo.YOURSELF ? NO_THIRD_PARTY : OVERLOADED, true);
			return;
		}
		const target = (this.#target = this.#adopter.target(body.structAt(CALL.TARGET, this.#part)));
		const payload = body.structAt(CALL.PARAMS, this.#payload);
		if (!this.#adopter.adoptAll(payload, message)) {
			this.#writer.failure(id, OVERLOADED, true);
			this.#target = null;
			target.release();
			return;
		}
		const answer = this.#accept(id, message);
		answer.elsewhere = elsewhere === SendResultsTo.YOURSELF;
		const call = answer.call!;
		call.arrive(message, payload.anyAt(PAYLOAD.CONTENT, this.#content), body.uint64High(CALL.INTERFACE_ID), body.uint64Low(CALL.INTERFACE_ID), body.uint16(CALL.METHOD_ID), answer);
		target.deliver(call);
		this.#target = null;
		target.release();
	}

	#bootstrap(message: Message): void {
		const body = this.#root.structAt(0, this.#body);
		const id = body.uint32(BOOTSTRAP.QUESTION_ID);
		if (this.#state.answers.at(id) !== null) protocolFault("question " + id + " is in use");
		if (!this.#hasRoom(message)) {
			this.#writer.failure(id, OVERLOADED, true);
			return;
		}
		const objectId = this.#objectId(body);
		const answer = this.#accept(id, message);
		const call = answer.call!;
		call.arrive(message, body.anyAt(BOOTSTRAP.OBJECT_ID, this.#content), 0, 0, 0, answer);
		if (this.#provider === null) call.fail(NO_BOOTSTRAP);
		else this.#provider.bootstrap(call, objectId);
	}

	#objectId(body: StructReader): Uint8Array | null {
		if (body.absent(BOOTSTRAP.OBJECT_ID)) return null;
		const text = body.textAt(BOOTSTRAP.OBJECT_ID, this.#text);
		if (text.lengthBytes === 0) return null;
		const bytes = new Uint8Array(text.lengthBytes);
		text.copyTo(bytes, 0);
		return bytes;
	}

	/** Whether another call of the peer, with `message` as its params, fits its budgets. */
	#hasRoom(message: Message): boolean {
		const state = this.#state;
		return (
			state.callsServed < state.limits.answers && !state.answers.full && state.words + message.sizeWords <= state.limits.wordsInFlight &&
			state.pools.calls.free > 0 && state.freeAnswers.free > 0 && !this.#writer.congested
		);
	}

	/** Enters a call into the tables and the budget. There is room. Takes the message being handled. */
	#accept(id: number, message: Message): Answer {
		const state = this.#state;
		const call = state.pools.calls.take()!;
		const answer = state.freeAnswers.take()!;
		answer.id = id;
		answer.call = call;
		state.answers.add(answer);
		state.callsServed++;
		call.origin = this;
		this.#charge(call, message.sizeWords);
		this.#current = null;
		return answer;
	}

	#charge(call: Call, words: number): boolean {
		const state = this.#state;
		if (state.words + words > state.limits.wordsInFlight) return false;
		state.words += words;
		call.chargedWords += words;
		return true;
	}

	#finish(): void {
		const state = this.#state;
		const body = this.#root.structAt(0, this.#body);
		const answer = state.answers.at(body.uint32(FINISH.QUESTION_ID));
		// A Return may have said that none is needed; older peers send it all the same.
		if (answer === null) return;
		if (!body.bool(FINISH.RELEASE_RESULT_CAPS_BIT)) {
			for (let i = 0; i < answer.resultExportCount; i++) this.#releaseExport(answer.resultExports[i]!, 1);
		}
		answer.resultExportCount = 0;
		if (answer.taker !== null) {
			answer.finished = true;
			return;
		}
		if (!answer.answered) this.#writer.returnBare(answer.id, ReturnTag.CANCELED);
		this.#removeAnswer(answer);
	}

	#removeAnswer(answer: Answer): void {
		const state = this.#state;
		const call = answer.call!;
		state.answers.remove(answer.id);
		answer.reset();
		state.freeAnswers.give(answer);
		call.handler = null;
		call.release();
	}

	/** The outcome of a call that was sent with `yourself` goes to the question that takes it. */
	#giveToTaker(answer: Answer): void {
		const taker = answer.taker;
		if (taker === null) return;
		answer.taker = null;
		if (taker.state === CallState.DELIVERED) taker.returnOutcome(answer.call!);
		taker.unpin();
		if (answer.finished) this.#removeAnswer(answer);
	}

	// Answers of the peer.

	#return(message: Message): void {
		const state = this.#state;
		const body = this.#root.structAt(0, this.#body);
		const question = state.questions.at(body.uint32(RETURN.ANSWER_ID));
		if (question === null || question.returned) return protocolFault("return for no question: " + body.uint32(RETURN.ANSWER_ID));
		question.returned = true;
		if (body.bool(RETURN.NO_FINISH_NEEDED_BIT)) question.noFinish = true;
		if (!body.bool(RETURN.RELEASE_PARAM_CAPS_BIT)) {
			for (let i = 0; i < question.paramExportCount; i++) this.#releaseExport(question.paramExports[i]!, 1);
		}
		question.paramExportCount = 0;
		const call = question.call;
		if (call === null) {
			// Canceled: our Finish told the peer to release what these results bring.
			this.#freeQuestion(question);
			return;
		}
		switch (body.uint16(RETURN.WHICH)) {
			case ReturnTag.RESULTS: this.#results(question, call, body.structAt(RETURN.CONTENT, this.#payload), message); break;
			case ReturnTag.EXCEPTION: call.fail(this.#adopter.exception(body.structAt(RETURN.CONTENT, this.#part))); break;
			case ReturnTag.CANCELED: call.fail(CANCELED); break;
			case ReturnTag.ELSEWHERE:
				if (!question.tail) protocolFault("results sent elsewhere that were not asked for");
				break;
			case ReturnTag.TAKE_FROM_OTHER: this.#take(call, body.uint32(RETURN.OTHER_QUESTION)); break;
			default: call.fail(NOT_IMPLEMENTED);
		}
	}

	#results(question: Question, call: Call, payload: StructReader, message: Message): void {
		if (!this.#adopter.adoptAll(payload, message)) {
			// Not taken: the peer releases them with this Finish.
			question.noFinish = true;
			this.#writer.finish(question.id, true);
			call.fail(OVERLOADED);
			return;
		}
		this.#current = null;
		call.returnMessage(message, payload.anyAt(PAYLOAD.CONTENT, this.#content));
	}

	#take(call: Call, otherId: number): void {
		const other = this.#state.answers.at(otherId);
		if (other === null || !other.elsewhere || other.taken) return protocolFault("results from question " + otherId + ", which has none to take");
		other.taken = true;
		call.addRef();
		other.taker = call;
		if (other.answered) this.#giveToTaker(other);
	}

	#freeQuestion(question: Question): void {
		question.reset();
		this.#state.questions.give(question);
	}

	// Capabilities.

	#resolve(): void {
		const state = this.#state;
		const body = this.#root.structAt(0, this.#body);
		const id = body.uint32(RESOLVE.PROMISE_ID);
		const promise = state.imports.at(id);
		if (promise !== null && (promise.settled || !promise.promise)) protocolFault("import " + id + " resolved twice, or no promise");
		if (body.uint16(RESOLVE.WHICH) === ResolveTag.EXCEPTION) {
			if (promise === null) return;
			promise.settled = true;
			promise.resolve(new BrokenHook(this.#adopter.exception(body.structAt(RESOLVE.CONTENT, this.#part))));
			return;
		}
		const descriptor = body.structAt(RESOLVE.CONTENT, this.#part);
		let target: Hook;
		if (state.imports.full) {
			this.#refuse(descriptor);
			target = new BrokenHook(OVERLOADED);
		} else {
			const hook = this.#adopter.adopt(descriptor);
			target = hook ?? new BrokenHook(state.pools.nullHook.broken!);
		}
		// Released here before the peer knew: the capability is for nobody.
		if (promise === null) target.release();
		else {
			promise.settled = true;
			this.settle(promise, null, this.#shorten(target));
		}
	}

	/** Gives back a capability for which there is no room. */
	#refuse(descriptor: StructReader): void {
		const which = descriptor.uint16(DESCRIPTOR.WHICH);
		if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE) this.#writer.release(descriptor.uint32(DESCRIPTOR.ID), 1);
	}

	/** The innermost hook, with the reference that came with `hook`. */
	#shorten(hook: Hook): Hook {
		const target = hook.resolved();
		if (target === hook) return hook;
		target.addRef();
		hook.release();
		return target;
	}

	#release(): void {
		const body = this.#root.structAt(0, this.#body);
		this.#releaseExport(body.uint32(RELEASE.ID), body.uint32(RELEASE.COUNT));
	}

	#releaseExport(id: number, count: number): void {
		const entry = this.#state.exports.at(id);
		if (entry === null) return protocolFault("release of unknown export " + id);
		if (count === 0 || count > entry.refs) return protocolFault("release of export " + id + " by " + count + " of " + entry.refs);
		entry.refs -= count;
		if (entry.refs === 0) this.#state.removeExport(entry).release();
	}

	#disembargo(): void {
		const state = this.#state;
		const body = this.#root.structAt(0, this.#body);
		const id = body.uint32(DISEMBARGO.ID);
		const context = body.uint16(DISEMBARGO.CONTEXT);
		if (context === Context.RECEIVER_LOOPBACK) {
			const embargo = state.embargoes.at(id);
			if (embargo === null) return protocolFault("unknown embargo " + id);
			this.#lift(embargo.hook!, embargo.target!);
			return;
		}
		if (context !== Context.SENDER_LOOPBACK) return this.#echo(this.#current!);
		const target = body.structAt(DISEMBARGO.TARGET, this.#part);
		if (target.uint16(TARGET.WHICH) === TargetTag.PROMISED_ANSWER && !this.#adopter.answered(target)) protocolFault("disembargo of no answer");
		const named = (this.#target = this.#adopter.target(target));
		const hook = named.resolved();
		if (hook.brand === this) this.#writer.disembargo(hook, Context.RECEIVER_LOOPBACK, id);
		// It broke after the peer learned what it was: nothing is on its way through here any more.
		else if (hook.broken !== null) this.#writer.disembargoImport(target.uint16(TARGET.WHICH) === TargetTag.IMPORTED_CAP ? target.uint32(TARGET.IMPORTED_CAP) : 0, id);
		else protocolFault("disembargo of a capability that is not the sender's");
		this.#target = null;
		named.release();
	}

	#lift(hook: PromiseHook, target: Hook): void {
		const state = this.#state;
		for (let i = 0; i < state.embargoes.span; i++) {
			const embargo = state.embargoes.at(i);
			if (embargo === null || embargo.hook !== hook) continue;
			embargo.hook = embargo.target = null;
			state.embargoes.give(embargo);
			break;
		}
		hook.resolve(target);
		hook.release();
	}

	// The rest.

	#unimplemented(): void {
		const inner = this.#root.structAt(0, this.#part);
		const tag = inner.uint16(0);
		const body = inner.structAt(0, this.#body);
		switch (tag) {
			case Tag.BOOTSTRAP:
			case Tag.CALL: {
				const question = this.#state.questions.at(body.uint32(CALL.QUESTION_ID));
				if (question === null || question.returned) return protocolFault("unimplemented question that was not asked");
				question.returned = true;
				question.noFinish = true;
				for (let i = 0; i < question.paramExportCount; i++) this.#releaseExport(question.paramExports[i]!, 1);
				question.paramExportCount = 0;
				if (question.call === null) this.#freeQuestion(question);
				else question.call.fail(NOT_IMPLEMENTED);
				return;
			}
			case Tag.RESOLVE: {
				// The peer keeps calling the promise; what it resolved to is not used.
				if (body.uint16(RESOLVE.WHICH) !== ResolveTag.CAP) return;
				const descriptor = body.structAt(RESOLVE.CONTENT, this.#payload);
				const which = descriptor.uint16(DESCRIPTOR.WHICH);
				if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE) this.#releaseExport(descriptor.uint32(DESCRIPTOR.ID), 1);
				return;
			}
			case Tag.DISEMBARGO: {
				if (body.uint16(DISEMBARGO.CONTEXT) !== Context.SENDER_LOOPBACK) return;
				const embargo = this.#state.embargoes.at(body.uint32(DISEMBARGO.ID));
				if (embargo === null) return protocolFault("unknown embargo");
				this.#lift(embargo.hook!, embargo.target!);
				return;
			}
			default:
		}
	}

	#abort(): void {
		const exception = this.#adopter.exception(this.#root.structAt(0, this.#part));
		this.#end(exception);
		this.#sender.shut();
	}

	#echo(message: Message): void {
		if (message.sizeWords > ECHO_WORDS_MAX) return protocolFault("unknown message of " + message.sizeWords + " words");
		// A small message can claim to be a big one: its copy is no longer than it.
		message.arena.budgetWords = ECHO_WORDS_MAX;
		this.#writer.unimplemented(message);
	}

	#dropCurrent(): void {
		const message = this.#current;
		this.#current = null;
		if (message !== null) message.release();
	}

	#settleDoom(): void {
		const doom = this.#state.doom;
		if (doom === null || this.#state.ended !== null) return;
		this.#end(doom);
		this.#sender.shut();
	}

	/** Received params, copied behind an envelope of our own. Null where there is no memory. */
	#copyParams(call: Call): Message | null {
		const pools = this.#state.pools;
		return this.#copy(pools.callEnvelope, CALL_BYTES, CALL_CONTENT, call.params === null ? null : call.paramsAt);
	}

	#copyResults(call: Call): Message | null {
		const pools = this.#state.pools;
		return this.#copy(pools.returnEnvelope, RETURN_BYTES, RETURN_CONTENT, call.results === null ? null : call.resultsAt);
	}

	#copy(envelope: Uint8Array, bytes: number, at: number, content: AnyReader | null): Message | null {
		const pools = this.#state.pools;
		const message = pools.messages.take();
		if (message === null) return null;
		pools.open(message, envelope, bytes, at, pools.copyAt);
		if (content === null) return message;
		try {
			pools.copyAt.copy(content);
		} catch (error) {
			message.release();
			if (error instanceof Exhausted) return null;
			throw error;
		}
		return message;
	}

	#end(reason: Exception): void {
		const state = this.#state;
		if (state.ended !== null) return;
		state.ended = reason;
		for (let i = 0; i < state.answers.span; ) {
			// Removing may move a later one here.
			const answer = state.answers.slot(i);
			if (answer === null) i++;
			else this.#dropAnswer(answer);
		}
		for (let i = 0; i < state.questions.span; i++) {
			const question = state.questions.at(i);
			if (question !== null) this.#dropQuestion(question, reason);
		}
		for (let i = 0; i < state.embargoes.span; i++) {
			const embargo = state.embargoes.at(i);
			if (embargo === null) continue;
			embargo.target!.release();
			this.#lift(embargo.hook!, state.endedHook());
		}
		for (let i = 0; i < state.imports.span; ) {
			const hook = state.imports.slot(i);
			if (hook === null) {
				i++;
				continue;
			}
			state.imports.remove(hook.id);
			if (hook.next === null) hook.resolve(state.endedHook());
		}
		for (let i = 0; i < state.exports.span; i++) {
			const entry = state.exports.at(i);
			if (entry !== null) state.removeExport(entry).release();
		}
		if (this.observer !== null) this.observer.connectionEnded(this, reason);
	}

	#dropAnswer(answer: Answer): void {
		const taker = answer.taker;
		answer.taker = null;
		if (taker !== null) taker.unpin();
		this.#removeAnswer(answer);
	}

	#dropQuestion(question: Question, reason: Exception): void {
		const call = question.call;
		this.#freeQuestion(question);
		if (call === null) return;
		call.callee = null;
		if (call.state === CallState.DELIVERED) call.fail(reason);
	}
}

