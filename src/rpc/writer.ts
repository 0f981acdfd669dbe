import type { StructBuilder } from "../layout/struct-builder.js";
import type { Call } from "../cap/call.js";
import {
	CALL_CAP_TABLE,
	CALL_INTERFACE_HIGH,
	CALL_INTERFACE_LOW,
	CALL_METHOD_ID,
	CALL_QUESTION_ID,
	CALL_SEND_RESULTS_TO,
	CALL_TARGET_ID,
	CALL_TARGET_POINTER,
	CALL_TARGET_WHICH,
	RETURN_ANSWER_ID,
	RETURN_CAP_TABLE,
	RETURN_FLAGS,
} from "../cap/envelope.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import { type Hook, HookKind } from "../cap/hook.js";
import type { PipelinedHook } from "../cap/pipelined.js";
import type { Message } from "../message/message.js";
import { addExport, exportOf } from "./export-table.js";
import type { ImportHook } from "./import.js";
import type { Question } from "./question.js";
import {
	BOOTSTRAP,
	DESCRIPTOR,
	DescriptorTag,
	DISEMBARGO,
	EXCEPTION,
	FINISH,
	OP,
	OpTag,
	PROMISED_ANSWER,
	RELEASE,
	RESOLVE,
	ResolveTag,
	RETURN,
	ReturnTag,
	SendResultsTo,
	Tag,
	TARGET,
	TargetTag,
} from "./schema.js";
import type { State } from "./state.js";

/** A reason longer than this is cut: it must fit into what is reserved for it. */
const REASON_CHARS_MAX = 400;
/** The same for where it happened. */
const TRACE_CHARS_MAX = 1000;
/** The same as for a reason, in a small message. */
const CONTROL_REASON_CHARS_MAX = 60;
/** The longest message that a small one has room to send back. */
const CONTROL_ECHO_WORDS_MAX = 16;

// Builds and sends messages. Reads and fills the tables where a capability goes out; decides nothing else.

/** No more calls while this much waits to be written. */
export function congested(state: State): boolean {
	const { budget } = state;
	return state.sender.queuedWords > state.limits.queuedWords || (budget !== null && budget.congested);
}

/** Takes `message`. */
function send(state: State, message: Message): void {
	if (state.ended !== null) {
		message.release();
		return;
	}
	if (state.tracer !== null) state.tracer.sent(message);
	state.sender.send(message);
	while (state.pending !== null) {
		const entry = state.pending;
		state.pending = entry.nextPending;
		entry.nextPending = null;
		sendResolve(state, entry.id, entry.hook!, entry.hook!.broken);
	}
}

export function sendBootstrap(state: State, questionId: number, objectId: Uint8Array | null): void {
	const { body, text } = state.builders;
	const message = begin(state, Tag.BOOTSTRAP, BOOTSTRAP.DATA_WORDS, BOOTSTRAP.POINTERS, questionId, 0);
	if (message === null) return;
	// C++ rejects an empty text here: none is a null pointer.
	if (objectId !== null && objectId.length > 0)
		body.newText(BOOTSTRAP.OBJECT_ID, objectId.length, text).copyFrom(0, objectId, 0, objectId.length);
	send(state, message);
}

/**
 * Makes `message`, which has a Call envelope, the Call of `question` to `hook`, and sends it: takes it.
 * There is room for the exports it needs.
 */
export function sendCall(state: State, message: Message, question: Question, call: Call, hook: Hook): void {
	const segment = message.arena.segmentAt(0);
	const view = segment.view;
	const start = segment.startByte;
	view.setUint32(start + CALL_QUESTION_ID, question.id, true);
	view.setUint16(start + CALL_METHOD_ID, call.methodId, true);
	if (question.tail) view.setUint16(start + CALL_SEND_RESULTS_TO, SendResultsTo.YOURSELF, true);
	view.setUint32(start + CALL_INTERFACE_LOW, call.interfaceLow, true);
	view.setUint32(start + CALL_INTERFACE_HIGH, call.interfaceHigh, true);
	if (hook.kind === HookKind.IMPORT) view.setUint32(start + CALL_TARGET_ID, (hook as ImportHook).id, true);
	else {
		view.setUint16(start + CALL_TARGET_WHICH, TargetTag.PROMISED_ANSWER, true);
		promisedAnswer(state, pointerOf(state, message, CALL_TARGET_POINTER), hook as PipelinedHook);
	}
	if (message.caps.length > 0)
		question.paramExportCount = capTable(state, message, CALL_CAP_TABLE, question.paramExports);
	send(state, message);
}

/**
 * Makes `message`, which has a Return envelope, the results of `answerId`, and sends it: takes it. Returns the number of exports noted.
 * `exports` is null where they have no capabilities: then the peer need not finish.
 */
export function sendResults(state: State, message: Message, answerId: number, exports: number[] | null): number {
	const segment = message.arena.first!;
	const view = segment.view;
	const start = segment.startByte;
	view.setUint32(start + RETURN_ANSWER_ID, answerId, true);
	view.setUint16(
		start + RETURN_FLAGS,
		exports === null ? RETURN.KEEP_PARAM_CAPS | RETURN.NO_FINISH_NEEDED : RETURN.KEEP_PARAM_CAPS,
		true,
	);
	const count = exports === null ? 0 : capTable(state, message, RETURN_CAP_TABLE, exports);
	send(state, message);
	return count;
}

/** `flags`, of RETURN: what the peer is to do about the params' capabilities, and whether calls could be pipelined on this answer. */
export function sendFailure(state: State, answerId: number, exception: Exception, flags: number): void {
	// What is refused to a peer that does not read must not take from others.
	const roomy = congested(state) ? null : state.pools.messages.take();
	const message = start(
		state,
		roomy ?? state.control.take(),
		Tag.RETURN,
		RETURN.DATA_WORDS,
		RETURN.POINTERS,
		answerId,
		flags | (ReturnTag.EXCEPTION << RETURN.WHICH_SHIFT),
	);
	if (message === null) return;
	putException(state, exceptionAt(state), exception, roomy !== null ? REASON_CHARS_MAX : CONTROL_REASON_CHARS_MAX);
	send(state, message);
}

/** canceled, resultsSentElsewhere, takeFromOtherQuestion; `tag` in `ReturnTag`. */
export function sendReturn(state: State, answerId: number, tag: number, otherQuestionId = 0): void {
	const message = begin(
		state,
		Tag.RETURN,
		RETURN.DATA_WORDS,
		RETURN.POINTERS,
		answerId,
		RETURN.KEEP_PARAM_CAPS | (tag << RETURN.WHICH_SHIFT),
	);
	if (message === null) return;
	state.builders.body.putUint32(RETURN.OTHER_QUESTION, otherQuestionId);
	send(state, message);
}

export function sendFinish(state: State, questionId: number, releaseResults: boolean): void {
	sendSmall(
		state,
		Tag.FINISH,
		FINISH.DATA_WORDS,
		FINISH.POINTERS,
		questionId,
		releaseResults ? 0 : FINISH.KEEP_RESULT_CAPS,
	);
}

export function sendRelease(state: State, importId: number, count: number): void {
	sendSmall(state, Tag.RELEASE, RELEASE.DATA_WORDS, RELEASE.POINTERS, importId, count);
}

/** The promise that the peer knows as `exportId` is `hook`, or broken where there is an exception. */
export function sendResolve(state: State, exportId: number, hook: Hook, exception: Exception | null): void {
	const { body, entry } = state.builders;
	const message = begin(
		state,
		Tag.RESOLVE,
		RESOLVE.DATA_WORDS,
		RESOLVE.POINTERS,
		exportId,
		exception === null ? ResolveTag.CAP : ResolveTag.EXCEPTION,
	);
	if (message === null) return;
	if (exception !== null) putException(state, exceptionAt(state), exception, CONTROL_REASON_CHARS_MAX);
	else describe(state, body.newStruct(RESOLVE.CONTENT, DESCRIPTOR.DATA_WORDS, DESCRIPTOR.POINTERS, entry), hook);
	send(state, message);
}

/** `target` is the peer's, or null where that has broken; `context` in `Context`. */
export function sendDisembargo(state: State, target: Hook | null, context: number, id: number): void {
	const { body, part } = state.builders;
	const message = begin(state, Tag.DISEMBARGO, DISEMBARGO.DATA_WORDS, DISEMBARGO.POINTERS, id, context);
	if (message === null) return;
	const into = body.newStruct(DISEMBARGO.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, part);
	if (target !== null) {
		if (target.kind === HookKind.IMPORT) into.putUint32(TARGET.IMPORTED_CAP, (target as ImportHook).id);
		else {
			into.putUint16(TARGET.WHICH, TargetTag.PROMISED_ANSWER);
			promisedAnswer(state, into, target as PipelinedHook);
		}
	}
	send(state, message);
}

export function sendAbort(state: State, exception: Exception): void {
	const message = begin(state, Tag.ABORT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, 0, 0);
	if (message === null) return;
	putException(state, state.builders.body, exception, CONTROL_REASON_CHARS_MAX * 2);
	send(state, message);
}

/**
 * Sends a message that no version of the protocol gives a meaning and that every peer therefore sends back as unimplemented. Where no
 * small message is left, much waits for the peer already.
 */
export function sendProbe(state: State): void {
	const message = state.control.take();
	if (message === null) return;
	message.initRoot(state.builders.root, 1, 1).putUint16(0, Tag.OBSOLETE_SAVE);
	send(state, message);
}

/** Sends `original`, a whole message that was not understood, back. */
export function sendUnimplemented(state: State, original: Message): void {
	const { root, content } = state.builders;
	// A probe is answered also where calls have taken all memory.
	const small = original.sizeWords <= CONTROL_ECHO_WORDS_MAX;
	const message = (small ? state.control : state.pools.messages).take();
	if (message === null) {
		exhausted(state);
		return;
	}
	message.initRoot(root, 1, 1).putUint16(0, Tag.UNIMPLEMENTED);
	original.rootAny(content);
	try {
		root.putAny(0, content);
	} catch (error) {
		// It may be malformed, or name capabilities, of which an unknown message has none here.
		message.release();
		throw error;
	}
	send(state, message);
}

/** Whether there is room for all exports that the descriptors of `message` need. */
export function canExport(state: State, message: Message): boolean {
	let room = state.exports.max - state.exports.count;
	for (let i = 0; i < message.caps.length; i++) {
		const hook = message.caps.at(i) as Hook | null;
		if (hook === null) continue;
		const target = hook.resolved();
		if (target.brand !== state && exportOf(state, target) === null) room--;
	}
	return room >= 0;
}

function sendSmall(state: State, tag: number, dataWords: number, pointers: number, low: number, high: number): void {
	const message = begin(state, tag, dataWords, pointers, low, high);
	if (message !== null) send(state, message);
}

/** A message for what is always to be said, begun; null where nothing is said any more. */
function begin(
	state: State,
	tag: number,
	dataWords: number,
	pointers: number,
	low: number,
	high: number,
): Message | null {
	if (state.ended !== null) return null;
	let message = state.control.take();
	if (message === null && state.borrows) message = state.pools.messages.take();
	return start(state, message, tag, dataWords, pointers, low, high);
}

/** Begins `message`: `body` of the builders is its body, of which `low` and `high` are the halves of the first word. Null where it is null. */
function start(
	state: State,
	message: Message | null,
	tag: number,
	dataWords: number,
	pointers: number,
	low: number,
	high: number,
): Message | null {
	const { root, body } = state.builders;
	if (message === null) exhausted(state);
	else {
		message.initRoot(root, 1, 1).putUint16(0, tag);
		root.newStruct(0, dataWords, pointers, body).putUint32(0, low);
		body.putUint32(4, high);
	}
	return message;
}

/** The peer makes us answer and does not read. */
function exhausted(state: State): void {
	state.doom = new Exception(ExceptionType.DISCONNECTED, "Peer does not read: no message left to answer it");
}

/** Of a Return or Resolve that says what went wrong. */
function exceptionAt(state: State): StructBuilder {
	const { body, part } = state.builders;
	return body.newStruct(RETURN.CONTENT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, part);
}

function putException(state: State, into: StructBuilder, exception: Exception, charsMax: number): void {
	into.putUint16(EXCEPTION.TYPE, exception.type);
	const reason = exception.reason;
	into.putText(EXCEPTION.REASON, reason.length > charsMax ? reason.slice(0, charsMax) : reason);
	// Where something happened may tell secrets: of this vat, or of the one that the exception came from.
	if (state.traces && charsMax >= REASON_CHARS_MAX && exception.trace.length > 0)
		into.putText(EXCEPTION.TRACE, exception.trace.slice(0, TRACE_CHARS_MAX));
}

/** The pointer at byte `offset` of the envelope, as a struct of nothing else. */
function pointerOf(state: State, message: Message, offset: number): StructBuilder {
	const { part } = state.builders;
	const segment = message.arena.first!;
	part.at.aimPointer(segment, segment.startByte + offset, message.arena.depthMax);
	return part;
}

/** Describes all capabilities of `message`; notes those exported in `exports` and returns their number. */
function capTable(state: State, message: Message, offset: number, exports: number[]): number {
	const { descriptors, entry } = state.builders;
	const caps = message.caps;
	const table = pointerOf(state, message, offset).newStructList(
		0,
		caps.length,
		DESCRIPTOR.DATA_WORDS,
		DESCRIPTOR.POINTERS,
		descriptors,
	);
	let count = 0;
	for (let i = 0; i < caps.length; i++) {
		const id = describe(state, table.edit(i, entry), caps.at(i) as Hook | null);
		if (id >= 0) exports[count++] = id;
	}
	return count;
}

/** Returns the export id, or -1 where it needed none. */
function describe(state: State, into: StructBuilder, hook: Hook | null): number {
	if (hook === null || hook === state.pools.nullHook) return -1;
	const target = hook.resolved();
	let which: number = DescriptorTag.RECEIVER_HOSTED;
	let id = 0;
	let exported = -1;
	if (target.brand !== state) {
		let entry = exportOf(state, target);
		if (entry !== null) entry.refs++;
		else {
			entry = addExport(state, target);
			if (entry === null) return -1;
			if (target.promise) target.listen(entry);
			if (target.broken !== null) {
				entry.nextPending = state.pending;
				state.pending = entry;
			}
		}
		which = target.promise || target.broken !== null ? DescriptorTag.SENDER_PROMISE : DescriptorTag.SENDER_HOSTED;
		id = exported = entry.id;
	} else if (target.kind === HookKind.IMPORT) id = (target as ImportHook).id;
	else {
		which = DescriptorTag.RECEIVER_ANSWER;
		promisedAnswer(state, into, target as PipelinedHook);
	}
	into.putUint16(DESCRIPTOR.WHICH, which);
	into.putUint32(DESCRIPTOR.ID, id);
	return exported;
}

/** Fills the only pointer of `into`. */
function promisedAnswer(state: State, into: StructBuilder, hook: PipelinedHook): void {
	const { builders } = state;
	const answer = into.newStruct(0, PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, builders.answer);
	answer.putUint32(PROMISED_ANSWER.QUESTION_ID, (hook.call!.callee as Question).id);
	const { fields, length } = hook.path;
	if (length === 0) return;
	const ops = answer.newStructList(PROMISED_ANSWER.TRANSFORM, length, OP.DATA_WORDS, OP.POINTERS, builders.ops);
	for (let i = 0; i < length; i++) {
		const op = ops.edit(i, builders.op);
		op.putUint16(OP.WHICH, OpTag.GET_POINTER_FIELD);
		op.putUint16(OP.FIELD, fields[i]!);
	}
}
