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

export function protocolFault(message: string): never {
	throw new Fault(FaultCode.PROTOCOL, message);
}

/** Turns what the peer says of capabilities into hooks. An id read off the wire changes sides here and nowhere else. */
export class Adopter {
	readonly #state: State;

	constructor(state: State) {
		this.#state = state;
	}

	/** Fills the capability slots of `message` from the payload's table. False, with nothing taken, where the import table or `budget` could overflow. */
	adoptAll(payload: StructReader, message: Message, budget: Budget | null): boolean {
		if (payload.absent(PAYLOAD.CAP_TABLE)) return true;
		const state = this.#state;
		const { capTable, descriptor } = state.views;
		const count = payload.listAt(PAYLOAD.CAP_TABLE, capTable).length;
		if (state.imports.count + count > state.limits.imports || count > message.caps.lengthMax) return false;
		if (budget !== null && !budget.fitsCaps(count)) return false;
		for (let i = 0; i < count; i++) message.caps.give(this.adopt(capTable.read(i, descriptor)));
		return true;
	}

	/** The capability of a descriptor, with a reference for the caller. */
	adopt(descriptor: StructReader): Hook | null {
		const id = descriptor.uint32(DESCRIPTOR.ID);
		switch (descriptor.uint16(DESCRIPTOR.WHICH)) {
			case DescriptorTag.NONE:
				return null;
			case DescriptorTag.SENDER_HOSTED:
				return this.imported(id, false);
			case DescriptorTag.SENDER_PROMISE:
				return this.imported(id, true);
			case DescriptorTag.RECEIVER_HOSTED:
				return this.exported(id);
			case DescriptorTag.RECEIVER_ANSWER:
				return this.fromAnswer(descriptor.structAt(DESCRIPTOR.POINTER, this.#state.views.promisedAnswer));
			case DescriptorTag.THIRD_PARTY:
				return this.imported(
					descriptor.structAt(DESCRIPTOR.POINTER, this.#state.views.promisedAnswer).uint32(VINE_ID),
					false,
				);
			default:
				return new BrokenHook(UNKNOWN_DESCRIPTOR);
		}
	}

	/** What a MessageTarget means, with a reference for the caller. */
	target(target: StructReader): Hook {
		const at = target.at;
		// Looked at without getters: every call has one. Where it is left out everything in it is 0.
		const whole = at.dataBytes >= TARGET.DATA_WORDS * 8;
		const which = whole ? at.view.getUint16(at.data + TARGET.WHICH, true) : TargetTag.IMPORTED_CAP;
		if (which === TargetTag.IMPORTED_CAP)
			return this.exported(whole ? at.view.getUint32(at.data + TARGET.IMPORTED_CAP, true) : 0);
		if (which === TargetTag.PROMISED_ANSWER) return this.promised(this.promisedAnswer(target));
		return protocolFault("message target of an unknown kind");
	}

	/** Whether the answer that `target` names is there. */
	answered(target: StructReader): boolean {
		return this.#state.answers.at(this.promisedAnswer(target).uint32(PROMISED_ANSWER.QUESTION_ID)) !== null;
	}

	private promisedAnswer(target: StructReader): StructReader {
		return target.structAt(TARGET.PROMISED_ANSWER, this.#state.views.promisedAnswer);
	}

	/** A capability in one of our answers, with a reference for the caller. */
	promised(promised: StructReader): Hook {
		const answer = this.#state.answers.at(promised.uint32(PROMISED_ANSWER.QUESTION_ID));
		// It may have gone with its Return, which said that no Finish is needed: the peer could not know.
		if (answer === null || answer.call === null) return new BrokenHook(GONE);
		return answer.call.takePipelined(this.path(promised));
	}

	/** The same as a descriptor's: where it is the peer's by now, it must not look as if it had come straight from there. */
	private fromAnswer(promised: StructReader): Hook {
		const hook = this.promised(promised);
		if (hook.resolved().brand !== this.#state.brand) return hook;
		const detour = new PromiseHook();
		detour.resolve(hook);
		return detour;
	}

	/** Allocates: the reason is a string. */
	exception(exception: StructReader): Exception {
		const type = exception.uint16(EXCEPTION.TYPE);
		return new Exception(
			type <= ExceptionType.UNIMPLEMENTED ? type : ExceptionType.FAILED,
			exception.text(EXCEPTION.REASON),
			exception.text(EXCEPTION.TRACE),
		);
	}

	private path(promised: StructReader): Path {
		const path = this.#state.pools.path.clear();
		if (promised.absent(PROMISED_ANSWER.TRANSFORM)) return path;
		const { transform, op } = this.#state.views;
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
	exported(id: number): Hook {
		const entry = this.#state.exports.at(id);
		if (entry === null) return protocolFault("unknown export " + id);
		const hook = entry.hook!;
		hook.refs++;
		return hook;
	}

	/** There is room: `adoptAll` or the caller has looked. */
	private imported(id: number, promise: boolean): Hook {
		const state = this.#state;
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
		hook.router = state.brand;
		hook.brand = state.brand;
		hook.home = state.brand;
		state.imports.add(hook);
		return hook;
	}
}
