import { BrokenHook } from "../cap/broken.js";
import type { Call } from "../cap/call.js";
import { CallState } from "../cap/call-roles.js";
import { CALL_BYTES, CALL_CONTENT } from "../cap/envelope.js";
import { CANCELED, Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { PromiseHook } from "../cap/promise.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { adoptAll, protocolFault, readException } from "./adopt.js";
import type { Answer } from "./answer.js";
import { takeFromOther } from "./answering.js";
import { releaseExports } from "./capabilities.js";
import { copyPayload } from "./copy-payload.js";
import type { Question } from "./question.js";
import { PAYLOAD, RETURN, ReturnTag } from "./schema.js";
import type { State } from "./state.js";
import { canExport, congested, sendBootstrap, sendCall, sendFinish, sendReturn } from "./writer.js";

const NOT_IMPLEMENTED = Object.freeze(
	new Exception(ExceptionType.UNIMPLEMENTED, "Peer does not implement this message"),
);

// Our calls: Bootstrap, Call and Finish go out, Return comes in.

/** The peer's bootstrap capability, or the service named `objectId`: the caller's reference. Calls may be made at once. */
export function askBootstrap(state: State, objectId: Uint8Array | null = null): Hook {
	if (state.ended !== null) return new BrokenHook(state.ended);
	const question = state.questions.take();
	if (question === null) return new BrokenHook(OVERLOADED);
	const call = state.pools.takeCall();
	call.arrive(null, null);
	call.router = state;
	call.callee = question;
	question.call = call;
	sendBootstrap(state, question.id, objectId);
	const hook = call.takePipelined(state.pools.path.clear());
	call.release();
	return hook;
}

export function routeCall(state: State, hook: PromiseHook, call: Call): void {
	if (state.ended !== null) {
		call.fail(state.ended);
		return;
	}
	if (state.questions.full || state.doom !== null || congested(state)) {
		call.fail(OVERLOADED);
		return;
	}
	const built = call.paramsBuilt;
	const message = built ? call.params! : copyParams(state, call);
	if (message === null || !canExport(state, message)) {
		if (message !== null && !built) message.release();
		call.fail(OVERLOADED);
		return;
	}
	const question = state.questions.take()!;
	question.call = call;
	call.callee = question;
	// A call of the peer that we send back to it: its results need not come through here.
	const answer = call.origin === state ? state.answers.at((call.handler as Answer | null)?.id ?? 0) : null;
	const tail = answer !== null && answer.call === call && !answer.elsewhere && !answer.silent && !answer.answered;
	question.tail = tail;
	if (built) call.params = null;
	else call.releaseParams();
	hook.used = true;
	sendCall(state, message, question, call, hook);
	if (tail) {
		answer.answered = true;
		sendReturn(state, answer.id, ReturnTag.TAKE_FROM_OTHER, question.id);
	}
	// Results that stay here: what the peer calls on them waits, too, or both might send it to and fro for ever.
	if (answer === null || answer.call !== call || !answer.elsewhere) call.routePipelines(state);
}

export function questionCanceled(state: State, question: Question): void {
	const call = question.call!;
	question.call = null;
	call.callee = null;
	if (state.ended === null) sendFinish(state, question.id, true);
	question.finishSent = true;
	// A tail question has returned long before its call is let go of.
	if (question.returned) freeQuestion(state, question);
	call.fail(CANCELED);
}

export function questionFinished(state: State, question: Question): void {
	question.call = null;
	if (state.ended === null && !question.noFinish) sendFinish(state, question.id, false);
	freeQuestion(state, question);
}

export function receiveReturn(state: State, root: StructReader, message: Message): void {
	const { body: view, part } = state.views;
	const body = root.structAt(0, view);
	const question = returned(
		state,
		body.uint32(RETURN.ANSWER_ID),
		body.bool(RETURN.NO_FINISH_NEEDED_BIT),
		!body.bool(RETURN.RELEASE_PARAM_CAPS_BIT),
	);
	if (question === null) return;
	const call = question.call!;
	switch (body.uint16(RETURN.WHICH)) {
		case ReturnTag.RESULTS:
			if (question.tail) protocolFault("results that were to be sent elsewhere");
			receiveResults(state, question, call, body.structAt(RETURN.CONTENT, part), message);
			break;
		case ReturnTag.EXCEPTION:
			call.fail(readException(body.structAt(RETURN.CONTENT, part)));
			break;
		case ReturnTag.CANCELED:
			call.fail(CANCELED);
			break;
		case ReturnTag.ELSEWHERE:
			if (!question.tail) protocolFault("results sent elsewhere that were not asked for");
			break;
		case ReturnTag.TAKE_FROM_OTHER:
			takeFromOther(state, call, body.uint32(RETURN.OTHER_QUESTION));
			break;
		default:
			call.fail(NOT_IMPLEMENTED);
	}
}

/** The peer does not know how to answer question `id`. */
export function questionUnimplemented(state: State, id: number): void {
	const question = returned(state, id, true, true);
	if (question !== null) question.call!.fail(NOT_IMPLEMENTED);
}

/** Question `id` has come back. Null where nobody waits for it any more: our Finish told the peer to release what the results bring. */
function returned(state: State, id: number, noFinish: boolean, releaseParams: boolean): Question | null {
	const question = state.questions.at(id);
	if (question === null || question.returned) return protocolFault("return for no question: " + id);
	question.returned = true;
	if (noFinish) question.noFinish = true;
	if (releaseParams) releaseExports(state, question.paramExports, question.paramExportCount);
	question.paramExportCount = 0;
	if (question.call !== null) return question;
	freeQuestion(state, question);
	return null;
}

function receiveResults(state: State, question: Question, call: Call, payload: StructReader, message: Message): void {
	if (!adoptAll(state, payload, message, null)) {
		// Not taken: the peer releases them with this Finish.
		question.noFinish = true;
		sendFinish(state, question.id, true);
		call.fail(OVERLOADED);
		return;
	}
	state.current = null;
	payload.anyAt(PAYLOAD.CONTENT, call.resultsAt);
	call.returnMessage(message);
}

function freeQuestion(state: State, question: Question): void {
	question.reset();
	state.questions.give(question);
}

/** The connection has ended: every call fails with `reason`. */
export function endQuestions(state: State, reason: Exception): void {
	for (let i = 0; i < state.questions.span; i++) {
		const question = state.questions.at(i);
		if (question === null) continue;
		const call = question.call;
		freeQuestion(state, question);
		if (call === null) continue;
		call.callee = null;
		if (call.state === CallState.DELIVERED) call.fail(reason);
	}
}

/** Received params, copied behind an envelope of our own. Null where there is no memory. */
function copyParams(state: State, call: Call): Message | null {
	const pools = state.pools;
	return copyPayload(pools, pools.callEnvelope, CALL_BYTES, CALL_CONTENT, call.params === null ? null : call.paramsAt);
}
