import { Fault, FaultCode } from "../base/fault.js";
import { BrokenHook } from "../cap/broken.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { PromiseHook } from "../cap/promise.js";
import type { Path } from "../cap/path.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import {
	DESCRIPTOR,
	DescriptorTag,
	EXCEPTION,
	OP,
	OpTag,
	PAYLOAD,
	PROMISED_ANSWER,
	TARGET,
	TargetTag,
	VINE_ID,
} from "./schema.js";
import type { Budget } from "./budget.js";
import type { State } from "./state.js";

/** What a pipelined call on an answer gets that is not there any more. */
const GONE = Object.freeze(
	new Exception(ExceptionType.FAILED, "Pipelined call on an answer that had no capabilities or is finished"),
);
const UNKNOWN_DESCRIPTOR = Object.freeze(
	new Exception(ExceptionType.UNIMPLEMENTED, "Unknown kind of capability descriptor"),
);

// What the peer says of capabilities becomes hooks. An id read off the wire changes sides here and nowhere else.

export function protocolFault(message: string): never {
	throw new Fault(FaultCode.PROTOCOL, message);
}

/** Fills the capability slots of `message` from the payload's table. False, with nothing taken, where the import table or `budget` could overflow. */
export function adoptAll(state: State, payload: StructReader, message: Message, budget: Budget | null): boolean {
	if (payload.absent(PAYLOAD.CAP_TABLE)) return true;
	const { capTable, descriptor } = state.views;
	const count = payload.listAt(PAYLOAD.CAP_TABLE, capTable).length;
	if (state.imports.count + count > state.limits.imports || count > message.caps.lengthMax) return false;
	if (budget !== null && !budget.fitsCaps(count)) return false;
	for (let i = 0; i < count; i++) message.caps.give(adopt(state, capTable.read(i, descriptor)));
	return true;
}

/** The capability of a descriptor, with a reference for the caller. */
export function adopt(state: State, descriptor: StructReader): Hook | null {
	const id = descriptor.uint32(DESCRIPTOR.ID);
	const { promisedAnswer } = state.views;
	switch (descriptor.uint16(DESCRIPTOR.WHICH)) {
		case DescriptorTag.NONE:
			return null;
		case DescriptorTag.SENDER_HOSTED:
			return imported(state, id, false);
		case DescriptorTag.SENDER_PROMISE:
			return imported(state, id, true);
		case DescriptorTag.RECEIVER_HOSTED:
			return adoptExported(state, id);
		case DescriptorTag.RECEIVER_ANSWER:
			return fromAnswer(state, descriptor.structAt(DESCRIPTOR.POINTER, promisedAnswer));
		case DescriptorTag.THIRD_PARTY:
			return imported(state, descriptor.structAt(DESCRIPTOR.POINTER, promisedAnswer).uint32(VINE_ID), false);
		default:
			return new BrokenHook(UNKNOWN_DESCRIPTOR);
	}
}

/** What a MessageTarget means, with a reference for the caller. */
export function adoptTarget(state: State, target: StructReader): Hook {
	const which = target.uint16(TARGET.WHICH);
	if (which === TargetTag.IMPORTED_CAP) return adoptExported(state, target.uint32(TARGET.IMPORTED_CAP));
	if (which === TargetTag.PROMISED_ANSWER) return adoptPromised(state, answerNamed(state, target));
	return protocolFault("message target of an unknown kind");
}

/** Whether the answer that `target` names is there. */
export function isAnswered(state: State, target: StructReader): boolean {
	return state.answers.at(answerNamed(state, target).uint32(PROMISED_ANSWER.QUESTION_ID)) !== null;
}

function answerNamed(state: State, target: StructReader): StructReader {
	return target.structAt(TARGET.PROMISED_ANSWER, state.views.promisedAnswer);
}

/** A capability in one of our answers, with a reference for the caller. */
function adoptPromised(state: State, promised: StructReader): Hook {
	const answer = state.answers.at(promised.uint32(PROMISED_ANSWER.QUESTION_ID));
	// It may have gone with its Return, which said that no Finish is needed: the peer could not know.
	if (answer === null || answer.call === null) return new BrokenHook(GONE);
	return answer.call.takePipelined(readPath(state, promised));
}

/** The same as a descriptor's: where it is the peer's by now, it must not look as if it had come straight from there. */
function fromAnswer(state: State, promised: StructReader): Hook {
	const hook = adoptPromised(state, promised);
	if (hook.resolved().brand !== state) return hook;
	const detour = new PromiseHook();
	detour.resolve(hook);
	return detour;
}

/** Allocates: the reason is a string. */
export function readException(exception: StructReader): Exception {
	const type = exception.uint16(EXCEPTION.TYPE);
	return new Exception(
		type <= ExceptionType.UNIMPLEMENTED ? type : ExceptionType.FAILED,
		exception.text(EXCEPTION.REASON),
		exception.text(EXCEPTION.TRACE),
	);
}

function readPath(state: State, promised: StructReader): Path {
	const path = state.pools.path.clear();
	if (promised.absent(PROMISED_ANSWER.TRANSFORM)) return path;
	const { transform, op } = state.views;
	promised.listAt(PROMISED_ANSWER.TRANSFORM, transform);
	for (let i = 0; i < transform.length; i++) {
		const which = transform.read(i, op).uint16(OP.WHICH);
		if (which === OpTag.NOOP) continue;
		if (which !== OpTag.GET_POINTER_FIELD) protocolFault("transform with an unknown operation");
		if (!path.add(op.uint16(OP.FIELD))) protocolFault("transform nests too deep");
	}
	return path;
}

/** What the peer knows as `id`, with a reference for the caller. */
export function adoptExported(state: State, id: number): Hook {
	const entry = state.exports.at(id);
	if (entry === null) return protocolFault("unknown export " + id);
	const hook = entry.hook!;
	hook.refs++;
	return hook;
}

/** There is room: `adoptAll` or the caller has looked. */
function imported(state: State, id: number, promise: boolean): Hook {
	let hook = state.imports.at(id);
	if (hook !== null) {
		hook.wireRefs++;
		hook.addRef();
		return hook;
	}
	hook = state.freeImports.take();
	// Broken ones of before may still be held where a vat outlives many connections; this one's own are counted.
	if (hook === null) return protocolFault("no import left");
	hook.id = id;
	hook.wireRefs = 1;
	hook.promise = promise;
	hook.router = state;
	hook.brand = state;
	hook.home = state;
	state.imports.add(hook);
	return hook;
}
