import { MessagePool, StructBuilder, StructListBuilder } from "vatlet/runtime";
import {
	CALL,
	DESCRIPTOR,
	DescriptorTag,
	DISEMBARGO,
	FINISH,
	OP,
	OpTag,
	PAYLOAD,
	PROMISED_ANSWER,
	RELEASE,
	RESOLVE,
	ResolveTag,
	Tag,
	TARGET,
	TargetTag,
} from "../../src/rpc/schema.js";

const pool = new MessagePool();

/** A frame with `tag`, whose body is built by hand; `part` is a builder to use meanwhile. */
export function frame(
	tag: number,
	dataWords: number,
	pointers: number,
	build: (body: StructBuilder, part: StructBuilder) => void,
): Uint8Array {
	const made = pool.take()!;
	const root = new StructBuilder();
	made.initRoot(root, 1, 1).putUint16(0, tag);
	build(root.newStruct(0, dataWords, pointers, new StructBuilder()), new StructBuilder());
	const bytes = made.toBytes();
	made.release();
	return bytes;
}

export type CapFrame = readonly [which: number, id: number, field?: number];

/** What a Call is made of by hand. */
export interface CallFrame {
	question: number;
	/** An export of the receiver. */
	target?: number;
	/** An answer of the receiver, and the pointer fields to follow in it. */
	on?: readonly number[];
	method?: number;
	flags?: number;
	text?: string;
	/** Kind and id of each capability that it brings, and the pointer field of an answer; the first one is in pointer field 0. */
	caps?: readonly CapFrame[];
}

/** A Call of interface 1. */
export function callFrame(options: CallFrame): Uint8Array {
	return frame(Tag.CALL, 3, 3, (body, part) => {
		body.putUint32(CALL.QUESTION_ID, options.question);
		body.putUint64Halves(CALL.INTERFACE_ID, 1, 0);
		body.putUint16(CALL.METHOD_ID, options.method ?? 0);
		body.putUint8(CALL.FLAGS, options.flags ?? 0);
		const target = body.newStruct(CALL.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, new StructBuilder());
		if (options.on === undefined) target.putUint32(TARGET.IMPORTED_CAP, options.target ?? 0);
		else {
			target.putUint16(TARGET.WHICH, TargetTag.PROMISED_ANSWER);
			promisedAnswer(target, TARGET.PROMISED_ANSWER, options.on);
		}
		const payload = body.newStruct(CALL.PARAMS, 0, 2, new StructBuilder());
		const content = payload.newStruct(PAYLOAD.CONTENT, 1, 2, part);
		if (options.text !== undefined) content.putText(1, options.text);
		const caps = options.caps ?? [];
		if (caps.length > 0) content.at.view.setUint32(content.at.data + content.at.dataBytes, 3, true);
		describeCaps(payload, caps);
	});
}

/** `on`: a question id, and the pointer fields to follow in its results. */
export function promisedAnswer(into: StructBuilder, pointer: number, on: readonly number[]): void {
	const promised = into.newStruct(pointer, PROMISED_ANSWER.DATA_WORDS, PROMISED_ANSWER.POINTERS, new StructBuilder());
	promised.putUint32(PROMISED_ANSWER.QUESTION_ID, on[0]!);
	const ops = promised.newStructList(
		PROMISED_ANSWER.TRANSFORM,
		on.length - 1,
		OP.DATA_WORDS,
		OP.POINTERS,
		new StructListBuilder(),
	);
	for (let i = 1; i < on.length; i++) {
		const op = ops.edit(i - 1, new StructBuilder());
		op.putUint16(OP.WHICH, OpTag.GET_POINTER_FIELD);
		op.putUint16(OP.FIELD, on[i]!);
	}
}

function describeCaps(payload: StructBuilder, caps: readonly CapFrame[]): void {
	const table = payload.newStructList(PAYLOAD.CAP_TABLE, caps.length, 1, 1, new StructListBuilder());
	for (let i = 0; i < caps.length; i++) describeCap(table.edit(i, new StructBuilder()), ...caps[i]!);
}

function describeCap(descriptor: StructBuilder, which: number, id: number, field = 0): void {
	descriptor.putUint16(DESCRIPTOR.WHICH, which);
	if (which === DescriptorTag.RECEIVER_ANSWER) promisedAnswer(descriptor, DESCRIPTOR.POINTER, [id, field]);
	else if (which === DescriptorTag.THIRD_PARTY)
		descriptor.newStruct(DESCRIPTOR.POINTER, 1, 1, new StructBuilder()).putUint32(0, id);
	else descriptor.putUint32(DESCRIPTOR.ID, id);
}

export const finishFrame = (question: number): Uint8Array =>
	frame(Tag.FINISH, 1, 0, (body) => body.putUint32(FINISH.QUESTION_ID, question));

export const releaseFrame = (id: number, count: number): Uint8Array =>
	frame(Tag.RELEASE, 1, 0, (body) => {
		body.putUint32(RELEASE.ID, id);
		body.putUint32(RELEASE.COUNT, count);
	});

/** Promise `id` is a capability of kind `which`. */
export const resolveFrame = (id: number, which: number, to: number): Uint8Array =>
	frame(Tag.RESOLVE, 1, 1, (body, part) => {
		body.putUint32(RESOLVE.PROMISE_ID, id);
		body.putUint16(RESOLVE.WHICH, ResolveTag.CAP);
		describeCap(body.newStruct(RESOLVE.CONTENT, DESCRIPTOR.DATA_WORDS, DESCRIPTOR.POINTERS, part), which, to);
	});

/** A Call of method `method` to export `target`, bringing `exports` capabilities of ids of its own. */
export const plainCall = (question: number, target: number, exports = 0, method = 0, text = ""): Uint8Array =>
	callFrame({
		question,
		target,
		method,
		text,
		caps: Array.from({ length: exports }, (_, i) => [DescriptorTag.SENDER_HOSTED, question * 1000 + i] as const),
	});

/** A Disembargo of kind senderLoopback for a pointer field of an answer, or for the export 0 of the receiver. */
export const disembargoFrame = (on: readonly number[] | null): Uint8Array =>
	frame(Tag.DISEMBARGO, 1, 1, (body) => {
		const target = body.newStruct(DISEMBARGO.TARGET, TARGET.DATA_WORDS, TARGET.POINTERS, new StructBuilder());
		if (on === null) return;
		target.putUint16(TARGET.WHICH, TargetTag.PROMISED_ANSWER);
		promisedAnswer(target, TARGET.PROMISED_ANSWER, on);
	});
