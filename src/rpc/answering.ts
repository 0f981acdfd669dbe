import { awaitResults } from "../cap/awaiting.js";
import type { Call } from "../cap/call.js";
import type { CallOrigin } from "../cap/call-roles.js";
import { CallState } from "../cap/call-roles.js";
import { RETURN_BYTES, RETURN_CONTENT } from "../cap/envelope.js";
import { Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import { AnyKind } from "../layout/any-reader.js";
import type { Hook } from "../cap/hook.js";
import type { StructReader } from "../layout/struct-reader.js";
import { TextReader } from "../layout/text-reader.js";
import type { Message } from "../message/message.js";
import { type Adopter, protocolFault } from "./adopt.js";
import type { Answer, AnswerOwner } from "./answer.js";
import { CallHeader, CONTENT_DEPTH } from "./call-header.js";
import type { Capabilities } from "./capabilities.js";
import { copyPayload } from "./copy-payload.js";
import { BOOTSTRAP, CALL, FINISH, PAYLOAD, RETURN, ReturnTag, SendResultsTo } from "./schema.js";
import type { State } from "./state.js";
import { readCallHeader } from "./usual-call.js";
import type { Writer } from "./writer.js";

/** Gives out what a peer may start with. */
export interface BootstrapProvider {
	/**
	 * Ends `call`, now or later: `call.resultsAny().setHook(hook)` and `call.done()`, or `call.fail(…)`.
	 * `objectId`: the service that the peer names: bytes, which go over the wire as Text; null for the default one. May be kept.
	 */
	bootstrap(call: Call, objectId: Uint8Array | null): void;
}

const NO_BOOTSTRAP = Object.freeze(new Exception(ExceptionType.FAILED, "This vat has no restorer"));
/** `deprecatedObjectId` may be anything: a vat of another make asks for what it once saved there. */
const NO_SUCH_ID = Object.freeze(
	new Exception(ExceptionType.FAILED, "Unknown persistent service ID: those of this vat are Text"),
);
const NO_THIRD_PARTY = Object.freeze(new Exception(ExceptionType.UNIMPLEMENTED, "Results to a third party"));

/** The peer's calls: Bootstrap, Call and Finish come in, Return goes out. */
export class Answering implements AnswerOwner, CallOrigin {
	readonly #state: State;
	readonly #writer: Writer;
	readonly #adopter: Adopter;
	readonly #answersMax: number;
	readonly #wordsMax: number;
	readonly #capabilities: Capabilities;
	readonly #provider: BootstrapProvider | null;
	readonly #body: StructReader;
	readonly #part: StructReader;
	readonly #header = new CallHeader();

	constructor(
		state: State,
		writer: Writer,
		adopter: Adopter,
		capabilities: Capabilities,
		provider: BootstrapProvider | null,
	) {
		this.#state = state;
		this.#writer = writer;
		this.#answersMax = state.limits.answers;
		this.#wordsMax = state.limits.wordsInFlight;
		this.#adopter = adopter;
		this.#capabilities = capabilities;
		this.#provider = provider;
		this.#body = state.views.body;
		this.#part = state.views.part;
	}

	// Calls from the peer.

	answerReturned(answer: Answer, call: Call, exception: Exception | null): void {
		// A tail call that failed: its caller knows already where to take the outcome from.
		if (answer.answered) return;
		answer.answered = true;
		if (answer.elsewhere) {
			if (!answer.silent) this.#writer.returnBare(answer.id, ReturnTag.ELSEWHERE);
			this.giveToTaker(answer);
		} else if (answer.silent) {
			if (exception === null && !this.charge(call, call.results!.sizeWords)) {
				call.dropResults();
				call.exception = OVERLOADED;
			}
		} else if (exception === null) this.returnResults(answer, call);
		// Kept until Finish: calls that are pipelined on it meanwhile fail with its reason.
		else this.#writer.failure(answer.id, exception, RETURN.KEEP_PARAM_CAPS);
	}

	private returnResults(answer: Answer, call: Call): void {
		const writer = this.#writer;
		const built = call.resultsBuilt;
		const message = built ? call.results! : this.copy(call);
		const bare = message === null || message.caps.length === 0;
		if (!bare) call.coverEmbargoed(message, built ? call.resultsAt : call.pools.copyAt);
		if (message === null || (!bare && !(writer.canExport(message) && this.charge(call, message.sizeWords)))) {
			if (message !== null && !built) message.release();
			writer.failure(answer.id, OVERLOADED, RETURN.KEEP_PARAM_CAPS | RETURN.NO_FINISH_NEEDED);
		} else if (bare) {
			// The usual answer: nothing of it is needed any more.
			if (built) call.results = null;
			writer.results(message, answer.id, null);
		} else {
			// Calls may be pipelined on the results until Finish.
			if (built) message.keep();
			answer.resultExportCount = writer.results(message, answer.id, answer.resultExports);
			return;
		}
		this.removeAnswer(answer);
	}

	callClosed(call: Call): void {
		this.account(-1, -call.chargedWords, -call.chargedCaps);
	}

	/** Enters what calls of the peer hold, or takes it off. */
	private account(calls: number, words: number, caps: number): void {
		const state = this.#state;
		state.callsServed += calls;
		state.words += words;
		if (state.budget !== null) state.budget.addCall(calls, words, caps);
	}

	/** Handles the usual Call. False, with nothing changed, where the message is anything else. */
	usualCall(message: Message): boolean {
		const arena = message.arena;
		const segment = arena.first;
		const header = this.#header;
		const depth = arena.shared.depthMax - CONTENT_DEPTH;
		if (segment === null || depth < 0 || !readCallHeader(segment, header)) return false;
		const id = header.questionId;
		const words = message.sizeWords;
		if (this.admit(id, words)) {
			const target = (this.#state.target = this.#adopter.exported(header.targetId));
			const answer = this.accept(id, words, 0);
			answer.call!.paramsAt.at.aimPointerAgain(segment, header.content, depth);
			this.deliver(target, answer, message);
		}
		return true;
	}

	call(root: StructReader, message: Message): void {
		const state = this.#state;
		const body = root.structAt(0, this.#body);
		if (body.at.dataBytes < CALL.DATA_BYTES_MIN) return protocolFault("call without an interface");
		const id = body.uint32(CALL.QUESTION_ID);
		const elsewhere = body.uint16(CALL.SEND_RESULTS_TO);
		const words = message.sizeWords;
		if (!this.admit(id, words)) return;
		if (elsewhere > SendResultsTo.YOURSELF) return this.refuse(id, NO_THIRD_PARTY);
		const target = (state.target = this.#adopter.target(body.structAt(CALL.TARGET, this.#part)));
		const payload = body.structAt(CALL.PARAMS, this.#part);
		if (!this.#adopter.adoptAll(payload, message, state.budget)) {
			this.refuse(id, OVERLOADED);
			state.target = null;
			target.release();
			return;
		}
		const answer = this.accept(id, words, message.caps.length);
		answer.elsewhere = elsewhere === SendResultsTo.YOURSELF;
		answer.silent = body.bool(CALL.ONLY_PROMISE_PIPELINE_BIT);
		payload.anyAt(PAYLOAD.CONTENT, answer.call!.paramsAt);
		const header = this.#header;
		header.interfaceLow = body.uint32(CALL.INTERFACE_ID);
		header.interfaceHigh = body.uint32(CALL.INTERFACE_ID + 4);
		header.methodId = body.uint16(CALL.METHOD_ID);
		this.deliver(target, answer, message);
	}

	/** Hands the call of `#header` to `target`, whose reference it takes. Takes `message`. */
	private deliver(target: Hook, answer: Answer, message: Message): void {
		const header = this.#header;
		const call = answer.call!;
		call.interfaceLow = header.interfaceLow;
		call.interfaceHigh = header.interfaceHigh;
		call.methodId = header.methodId;
		call.arrive(message, answer);
		target.deliver(call);
		this.#state.target = null;
		target.release();
	}

	bootstrap(root: StructReader, message: Message): void {
		const body = root.structAt(0, this.#body);
		const id = body.uint32(BOOTSTRAP.QUESTION_ID);
		const words = message.sizeWords;
		if (!this.admit(id, words)) return;
		const { kind } = body.anyAt(BOOTSTRAP.OBJECT_ID, this.#state.pools.walk);
		const objectId = kind === AnyKind.LIST ? this.objectId(body) : null;
		const answer = this.accept(id, words, 0);
		const call = answer.call!;
		body.anyAt(BOOTSTRAP.OBJECT_ID, call.paramsAt);
		call.arrive(message, answer);
		if (kind !== AnyKind.NULL && kind !== AnyKind.LIST) call.fail(NO_SUCH_ID);
		else if (this.#provider === null) call.fail(NO_BOOTSTRAP);
		else this.#provider.bootstrap(call, objectId);
	}

	private objectId(body: StructReader): Uint8Array | null {
		const text = body.textAt(BOOTSTRAP.OBJECT_ID, new TextReader());
		if (text.lengthBytes === 0) return null;
		const bytes = new Uint8Array(text.lengthBytes);
		text.copyTo(bytes, 0);
		return bytes;
	}

	/** Whether another call of the peer, with params of `words`, fits its budgets. Where it does not, the peer has been told. */
	private admit(id: number, words: number): boolean {
		const state = this.#state;
		if (state.answers.at(id) !== null) protocolFault("question " + id + " is in use");
		// Whatever is in the answer table is among the calls served, and so are its entries.
		const room =
			state.callsServed < this.#answersMax &&
			state.words + words <= this.#wordsMax &&
			state.pools.calls.free > 0 &&
			(state.budget === null || state.budget.fits(words)) &&
			!this.#writer.congested;
		if (!room) this.refuse(id, OVERLOADED);
		return room;
	}

	/** Question `id` was not taken: what its params brought is the peer's to release, and nothing can be called on its answer. */
	private refuse(id: number, exception: Exception): void {
		this.#writer.failure(id, exception, RETURN.NO_FINISH_NEEDED);
	}

	/** Enters a call into the tables and the budget. There is room. Takes the message being handled. */
	private accept(id: number, words: number, caps: number): Answer {
		const state = this.#state;
		const call = state.pools.calls.take()!;
		const answer = state.freeAnswers.take()!;
		answer.id = id;
		answer.call = call;
		state.answers.add(answer);
		call.chargedWords = words;
		call.chargedCaps = caps;
		this.account(1, words, caps);
		call.origin = this;
		state.current = null;
		return answer;
	}

	private charge(call: Call, words: number): boolean {
		const state = this.#state;
		if (state.words + words > this.#wordsMax || (state.budget !== null && !state.budget.fitsWords(words))) return false;
		this.account(0, words, 0);
		call.chargedWords += words;
		return true;
	}

	finish(root: StructReader): void {
		const state = this.#state;
		const body = root.structAt(0, this.#body);
		const answer = state.answers.at(body.uint32(FINISH.QUESTION_ID));
		// A Return may have said that none is needed; older peers send it all the same.
		if (answer === null) return;
		if (!body.bool(FINISH.RELEASE_RESULT_CAPS_BIT))
			this.#capabilities.releaseExports(answer.resultExports, answer.resultExportCount);
		answer.resultExportCount = 0;
		if (answer.taker !== null) {
			answer.finished = true;
			return;
		}
		if (!answer.answered && !answer.silent) this.#writer.returnBare(answer.id, ReturnTag.CANCELED);
		this.removeAnswer(answer);
	}

	private removeAnswer(answer: Answer): void {
		const state = this.#state;
		const call = answer.call!;
		state.answers.remove(answer.id);
		answer.reset();
		state.freeAnswers.give(answer);
		call.handler = null;
		call.release();
	}

	/** The outcome of a call that was sent with `yourself` goes to the question that takes it. */
	private giveToTaker(answer: Answer): void {
		const taker = answer.taker;
		if (taker === null) return;
		answer.taker = null;
		if (taker.state === CallState.DELIVERED) taker.returnOutcome(answer.call!);
		taker.unpin();
		if (answer.finished) this.removeAnswer(answer);
	}

	take(call: Call, otherId: number): void {
		const other = this.#state.answers.at(otherId);
		// Refused for want of room, which the peer could not know.
		if (other === null) return call.fail(OVERLOADED);
		if (!other.elsewhere || other.taken)
			return protocolFault("results from question " + otherId + ", which has none to take");
		other.taken = true;
		const refusal = this.takersOf(call) < call.pools.pipelineDepth ? awaitResults(call, other.call!) : OVERLOADED;
		if (refusal !== null) return call.fail(refusal);
		call.detour = true;
		call.addRef();
		other.taker = call;
		if (other.answered) this.giveToTaker(other);
	}

	/** How many calls take their results from `call`, one from the other. */
	private takersOf(call: Call): number {
		const max = call.pools.pipelineDepth;
		let count = 0;
		let at: Call | null = call;
		while (count < max && at !== null && at.origin === this && at.handler !== null) {
			at = (at.handler as Answer).taker;
			count++;
		}
		return count;
	}

	/** Received results, copied behind an envelope of our own. Null where there is no memory. */
	private copy(call: Call): Message | null {
		const pools = this.#state.pools;
		return copyPayload(
			pools,
			pools.returnEnvelope,
			RETURN_BYTES,
			RETURN_CONTENT,
			call.results === null ? null : call.resultsAt,
		);
	}

	/** The connection has ended: nobody waits for these calls. */
	end(): void {
		const state = this.#state;
		for (let i = 0; i < state.answers.span;) {
			// Removing may move a later one here.
			const answer = state.answers.slot(i);
			if (answer === null) {
				i++;
				continue;
			}
			const taker = answer.taker;
			answer.taker = null;
			if (taker !== null) taker.unpin();
			this.removeAnswer(answer);
		}
	}
}
