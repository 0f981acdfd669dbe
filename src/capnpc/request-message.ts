import * as capnp from "capnp-ts";
import type { ArenaLimits } from "../arena/shared.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import { bigUint64 } from "../layout/big-int.js";
import { copyStruct } from "../layout/copy.js";
import { StructListReader } from "../layout/list-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import { readMessage } from "../message/flat.js";
import type { Message } from "../message/message.js";
import { MessagePool } from "../message/message-pool.js";

/** The request as a message, through our own views: where capnp-ts cannot copy, or is slow. */

/** Generous as to the form. Everything in a request is there once, and is read three times at most. */
function limitsFor(bytes: Uint8Array): ArenaLimits {
	return { segments: 1 << 16, traversalWords: 1024 + bytes.length, depth: 64 };
}

/** The same message with one segment, framed. */
export function oneSegment(bytes: Uint8Array): Uint8Array {
	const source = readMessage(bytes, limitsFor(bytes));
	return copyOf(scratch(bytes.length >> 3), (into) => into.copy(source.rootAny(new AnyReader())));
}

/** The root of a request of one segment, for our own views. */
export function viewOf(flat: Uint8Array): StructReader {
	return readMessage(flat, limitsFor(flat)).readRoot(new StructReader());
}

export function nodesOf(request: StructReader): StructListReader {
	return request.listAt(NODES, new StructListReader());
}

/** Indexes among the pointers of a CodeGeneratorRequest. */
const NODES = 0;
const SOURCE_INFO = 3;

/** Node `i` of a request, as the u32 halves of a message: capnp-ts cannot copy a struct out of a list. */
export function encodedNode(nodes: StructListReader, i: number, target: Message): readonly number[] {
	return halves(copyOf(target, (into) => copyStruct(nodes.read(i, new StructReader()).at, into.at, 0)));
}

/** An empty message whose first segment holds `words`. */
export function scratch(words: number): Message {
	const pool = new MessagePool({ segmentWords: words + 64, messages: 1, wordsMax: 2 * (words + 64) });
	const target = pool.take();
	if (target === null) throw new Error("no room for the request");
	return target;
}

/** What `fill` makes of the root of `target`, which is emptied first, framed. */
function copyOf(target: Message, fill: (into: AnyBuilder) => void): Uint8Array {
	target.reset();
	fill(target.rootAny(new AnyBuilder()));
	return target.toBytes();
}

/** A copy of what `pointer` leads to, as the u32 halves of a one-segment message; empty for null. */
export function halvesOf(pointer: capnp.Pointer): readonly number[] {
	if (capnp.Pointer.isNull(pointer)) return [];
	const message = new capnp.Message();
	message.setRoot(pointer);
	return halves(oneSegment(new Uint8Array(message.toArrayBuffer())));
}

/** The words of a framed message of one segment. */
function halves(bytes: Uint8Array): readonly number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const found = new Array<number>((bytes.byteLength >> 2) - 2);
	for (let i = 0; i < found.length; i++) found[i] = view.getUint32(8 + i * 4, true);
	return found;
}

/** Doc comments of a declaration and of its members, in the order of the request. */
export interface Docs {
	readonly own: string;
	readonly members: readonly string[];
}

/**
 * Old tools send none. Read by our own views: half of a request's texts are here, and capnp-ts is slow with them.
 */
export function readDocs(request: StructReader): Map<bigint, Docs> {
	const docs = new Map<bigint, Docs>();
	const list = request.listAt(SOURCE_INFO, new StructListReader());
	const info = new StructReader();
	const members = new StructListReader();
	const member = new StructReader();
	for (let i = 0; i < list.length; i++) {
		list.read(i, info);
		info.listAt(1, members);
		const texts: string[] = [];
		for (let j = 0; j < members.length; j++) texts.push(members.read(j, member).text(0));
		docs.set(bigUint64(info.at, 0), { own: info.text(0), members: texts });
	}
	return docs;
}
