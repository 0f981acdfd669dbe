import { StructListReader } from "../layout/list-reader.js";
import { StructReader } from "../layout/struct-reader.js";

/**
 * What a connection reads the peer's message with. Whoever handles one aims them as it goes; none is used any more once code of
 * others may have run, since that may bring the next message.
 */
export class MessageViews {
	readonly root = new StructReader();
	/** Call, Return, Finish, … */
	readonly body = new StructReader();
	/** A struct in the body: target, payload, exception, descriptor. */
	readonly part = new StructReader();
	// In a part.
	readonly capTable = new StructListReader();
	readonly descriptor = new StructReader();
	readonly promisedAnswer = new StructReader();
	readonly transform = new StructListReader();
	readonly op = new StructReader();
}
