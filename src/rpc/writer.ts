import { AnyReader } from "../layout/any-reader.js";
import { TextBuilder } from "../layout/blob-builder.js";
import { StructListBuilder } from "../layout/list-builder.js";
import { StructBuilder } from "../layout/struct-builder.js";
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
import type { Export } from "./export.js";
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
import type { MessageTracer, Sender, State } from "./state.js";

/** A reason longer than this is cut: it must fit into what is reserved for it. */
const REASON_CHARS_MAX = 400;
/** The same for where it happened. */
const TRACE_CHARS_MAX = 1000;
/** The same as for a reason, in a small message. */
const CONTROL_REASON_CHARS_MAX = 60;
/** The longest message that a small one has room to send back. */
const CONTROL_ECHO_WORDS_MAX = 16;

/** Builds and sends messages. Reads and fills the tables where a capability goes out; decides nothing else. */
export class Writer {
	readonly #state: State;
	readonly #sender: Sender;
	readonly #tracer: MessageTracer | null;
	readonly #queuedMax: number;
	readonly #traces: boolean;
	readonly #root = new StructBuilder();
	readonly #body = new StructBuilder();
	readonly #part = new StructBuilder();
	readonly #answer = new StructBuilder();
	readonly #op = new StructBuilder();
	readonly #ops = new StructListBuilder();
	readonly #entry = new StructBuilder();
	readonly #entries = new StructListBuilder();
	readonly #any = new AnyReader();
	readonly #text = new TextBuilder();
	/** Broken capabilities that were just described as promises. */
	#pending: Export | null = null;

	constructor(state: State, sender: Sender, tracer: MessageTracer | null, traces: boolean) {
		this.#state = state;
		this.#sender = sender;
		this.#tracer = tracer;
		this.#queuedMax = state.limits.queuedWords;
		this.#traces = traces;
	}

	/** No more calls while this much waits to be written. */
	get congested(): boolean {
		const { budget } = this.#state;
		return this.#sender.queuedWords > this.#queuedMax || (budget !== null && budget.congested);
	}

	/** Takes `message`. */
	send(message: Message): void {
		if (this.#state.ended !== null) {
			message.release();
			return;
		}
		if (this.#tracer !== null) this.#tracer.sent(message);
		this.#sender.send(message);
		while (this.#pending !== null) {
			const entry = this.#pending;
			this.#pending = entry.nextPending;
			entry.nextPending = null;
			this.resolve(entry.id, entry.hook!, entry.hook!.broken);
		}
	}

	bootstrap(questionId: number, objectId: Uint8Array | null): void {
		const message = this.small(Tag.BOOTSTRAP, BOOTSTRAP.DATA_WORDS, BOOTSTRAP.POINTERS, questionId, 0);
		if (message === null) return;
		// C++ rejects an empty text here: none is a null pointer.
		if (objectId !== null && objectId.length > 0)
			this.#body.newText(BOOTSTRAP.OBJECT_ID, objectId.length, this.#text).copyFrom(0, objectId, 0, objectId.length);
		this.send(message);
	}

	/**
	 * Makes `message`, which has a Call envelope, the Call of `question` to `hook`, and sends it: takes it.
	 * There is room for the exports it needs.
	 */
	call(message: Message, question: Question, call: Call, hook: Hook): void {
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
			this.promisedAnswer(this.pointerOf(message, CALL_TARGET_POINTER), hook as PipelinedHook);
		}
		if (message.caps.length > 0)
			question.paramExportCount = this.capTable(message, CALL_CAP_TABLE, question.paramExports);
		this.send(message);
	}

	/**
	 * Makes `message`, which has a Return envelope, the results of `answerId`, and sends it: takes it. Returns the number of exports noted.
	 * `exports` is null where they have no capabilities: then the peer need not finish.
	 */
	results(message: Message, answerId: number, exports: number[] | null): number {
		const segment = message.arena.first!;
		const view = segment.view;
		const start = segment.startByte;
		view.setUint32(start + RETURN_ANSWER_ID, answerId, true);
		view.setUint16(
			start + RETURN_FLAGS,
			exports === null ? RETURN.KEEP_PARAM_CAPS | RETURN.NO_FINISH_NEEDED : RETURN.KEEP_PARAM_CAPS,
			true,
		);
		const count = exports === null ? 0 : this.capTable(message, RETURN_CAP_TABLE, exports);
		this.send(message);
		return count;
	}

	/** `flags`, of RETURN: what the peer is to do about the params' capabilities, and whether calls could be pipelined on this answer. */
	failure(answerId: number, exception: Exception, flags: number): void {
		const state = this.#state;
		// What is refused to a peer that does not read must not take from others.
		const roomy = this.congested ? null : state.pools.messages.take();
		const message = this.begin(
			roomy ?? state.control.take(),
			Tag.RETURN,
			RETURN.DATA_WORDS,
			RETURN.POINTERS,
			answerId,
			flags | (ReturnTag.EXCEPTION << RETURN.WHICH_SHIFT),
		);
		if (message === null) return;
		this.exception(this.content(), exception, roomy !== null ? REASON_CHARS_MAX : CONTROL_REASON_CHARS_MAX);
		this.send(message);
	}

	/** canceled, resultsSentElsewhere, takeFromOtherQuestion; `tag` in `ReturnTag`. */
	returnBare(answerId: number, tag: number, otherQuestionId = 0): void {
		const message = this.small(
			Tag.RETURN,
			RETURN.DATA_WORDS,
			RETURN.POINTERS,
			answerId,
			RETURN.KEEP_PARAM_CAPS | (tag << RETURN.WHICH_SHIFT),
		);
		if (message === null) return;
		this.#body.putUint32(RETURN.OTHER_QUESTION, otherQuestionId);
		this.send(message);
	}

	finish(questionId: number, releaseResults: boolean): void {
		this.sendSmall(
			Tag.FINISH,
			FINISH.DATA_WORDS,
			FINISH.POINTERS,
			questionId,
			releaseResults ? 0 : FINISH.KEEP_RESULT_CAPS,
		);
	}

	release(importId: number, count: number): void {
		this.sendSmall(Tag.RELEASE, RELEASE.DATA_WORDS, RELEASE.POINTERS, importId, count);
	}

	/** The promise that the peer knows as `exportId` is `hook`, or broken where there is an exception. */
	resolve(exportId: number, hook: Hook, exception: Exception | null): void {
		const message = this.small(
			Tag.RESOLVE,
			RESOLVE.DATA_WORDS,
			RESOLVE.POINTERS,
			exportId,
			exception === null ? ResolveTag.CAP : ResolveTag.EXCEPTION,
		);
		if (message === null) return;
		if (exception !== null) this.exception(this.content(), exception, CONTROL_REASON_CHARS_MAX);
		else
			this.describe(
				this.#body.newStruct(RESOLVE.CONTENT, DESCRIPTOR.DATA_WORDS, DESCRIPTOR.POINTERS, this.#entry),
				hook,
			);
		this.send(message);
	}

	/** `target` is the peer's, or null where that has broken; `context` in `Context`. */
	disembargo(target: Hook | null, context: number, id: number): void {
		const message = this.small(Tag.DISEMBARGO, DISEMBARGO.DATA_WORDS, DISEMBARGO.POINTERS, id, context);
		if (message === null) return;
		const into = this.#body.newStruct(DISEMBARGO.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, this.#part);
		if (target !== null) {
			if (target.kind === HookKind.IMPORT) into.putUint32(TARGET.IMPORTED_CAP, (target as ImportHook).id);
			else {
				into.putUint16(TARGET.WHICH, TargetTag.PROMISED_ANSWER);
				this.promisedAnswer(into, target as PipelinedHook);
			}
		}
		this.send(message);
	}

	abort(exception: Exception): void {
		const message = this.small(Tag.ABORT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, 0, 0);
		if (message === null) return;
		this.exception(this.#body, exception, CONTROL_REASON_CHARS_MAX * 2);
		this.send(message);
	}

	/**
	 * Sends a message that no version of the protocol gives a meaning and that every peer therefore sends back as unimplemented. Where no
	 * small message is left, much waits for the peer already.
	 */
	probe(): void {
		const message = this.#state.control.take();
		if (message === null) return;
		message.initRoot(this.#root, 1, 1).putUint16(0, Tag.OBSOLETE_SAVE);
		this.send(message);
	}

	/** Sends `original`, a whole message that was not understood, back. */
	unimplemented(original: Message): void {
		// A probe is answered also where calls have taken all memory.
		const small = original.sizeWords <= CONTROL_ECHO_WORDS_MAX;
		const message = (small ? this.#state.control : this.#state.pools.messages).take();
		if (message === null) {
			this.exhausted();
			return;
		}
		message.initRoot(this.#root, 1, 1).putUint16(0, Tag.UNIMPLEMENTED);
		original.rootAny(this.#any);
		try {
			this.#root.putAny(0, this.#any);
		} catch (error) {
			// It may be malformed, or name capabilities, of which an unknown message has none here.
			message.release();
			throw error;
		}
		this.send(message);
	}

	/** Whether there is room for all exports that the descriptors of `message` need. */
	canExport(message: Message): boolean {
		const state = this.#state;
		let room = state.exports.max - state.exports.count;
		for (let i = 0; i < message.caps.length; i++) {
			const hook = message.caps.at(i) as Hook | null;
			if (hook === null) continue;
			const target = hook.resolved();
			if (target.brand !== state.brand && state.exportOf(target) === null) room--;
		}
		return room >= 0;
	}

	private sendSmall(tag: number, dataWords: number, pointers: number, low: number, high: number): void {
		const message = this.small(tag, dataWords, pointers, low, high);
		if (message !== null) this.send(message);
	}

	/** A message for what is always to be said, begun; null where nothing is said any more. */
	private small(tag: number, dataWords: number, pointers: number, low: number, high: number): Message | null {
		const state = this.#state;
		if (state.ended !== null) return null;
		let message = state.control.take();
		if (message === null && state.borrows) message = state.pools.messages.take();
		return this.begin(message, tag, dataWords, pointers, low, high);
	}

	/** Begins `message`: `#body` is its body, of which `low` and `high` are the halves of the first word. Null where it is null. */
	private begin(
		message: Message | null,
		tag: number,
		dataWords: number,
		pointers: number,
		low: number,
		high: number,
	): Message | null {
		if (message === null) this.exhausted();
		else {
			message.initRoot(this.#root, 1, 1).putUint16(0, tag);
			this.#root.newStruct(0, dataWords, pointers, this.#body).putUint32(0, low);
			this.#body.putUint32(4, high);
		}
		return message;
	}

	/** The peer makes us answer and does not read. */
	private exhausted(): void {
		this.#state.doom = new Exception(ExceptionType.DISCONNECTED, "Peer does not read: no message left to answer it");
	}

	/** Of a Return or Resolve that says what went wrong. */
	private content(): StructBuilder {
		return this.#body.newStruct(RETURN.CONTENT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, this.#part);
	}

	private exception(into: StructBuilder, exception: Exception, charsMax: number): void {
		into.putUint16(EXCEPTION.TYPE, exception.type);
		const reason = exception.reason;
		into.putText(EXCEPTION.REASON, reason.length > charsMax ? reason.slice(0, charsMax) : reason);
		// Where something happened may tell secrets: of this vat, or of the one that the exception came from.
		if (this.#traces && charsMax >= REASON_CHARS_MAX && exception.trace.length > 0)
			into.putText(EXCEPTION.TRACE, exception.trace.slice(0, TRACE_CHARS_MAX));
	}

	/** The pointer at byte `offset` of the envelope, as a struct of nothing else. */
	private pointerOf(message: Message, offset: number): StructBuilder {
		const segment = message.arena.first!;
		this.#part.at.aimPointer(segment, segment.startByte + offset, message.arena.depthMax);
		return this.#part;
	}

	/** Describes all capabilities of `message`; notes those exported in `exports` and returns their number. */
	private capTable(message: Message, offset: number, exports: number[]): number {
		const caps = message.caps;
		const table = this.pointerOf(message, offset).newStructList(
			0,
			caps.length,
			DESCRIPTOR.DATA_WORDS,
			DESCRIPTOR.POINTERS,
			this.#entries,
		);
		let count = 0;
		for (let i = 0; i < caps.length; i++) {
			const id = this.describe(table.edit(i, this.#entry), caps.at(i) as Hook | null);
			if (id >= 0) exports[count++] = id;
		}
		return count;
	}

	/** Returns the export id, or -1 where it needed none. */
	private describe(into: StructBuilder, hook: Hook | null): number {
		const state = this.#state;
		if (hook === null || hook === state.pools.nullHook) return -1;
		const target = hook.resolved();
		let which: number = DescriptorTag.RECEIVER_HOSTED;
		let id = 0;
		let exported = -1;
		if (target.brand !== state.brand) {
			let entry = state.exportOf(target);
			if (entry !== null) entry.refs++;
			else {
				entry = state.addExport(target);
				if (entry === null) return -1;
				if (target.promise) target.listen(entry);
				if (target.broken !== null) {
					entry.nextPending = this.#pending;
					this.#pending = entry;
				}
			}
			which = target.promise || target.broken !== null ? DescriptorTag.SENDER_PROMISE : DescriptorTag.SENDER_HOSTED;
			id = exported = entry.id;
		} else if (target.kind === HookKind.IMPORT) id = (target as ImportHook).id;
		else {
			which = DescriptorTag.RECEIVER_ANSWER;
			this.promisedAnswer(into, target as PipelinedHook);
		}
		into.putUint16(DESCRIPTOR.WHICH, which);
		into.putUint32(DESCRIPTOR.ID, id);
		return exported;
	}

	/** Fills the only pointer of `into`. */
	private promisedAnswer(into: StructBuilder, hook: PipelinedHook): void {
		const answer = into.newStruct(0, PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, this.#answer);
		answer.putUint32(PROMISED_ANSWER.QUESTION_ID, (hook.call!.callee as Question).id);
		const { fields, length } = hook.path;
		if (length === 0) return;
		const ops = answer.newStructList(PROMISED_ANSWER.TRANSFORM, length, OP.DATA_WORDS, OP.POINTERS, this.#ops);
		for (let i = 0; i < length; i++) {
			const op = ops.edit(i, this.#op);
			op.putUint16(OP.WHICH, OpTag.GET_POINTER_FIELD);
			op.putUint16(OP.FIELD, fields[i]!);
		}
	}
}
