import { BrokenHook } from "../cap/broken.js";
import type { Call } from "../cap/call.js";
import { CallState } from "../cap/call-roles.js";
import { CALL_BYTES, CALL_CONTENT } from "../cap/envelope.js";
import { CANCELED, Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { PromiseHook, Router } from "../cap/promise.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { type Adopter, protocolFault } from "./adopt.js";
import type { Answer } from "./answer.js";
import type { Answering } from "./answering.js";
import type { Capabilities } from "./capabilities.js";
import { copyPayload } from "./copy-payload.js";
import type { Question, QuestionOwner } from "./question.js";
import { PAYLOAD, RETURN, ReturnTag } from "./schema.js";
import type { State } from "./state.js";
import type { Writer } from "./writer.js";

const NOT_IMPLEMENTED = Object.freeze(
	new Exception(ExceptionType.UNIMPLEMENTED, "Peer does not implement this message"),
);

/** Our calls: Bootstrap, Call and Finish go out, Return comes in. */
export class Asking implements QuestionOwner, Router {
	readonly #state: State;
	readonly #writer: Writer;
	readonly #adopter: Adopter;
	readonly #capabilities: Capabilities;
	readonly #answering: Answering;

	constructor(state: State, writer: Writer, adopter: Adopter, capabilities: Capabilities, answering: Answering) {
		this.#state = state;
		this.#writer = writer;
		this.#adopter = adopter;
		this.#capabilities = capabilities;
		this.#answering = answering;
	}

	/** The peer's bootstrap capability, or the service named `objectId`: the caller's reference. Calls may be made at once. */
	bootstrap(objectId: Uint8Array | null = null): Hook {
		const state = this.#state;
		if (state.ended !== null) return state.endedHook();
		const question = state.questions.take();
		if (question === null) return new BrokenHook(OVERLOADED);
		const call = state.pools.takeCall();
		call.arrive(null, null);
		call.router = this;
		call.callee = question;
		question.call = call;
		this.#writer.bootstrap(question.id, objectId);
		const hook = call.takePipelined(state.pools.path.clear());
		call.release();
		return hook;
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
		const message = built ? call.params! : this.copy(call);
		if (message === null || !this.#writer.canExport(message)) {
			if (message !== null && !built) message.release();
			call.fail(OVERLOADED);
			return;
		}
		const question = state.questions.take()!;
		question.call = call;
		call.callee = question;
		// A call of the peer that we send back to it: its results need not come through here.
		const answer = call.origin === this.#answering ? state.answers.at((call.handler as Answer | null)?.id ?? 0) : null;
		const tail = answer !== null && answer.call === call && !answer.elsewhere && !answer.silent && !answer.answered;
		question.tail = tail;
		if (built) call.params = null;
		else call.releaseParams();
		hook.used = true;
		this.#writer.call(message, question, call, hook);
		if (tail) {
			answer.answered = true;
			this.#writer.returnBare(answer.id, ReturnTag.TAKE_FROM_OTHER, question.id);
		}
		// Results that stay here: what the peer calls on them waits, too, or both might send it to and fro for ever.
		if (answer === null || answer.call !== call || !answer.elsewhere) call.routePipelines(this);
	}

	settle(hook: PromiseHook, target: Hook, detour: boolean): void {
		this.#capabilities.settle(hook, target, detour);
	}

	questionCanceled(question: Question): void {
		const call = question.call!;
		question.call = null;
		call.callee = null;
		if (this.#state.ended === null) this.#writer.finish(question.id, true);
		question.finishSent = true;
		// A tail question has returned long before its call is let go of.
		if (question.returned) this.freeQuestion(question);
		call.fail(CANCELED);
	}

	questionFinished(question: Question): void {
		question.call = null;
		if (this.#state.ended === null && !question.noFinish) this.#writer.finish(question.id, false);
		this.freeQuestion(question);
	}

	// Answers of the peer.

	return(root: StructReader, message: Message): void {
		const state = this.#state;
		const { body: view, part } = state.views;
		const body = root.structAt(0, view);
		const question = state.questions.at(body.uint32(RETURN.ANSWER_ID));
		if (question === null || question.returned)
			return protocolFault("return for no question: " + body.uint32(RETURN.ANSWER_ID));
		question.returned = true;
		if (body.bool(RETURN.NO_FINISH_NEEDED_BIT)) question.noFinish = true;
		if (!body.bool(RETURN.RELEASE_PARAM_CAPS_BIT))
			this.#capabilities.releaseExports(question.paramExports, question.paramExportCount);
		question.paramExportCount = 0;
		const call = question.call;
		if (call === null) {
			// Canceled: our Finish told the peer to release what these results bring.
			this.freeQuestion(question);
			return;
		}
		switch (body.uint16(RETURN.WHICH)) {
			case ReturnTag.RESULTS:
				if (question.tail) protocolFault("results that were to be sent elsewhere");
				this.results(question, call, body.structAt(RETURN.CONTENT, part), message);
				break;
			case ReturnTag.EXCEPTION:
				call.fail(this.#adopter.exception(body.structAt(RETURN.CONTENT, part)));
				break;
			case ReturnTag.CANCELED:
				call.fail(CANCELED);
				break;
			case ReturnTag.ELSEWHERE:
				if (!question.tail) protocolFault("results sent elsewhere that were not asked for");
				break;
			case ReturnTag.TAKE_FROM_OTHER:
				this.#answering.take(call, body.uint32(RETURN.OTHER_QUESTION));
				break;
			default:
				call.fail(NOT_IMPLEMENTED);
		}
	}

	private results(question: Question, call: Call, payload: StructReader, message: Message): void {
		if (!this.#adopter.adoptAll(payload, message, null)) {
			// Not taken: the peer releases them with this Finish.
			question.noFinish = true;
			this.#writer.finish(question.id, true);
			call.fail(OVERLOADED);
			return;
		}
		this.#state.current = null;
		payload.anyAt(PAYLOAD.CONTENT, call.resultsAt);
		call.returnMessage(message);
	}

	private freeQuestion(question: Question): void {
		question.reset();
		this.#state.questions.give(question);
	}

	/** The peer does not know how to answer question `id`. */
	unimplemented(id: number): void {
		const question = this.#state.questions.at(id);
		if (question === null || question.returned) return protocolFault("unimplemented question that was not asked");
		question.returned = true;
		question.noFinish = true;
		this.#capabilities.releaseExports(question.paramExports, question.paramExportCount);
		question.paramExportCount = 0;
		if (question.call === null) this.freeQuestion(question);
		else question.call.fail(NOT_IMPLEMENTED);
	}

	/** The connection has ended: every call fails with `reason`. */
	end(reason: Exception): void {
		const state = this.#state;
		for (let i = 0; i < state.questions.span; i++) {
			const question = state.questions.at(i);
			if (question === null) continue;
			const call = question.call;
			this.freeQuestion(question);
			if (call === null) continue;
			call.callee = null;
			if (call.state === CallState.DELIVERED) call.fail(reason);
		}
	}

	/** Received params, copied behind an envelope of our own. Null where there is no memory. */
	private copy(call: Call): Message | null {
		const pools = this.#state.pools;
		return copyPayload(
			pools,
			pools.callEnvelope,
			CALL_BYTES,
			CALL_CONTENT,
			call.params === null ? null : call.paramsAt,
		);
	}
}
