import { canonicalStruct, isCanonical as isCanonicalAt } from "../layout/canonical.js";
import { followStruct } from "../layout/follow.js";
import { measurePointer, Size } from "../layout/measure.js";
import { Place } from "../arena/place.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "./message.js";

/** The words that a deep copy of a message's root would take, with the root pointer; charges the read budget. Allocates. */
export function copyWords(message: Message): number {
	const size = new Size();
	measurePointer(message.rootPlace(), 0, size, new Place());
	return size.words + 1;
}

/**
 * Builds in `target` the canonical form of `value` (a struct of any message): one segment, to be sent or hashed without its
 * frame header. Throws a Fault on capabilities, and where it does not fit into one block of `target`'s pool.
 */
export function canonicalize(value: StructReader, target: Message): void {
	const segment = target.arena.open(0);
	canonicalStruct(value.at, segment, segment.startByte, new Place());
}

/** Whether the message is in canonical form. Malformed messages throw a Fault as when read. */
export function isCanonical(message: Message): boolean {
	if (message.segmentCount !== 1) return false;
	const root = message.rootPlace();
	const place = new Place();
	const { arena } = message;
	const budgetWords = arena.budgetWords;
	followStruct(root, 0, place);
	// The check goes over the root once more, and pays for it then.
	arena.budgetWords = budgetWords;
	return isCanonicalAt(root.segment, root.pointers, root.depth - 1, place);
}
