import { AnyBuilder } from "../layout/any-builder.js";
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
import type { Path } from "../cap/path.js";
import type { PipelinedHook } from "../cap/pipelined.js";
import type { Message } from "../message/message.js";
import type { Export } from "./export.js";
import type { ImportHook } from "./import.js";
import type { Question } from "./question.js";
import {
	BOOTSTRAP,
	Context,
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
	readonly #target = new StructBuilder();
	readonly #answer = new StructBuilder();
	readonly #op = new StructBuilder();
	readonly #ops = new StructListBuilder();
	readonly #entry = new StructBuilder();
	readonly #entries = new StructListBuilder();
	readonly #any = new AnyBuilder();
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
			this.resolveException(entry.id, entry.hook!.broken!);
		}
	}

	bootstrap(questionId: number, objectId: Uint8Array | null): void {
		const message = this.control(Tag.BOOTSTRAP, BOOTSTRAP.DATA_WORDS, BOOTSTRAP.POINTERS);
		if (message === null) return;
		this.#body.putUint32(BOOTSTRAP.QUESTION_ID, questionId);
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
			this.aim(message, CALL_TARGET_POINTER);
			this.promisedAnswer(
				this.#any.initStruct(PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, this.#answer),
				hook as PipelinedHook,
			);
		}
		if (message.caps.length > 0)
			question.paramExportCount = this.capTable(message, CALL_CAP_TABLE, question.paramExports);
		this.send(message);
	}

	/** Makes `message`, which has a Return envelope, the results of `answerId`, and sends it: takes it. Returns the number of exports noted. */
	results(message: Message, answerId: number, noFinish: boolean, exports: number[]): number {
		const segment = message.arena.segmentAt(0);
		segment.view.setUint32(segment.startByte + RETURN_ANSWER_ID, answerId, true);
		segment.view.setUint16(segment.startByte + RETURN_FLAGS, noFinish ? 3 : 1, true);
		const count = message.caps.length > 0 ? this.capTable(message, RETURN_CAP_TABLE, exports) : 0;
		this.send(message);
		return count;
	}

	/** Results without capabilities, in a Return envelope: takes the message. The peer need not finish. */
	plainResults(message: Message, answerId: number): void {
		const segment = message.arena.first!;
		const view = segment.view;
		const start = segment.startByte;
		view.setUint32(start + RETURN_ANSWER_ID, answerId, true);
		view.setUint16(start + RETURN_FLAGS, 3, true);
		if (this.#state.ended !== null) message.release();
		else {
			if (this.#tracer !== null) this.#tracer.sent(message);
			this.#sender.send(message);
		}
	}

	/**
	 * `releaseParams`: the peer releases what the params brought, because we did not take it. `noFinish`: there is no answer
	 * that calls could be pipelined on.
	 */
	failure(answerId: number, exception: Exception, releaseParams: boolean, noFinish: boolean): void {
		const state = this.#state;
		// What is refused to a peer that does not read must not take from others.
		const roomy = this.congested ? null : state.pools.messages.take();
		const message = roomy ?? state.control.take();
		if (message === null) {
			this.exhausted();
			return;
		}
		this.begin(message, Tag.RETURN, RETURN.DATA_WORDS, RETURN.POINTERS);
		this.returnHead(answerId, ReturnTag.EXCEPTION, releaseParams, noFinish);
		this.exception(
			this.#body.newStruct(RETURN.CONTENT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, this.#target),
			exception,
			roomy !== null ? REASON_CHARS_MAX : CONTROL_REASON_CHARS_MAX,
		);
		this.send(message);
	}

	/** canceled, resultsSentElsewhere; `tag` in `ReturnTag`. */
	returnBare(answerId: number, tag: number): void {
		const message = this.control(Tag.RETURN, RETURN.DATA_WORDS, RETURN.POINTERS);
		if (message === null) return;
		this.returnHead(answerId, tag, false, false);
		this.send(message);
	}

	takeFromOther(answerId: number, questionId: number): void {
		const message = this.control(Tag.RETURN, RETURN.DATA_WORDS, RETURN.POINTERS);
		if (message === null) return;
		this.returnHead(answerId, ReturnTag.TAKE_FROM_OTHER, false, false);
		this.#body.putUint32(RETURN.OTHER_QUESTION, questionId);
		this.send(message);
	}

	finish(questionId: number, releaseResults: boolean): void {
		const message = this.control(Tag.FINISH, FINISH.DATA_WORDS, FINISH.POINTERS);
		if (message === null) return;
		this.#body.putUint32(FINISH.QUESTION_ID, questionId);
		if (!releaseResults) this.#body.putBool(FINISH.RELEASE_RESULT_CAPS_BIT, true);
		this.send(message);
	}

	release(importId: number, count: number): void {
		const message = this.control(Tag.RELEASE, RELEASE.DATA_WORDS, RELEASE.POINTERS);
		if (message === null) return;
		this.#body.putUint32(RELEASE.ID, importId);
		this.#body.putUint32(RELEASE.COUNT, count);
		this.send(message);
	}

	/** The promise that the peer knows as `exportId` is `hook`. */
	resolve(exportId: number, hook: Hook): void {
		const message = this.control(Tag.RESOLVE, RESOLVE.DATA_WORDS, RESOLVE.POINTERS);
		if (message === null) return;
		this.#body.putUint32(RESOLVE.PROMISE_ID, exportId);
		this.#body.putUint16(RESOLVE.WHICH, ResolveTag.CAP);
		this.describe(this.#body.newStruct(RESOLVE.CONTENT, DESCRIPTOR.DATA_WORDS, DESCRIPTOR.POINTERS, this.#entry), hook);
		this.send(message);
	}

	resolveException(exportId: number, exception: Exception): void {
		const message = this.control(Tag.RESOLVE, RESOLVE.DATA_WORDS, RESOLVE.POINTERS);
		if (message === null) return;
		this.#body.putUint32(RESOLVE.PROMISE_ID, exportId);
		this.#body.putUint16(RESOLVE.WHICH, ResolveTag.EXCEPTION);
		this.exception(
			this.#body.newStruct(RESOLVE.CONTENT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS, this.#target),
			exception,
			CONTROL_REASON_CHARS_MAX,
		);
		this.send(message);
	}

	/** `target` is the peer's; `context` in `Context`. */
	disembargo(target: Hook, context: number, id: number): void {
		const message = this.control(Tag.DISEMBARGO, DISEMBARGO.DATA_WORDS, DISEMBARGO.POINTERS);
		if (message === null) return;
		this.#body.putUint32(DISEMBARGO.ID, id);
		this.#body.putUint16(DISEMBARGO.CONTEXT, context);
		this.writeTarget(this.#body.newStruct(DISEMBARGO.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, this.#target), target);
		this.send(message);
	}

	/** Echoes the disembargo of a capability that broke, to the target that the peer named. */
	disembargoImport(importId: number, id: number): void {
		const message = this.control(Tag.DISEMBARGO, DISEMBARGO.DATA_WORDS, DISEMBARGO.POINTERS);
		if (message === null) return;
		this.#body.putUint32(DISEMBARGO.ID, id);
		this.#body.putUint16(DISEMBARGO.CONTEXT, Context.RECEIVER_LOOPBACK);
		this.#body
			.newStruct(DISEMBARGO.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, this.#target)
			.putUint32(TARGET.IMPORTED_CAP, importId);
		this.send(message);
	}

	abort(exception: Exception): void {
		const message = this.control(Tag.ABORT, EXCEPTION.DATA_WORDS, EXCEPTION.POINTERS);
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

	/** How many descriptors of `message` would need a new export. */
	exportsNeeded(message: Message): number {
		let count = 0;
		for (let i = 0; i < message.caps.length; i++) {
			const hook = message.caps.at(i) as Hook | null;
			if (hook === null) continue;
			const target = hook.resolved();
			if (target.brand !== this.#state.brand && this.#state.exportOf(target) === null) count++;
		}
		return count;
	}

	private control(tag: number, dataWords: number, pointers: number): Message | null {
		if (this.#state.ended !== null) return null;
		const state = this.#state;
		let message = state.control.take();
		if (message === null && state.borrows) message = state.pools.messages.take();
		if (message === null) {
			this.exhausted();
			return null;
		}
		this.begin(message, tag, dataWords, pointers);
		return message;
	}

	private begin(message: Message, tag: number, dataWords: number, pointers: number): void {
		message.initRoot(this.#root, 1, 1).putUint16(0, tag);
		this.#root.newStruct(0, dataWords, pointers, this.#body);
	}

	/** The peer makes us answer and does not read. */
	private exhausted(): void {
		this.#state.doom = new Exception(ExceptionType.DISCONNECTED, "Peer does not read: no message left to answer it");
	}

	private returnHead(answerId: number, tag: number, releaseParams: boolean, noFinish: boolean): void {
		const body = this.#body;
		body.putUint32(RETURN.ANSWER_ID, answerId);
		if (!releaseParams) body.putBool(RETURN.RELEASE_PARAM_CAPS_BIT, true);
		if (noFinish) body.putBool(RETURN.NO_FINISH_NEEDED_BIT, true);
		body.putUint16(RETURN.WHICH, tag);
	}

	private exception(into: StructBuilder, exception: Exception, charsMax: number): void {
		into.putUint16(EXCEPTION.TYPE, exception.type);
		const reason = exception.reason;
		into.putText(EXCEPTION.REASON, reason.length > charsMax ? reason.slice(0, charsMax) : reason);
		// Where something happened may tell secrets: of this vat, or of the one that the exception came from.
		if (this.#traces && charsMax >= REASON_CHARS_MAX && exception.trace.length > 0)
			into.putText(EXCEPTION.TRACE, exception.trace.slice(0, TRACE_CHARS_MAX));
	}

	/** Aims `#any` at the pointer at byte `offset` of the envelope. */
	private aim(message: Message, offset: number): void {
		const segment = message.arena.segmentAt(0);
		this.#any.at.aimPointer(segment, segment.startByte + offset, message.arena.depthMax);
	}

	/** Describes all capabilities of `message`; notes those exported in `exports` and returns their number. */
	private capTable(message: Message, offset: number, exports: number[]): number {
		this.aim(message, offset);
		const caps = message.caps;
		const table = this.#any.initStructList(caps.length, DESCRIPTOR.DATA_WORDS, DESCRIPTOR.POINTERS, this.#entries);
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
		if (target.brand === state.brand) {
			if (target.kind === HookKind.IMPORT) {
				into.putUint16(DESCRIPTOR.WHICH, DescriptorTag.RECEIVER_HOSTED);
				into.putUint32(DESCRIPTOR.ID, (target as ImportHook).id);
			} else {
				into.putUint16(DESCRIPTOR.WHICH, DescriptorTag.RECEIVER_ANSWER);
				this.promisedAnswer(
					into.newStruct(DESCRIPTOR.POINTER, PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, this.#answer),
					target as PipelinedHook,
				);
			}
			return -1;
		}
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
		into.putUint16(
			DESCRIPTOR.WHICH,
			target.promise || target.broken !== null ? DescriptorTag.SENDER_PROMISE : DescriptorTag.SENDER_HOSTED,
		);
		into.putUint32(DESCRIPTOR.ID, entry.id);
		return entry.id;
	}

	private writeTarget(into: StructBuilder, hook: Hook): void {
		if (hook.kind === HookKind.IMPORT) {
			into.putUint32(TARGET.IMPORTED_CAP, (hook as ImportHook).id);
			return;
		}
		into.putUint16(TARGET.WHICH, TargetTag.PROMISED_ANSWER);
		this.promisedAnswer(
			into.newStruct(TARGET.PROMISED_ANSWER, PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, this.#answer),
			hook as PipelinedHook,
		);
	}

	private promisedAnswer(into: StructBuilder, hook: PipelinedHook): void {
		into.putUint32(PROMISED_ANSWER.QUESTION_ID, (hook.call!.callee as Question).id);
		this.transform(into, hook.path);
	}

	private transform(into: StructBuilder, path: Path): void {
		if (path.length === 0) return;
		const ops = into.newStructList(PROMISED_ANSWER.TRANSFORM, path.length, OP.DATA_WORDS, OP.POINTERS, this.#ops);
		for (let i = 0; i < path.length; i++) {
			const op = ops.edit(i, this.#op);
			op.putUint16(OP.WHICH, OpTag.GET_POINTER_FIELD);
			op.putUint16(OP.FIELD, path.fields[i]!);
		}
	}
}
