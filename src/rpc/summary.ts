import { StructListReader } from "../layout/list-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import {
	BOOTSTRAP,
	CALL,
	Context,
	DESCRIPTOR,
	DescriptorTag,
	DISEMBARGO,
	EXCEPTION,
	FINISH,
	OP,
	PAYLOAD,
	PROMISED_ANSWER,
	RELEASE,
	RESOLVE,
	ResolveTag,
	RETURN,
	ReturnTag,
	Tag,
	TARGET,
	TargetTag,
} from "./schema.js";

const EXCEPTION_TYPES = Object.freeze(["failed", "overloaded", "disconnected", "unimplemented"]);

/** One message on one line, for people; allocates. Works on messages of either direction, built or received. */
export function summary(message: Message): string {
	return describeMessage(message.readRoot(new StructReader()));
}

function describeMessage(root: StructReader): string {
	const body = root.structAt(0, new StructReader());
	switch (root.uint16(0)) {
		case Tag.UNIMPLEMENTED:
			return "unimplemented (" + describeMessage(body) + ")";
		case Tag.ABORT:
			return "abort " + exception(body);
		case Tag.BOOTSTRAP:
			return (
				"bootstrap #" +
				body.uint32(BOOTSTRAP.QUESTION_ID) +
				// Not which: whoever knows the id may use the service.
				(body.absent(BOOTSTRAP.OBJECT_ID) ? "" : " by an id")
			);
		case Tag.CALL: {
			const high = body.uint64High(CALL.INTERFACE_ID);
			const low = body.uint64Low(CALL.INTERFACE_ID).toString(16);
			const id = high === 0 ? low : high.toString(16) + low.padStart(8, "0");
			const to = body.uint16(CALL.SEND_RESULTS_TO) === 1 ? " results to yourself" : "";
			return (
				"call #" +
				body.uint32(CALL.QUESTION_ID) +
				" " +
				target(body.structAt(CALL.TARGET, new StructReader())) +
				" " +
				id +
				"." +
				body.uint16(CALL.METHOD_ID) +
				to +
				caps(body.structAt(CALL.PARAMS, new StructReader()))
			);
		}
		case Tag.RETURN:
			return describeReturn(body);
		case Tag.FINISH:
			return (
				"finish #" +
				body.uint32(FINISH.QUESTION_ID) +
				(body.bool(FINISH.RELEASE_RESULT_CAPS_BIT) ? "" : " release results")
			);
		case Tag.RESOLVE:
			return (
				"resolve " +
				body.uint32(RESOLVE.PROMISE_ID) +
				" to " +
				(body.uint16(RESOLVE.WHICH) === ResolveTag.CAP
					? descriptor(body.structAt(RESOLVE.CONTENT, new StructReader()))
					: exception(body.structAt(RESOLVE.CONTENT, new StructReader())))
			);
		case Tag.RELEASE:
			return "release " + body.uint32(RELEASE.ID) + " × " + body.uint32(RELEASE.COUNT);
		case Tag.DISEMBARGO: {
			const context = body.uint16(DISEMBARGO.CONTEXT);
			const name =
				context === Context.SENDER_LOOPBACK
					? "sender"
					: context === Context.RECEIVER_LOOPBACK
						? "receiver"
						: "context " + context;
			return (
				"disembargo " +
				name +
				" " +
				body.uint32(DISEMBARGO.ID) +
				" " +
				target(body.structAt(DISEMBARGO.TARGET, new StructReader()))
			);
		}
		case Tag.OBSOLETE_SAVE:
			return "probe";
		default:
			return "message of kind " + root.uint16(0);
	}
}

function describeReturn(body: StructReader): string {
	const head = "return #" + body.uint32(RETURN.ANSWER_ID) + " ";
	const tail =
		(body.bool(RETURN.NO_FINISH_NEEDED_BIT) ? ", no finish" : "") +
		(body.bool(RETURN.RELEASE_PARAM_CAPS_BIT) ? "" : ", release params");
	switch (body.uint16(RETURN.WHICH)) {
		case ReturnTag.RESULTS:
			return head + "results" + caps(body.structAt(RETURN.CONTENT, new StructReader())) + tail;
		case ReturnTag.EXCEPTION:
			return head + exception(body.structAt(RETURN.CONTENT, new StructReader())) + tail;
		case ReturnTag.CANCELED:
			return head + "canceled" + tail;
		case ReturnTag.ELSEWHERE:
			return head + "sent elsewhere" + tail;
		case ReturnTag.TAKE_FROM_OTHER:
			return head + "take from #" + body.uint32(RETURN.OTHER_QUESTION) + tail;
		default:
			return head + "of kind " + body.uint16(RETURN.WHICH);
	}
}

function exception(body: StructReader): string {
	return (EXCEPTION_TYPES[body.uint16(EXCEPTION.TYPE)] ?? "exception") + ": " + body.text(EXCEPTION.REASON);
}

function target(body: StructReader): string {
	if (body.uint16(TARGET.WHICH) === TargetTag.IMPORTED_CAP) return "on " + body.uint32(TARGET.IMPORTED_CAP);
	return "on " + promised(body.structAt(TARGET.PROMISED_ANSWER, new StructReader()));
}

function promised(body: StructReader): string {
	let text = "#" + body.uint32(PROMISED_ANSWER.QUESTION_ID);
	const ops = body.listAt(PROMISED_ANSWER.TRANSFORM, new StructListReader());
	const op = new StructReader();
	for (let i = 0; i < ops.length; i++) if (ops.read(i, op).uint16(OP.WHICH) !== 0) text += "." + op.uint16(OP.FIELD);
	return text;
}

function caps(payload: StructReader): string {
	const table = payload.listAt(PAYLOAD.CAP_TABLE, new StructListReader());
	if (table.length === 0) return "";
	let text = "";
	for (let i = 0; i < table.length; i++) text += (i === 0 ? "" : ", ") + descriptor(table.read(i, new StructReader()));
	return " [" + text + "]";
}

function descriptor(body: StructReader): string {
	const id = body.uint32(DESCRIPTOR.ID);
	switch (body.uint16(DESCRIPTOR.WHICH)) {
		case DescriptorTag.NONE:
			return "none";
		case DescriptorTag.SENDER_HOSTED:
			return "hosted " + id;
		case DescriptorTag.SENDER_PROMISE:
			return "promise " + id;
		case DescriptorTag.RECEIVER_HOSTED:
			return "yours " + id;
		case DescriptorTag.RECEIVER_ANSWER:
			return "your answer " + promised(body.structAt(DESCRIPTOR.POINTER, new StructReader()));
		default:
			return "descriptor " + body.uint16(DESCRIPTOR.WHICH);
	}
}
