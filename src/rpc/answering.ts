import { awaitResults } from "../cap/awaiting.js";
import type { Call } from "../cap/call.js";
import { CallState } from "../cap/call-roles.js";
import { RETURN_BYTES, RETURN_CONTENT } from "../cap/envelope.js";
import { Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import { AnyKind } from "../layout/any-reader.js";
import type { Hook } from "../cap/hook.js";
import type { StructReader } from "../layout/struct-reader.js";
import { TextReader } from "../layout/text-reader.js";
import type { Message } from "../message/message.js";
import { adoptAll, adoptExported, adoptTarget, protocolFault } from "./adopt.js";
import type { Answer } from "./answer.js";
import { CONTENT_DEPTH } from "./call-header.js";
import { releaseExports } from "./capabilities.js";
import { copyPayload } from "./copy-payload.js";
import { BOOTSTRAP, CALL, FINISH, PAYLOAD, RETURN, ReturnTag, SendResultsTo } from "./schema.js";
import type { State } from "./state.js";
import { readCallHeader } from "./usual-call.js";
import { canExport, congested, sendFailure, sendResults, sendReturn } from "./writer.js";

const NO_BOOTSTRAP = Object.freeze(new Exception(ExceptionType.FAILED, "This vat has no restorer"));
/** `deprecatedObjectId` may be anything: a vat of another make asks for what it once saved there. */
const NO_SUCH_ID = Object.freeze(
	new Exception(ExceptionType.FAILED, "Unknown persistent service ID: those of this vat are Text"),
);
const NO_THIRD_PARTY = Object.freeze(new Exception(ExceptionType.UNIMPLEMENTED, "Results to a third party"));

// The peer's calls: Bootstrap, Call and Finish come in, Return goes out.

export function answerReturned(state: State, answer: Answer, call: Call, exception: Exception | null): void {
	// A tail call that failed: its caller knows already where to take the outcome from.
	if (answer.answered) return;
	answer.answered = true;
	if (answer.elsewhere) {
		if (!answer.silent) sendReturn(state, answer.id, ReturnTag.ELSEWHERE);
		giveToTaker(state, answer);
	} else if (answer.silent) {
		if (exception === null && !charge(state, call, call.results!.sizeWords)) {
			call.dropResults();
			call.exception = OVERLOADED;
		}
	} else if (exception !== null)
		// Kept until Finish: calls that are pipelined on it meanwhile fail with its reason.
		sendFailure(state, answer.id, exception, RETURN.KEEP_PARAM_CAPS);
	else returnResults(state, answer, call);
}

function returnResults(state: State, answer: Answer, call: Call): void {
	const built = call.resultsBuilt;
	const message = built ? call.results! : copyResults(state, call);
	const bare = message === null || message.caps.length === 0;
	if (!bare) call.coverEmbargoed(message, built ? call.resultsAt : call.pools.copyAt);
	if (message === null || (!bare && !(canExport(state, message) && charge(state, call, message.sizeWords)))) {
		if (message !== null && !built) message.release();
		sendFailure(state, answer.id, OVERLOADED, RETURN.KEEP_PARAM_CAPS | RETURN.NO_FINISH_NEEDED);
	} else if (bare) {
		// The usual answer: nothing of it is needed any more.
		if (built) call.results = null;
		sendResults(state, message, answer.id, null);
	} else {
		// Calls may be pipelined on the results until Finish.
		if (built) message.keep();
		answer.resultExportCount = sendResults(state, message, answer.id, answer.resultExports);
		return;
	}
	removeAnswer(state, answer);
}

/** Handles the usual Call. False, with nothing changed, where the message is anything else. */
export function receiveUsualCall(state: State, message: Message): boolean {
	const arena = message.arena;
	const segment = arena.first;
	const header = state.header;
	const depth = arena.shared.depthMax - CONTENT_DEPTH;
	if (segment === null || depth < 0 || !readCallHeader(segment, header)) return false;
	const id = header.questionId;
	const words = message.sizeWords;
	if (admit(state, id, words)) {
		const target = (state.target = adoptExported(state, header.targetId));
		const answer = accept(state, id, words, 0);
		answer.call!.paramsAt.at.aimPointerAgain(segment, header.content, depth);
		deliver(state, target, answer, message);
	}
	return true;
}

export function receiveCall(state: State, root: StructReader, message: Message): void {
	const body = root.structAt(0, state.views.body);
	if (body.at.dataBytes < CALL.DATA_BYTES_MIN) return protocolFault("call without an interface");
	const id = body.uint32(CALL.QUESTION_ID);
	const elsewhere = body.uint16(CALL.SEND_RESULTS_TO);
	const words = message.sizeWords;
	if (!admit(state, id, words)) return;
	if (elsewhere > SendResultsTo.YOURSELF) return refuse(state, id, NO_THIRD_PARTY);
	const target = (state.target = adoptTarget(state, body.structAt(CALL.TARGET, state.views.part)));
	const payload = body.structAt(CALL.PARAMS, state.views.part);
	if (!adoptAll(state, payload, message, state.budget)) {
		refuse(state, id, OVERLOADED);
		state.target = null;
		target.release();
		return;
	}
	const answer = accept(state, id, words, message.caps.length);
	answer.elsewhere = elsewhere === SendResultsTo.YOURSELF;
	answer.silent = body.bool(CALL.ONLY_PROMISE_PIPELINE_BIT);
	payload.anyAt(PAYLOAD.CONTENT, answer.call!.paramsAt);
	const header = state.header;
	header.interfaceLow = body.uint32(CALL.INTERFACE_ID);
	header.interfaceHigh = body.uint32(CALL.INTERFACE_ID + 4);
	header.methodId = body.uint16(CALL.METHOD_ID);
	deliver(state, target, answer, message);
}

/** Hands the call of `state.header` to `target`, whose reference it takes. Takes `message`. */
function deliver(state: State, target: Hook, answer: Answer, message: Message): void {
	const header = state.header;
	const call = answer.call!;
	call.interfaceLow = header.interfaceLow;
	call.interfaceHigh = header.interfaceHigh;
	call.methodId = header.methodId;
	call.arrive(message, answer);
	target.deliver(call);
	state.target = null;
	target.release();
}

export function receiveBootstrap(state: State, root: StructReader, message: Message): void {
	const body = root.structAt(0, state.views.body);
	const id = body.uint32(BOOTSTRAP.QUESTION_ID);
	const words = message.sizeWords;
	if (!admit(state, id, words)) return;
	const { kind } = body.anyAt(BOOTSTRAP.OBJECT_ID, state.pools.walk);
	const objectId = kind === AnyKind.LIST ? readObjectId(body) : null;
	const answer = accept(state, id, words, 0);
	const call = answer.call!;
	body.anyAt(BOOTSTRAP.OBJECT_ID, call.paramsAt);
	call.arrive(message, answer);
	if (kind !== AnyKind.NULL && kind !== AnyKind.LIST) call.fail(NO_SUCH_ID);
	else if (state.provider === null) call.fail(NO_BOOTSTRAP);
	else state.provider.bootstrap(call, objectId);
}

function readObjectId(body: StructReader): Uint8Array | null {
	const text = body.textAt(BOOTSTRAP.OBJECT_ID, new TextReader());
	if (text.lengthBytes === 0) return null;
	const bytes = new Uint8Array(text.lengthBytes);
	text.copyTo(bytes, 0);
	return bytes;
}

/** Whether another call of the peer, with params of `words`, fits its budgets. Where it does not, the peer has been told. */
function admit(state: State, id: number, words: number): boolean {
	const { answers, budget, limits } = state;
	if (answers.at(id) !== null) protocolFault("question " + id + " is in use");
	// Whatever is in the answer table is among the calls served, and so are its entries.
	const room =
		state.callsServed < limits.answers &&
		state.words + words <= limits.wordsInFlight &&
		state.pools.calls.free > 0 &&
		(budget === null || budget.fits(words)) &&
		!congested(state);
	if (!room) refuse(state, id, OVERLOADED);
	return room;
}

/** Question `id` was not taken: what its params brought is the peer's to release, and nothing can be called on its answer. */
function refuse(state: State, id: number, exception: Exception): void {
	sendFailure(state, id, exception, RETURN.NO_FINISH_NEEDED);
}

/** Enters a call into the tables and the budget. There is room. Takes the message being handled. */
function accept(state: State, id: number, words: number, caps: number): Answer {
	const call = state.pools.calls.take()!;
	const answer = state.freeAnswers.take()!;
	answer.id = id;
	answer.call = call;
	state.answers.add(answer);
	call.chargedWords = words;
	call.chargedCaps = caps;
	state.account(1, words, caps);
	call.origin = state;
	state.current = null;
	return answer;
}

function charge(state: State, call: Call, words: number): boolean {
	if (state.words + words > state.limits.wordsInFlight || (state.budget !== null && !state.budget.fitsWords(words)))
		return false;
	state.account(0, words, 0);
	call.chargedWords += words;
	return true;
}

export function receiveFinish(state: State, root: StructReader): void {
	const body = root.structAt(0, state.views.body);
	const answer = state.answers.at(body.uint32(FINISH.QUESTION_ID));
	// A Return may have said that none is needed; older peers send it all the same.
	if (answer === null) return;
	if (!body.bool(FINISH.RELEASE_RESULT_CAPS_BIT)) releaseExports(state, answer.resultExports, answer.resultExportCount);
	answer.resultExportCount = 0;
	if (answer.taker !== null) {
		answer.finished = true;
		return;
	}
	if (!answer.answered && !answer.silent) sendReturn(state, answer.id, ReturnTag.CANCELED);
	removeAnswer(state, answer);
}

function removeAnswer(state: State, answer: Answer): void {
	const call = answer.call!;
	state.answers.remove(answer.id);
	answer.reset();
	state.freeAnswers.give(answer);
	call.handler = null;
	call.release();
}

/** The outcome of a call that was sent with `yourself` goes to the question that takes it. */
function giveToTaker(state: State, answer: Answer): void {
	const taker = answer.taker;
	if (taker === null) return;
	answer.taker = null;
	if (taker.state === CallState.DELIVERED) taker.returnOutcome(answer.call!);
	taker.unpin();
	if (answer.finished) removeAnswer(state, answer);
}

export function takeFromOther(state: State, call: Call, otherId: number): void {
	const other = state.answers.at(otherId);
	// Refused for want of room, which the peer could not know.
	if (other === null) return call.fail(OVERLOADED);
	if (!other.elsewhere || other.taken)
		return protocolFault("results from question " + otherId + ", which has none to take");
	other.taken = true;
	const refusal = takersOf(state, call) < call.pools.pipelineDepth ? awaitResults(call, other.call!) : OVERLOADED;
	if (refusal !== null) return call.fail(refusal);
	call.detour = true;
	call.addRef();
	other.taker = call;
	if (other.answered) giveToTaker(state, other);
}

/** How many calls take their results from `call`, one from the other. */
function takersOf(state: State, call: Call): number {
	const max = call.pools.pipelineDepth;
	let count = 0;
	let at: Call | null = call;
	while (count < max && at !== null && at.origin === state && at.handler !== null) {
		at = (at.handler as Answer).taker;
		count++;
	}
	return count;
}

/** Received results, copied behind an envelope of our own. Null where there is no memory. */
function copyResults(state: State, call: Call): Message | null {
	const pools = state.pools;
	return copyPayload(
		pools,
		pools.returnEnvelope,
		RETURN_BYTES,
		RETURN_CONTENT,
		call.results === null ? null : call.resultsAt,
	);
}

/** The connection has ended: nobody waits for these calls. */
export function endAnswers(state: State): void {
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
		removeAnswer(state, answer);
	}
}
