import { AnyReader } from "../layout/any-reader.js";
import { TextBuilder } from "../layout/blob-builder.js";
import { StructListBuilder } from "../layout/list-builder.js";
import { StructListReader } from "../layout/list-reader.js";
import { StructBuilder } from "../layout/struct-builder.js";
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

/** What it builds its own with; free between messages. */
export class MessageBuilders {
	readonly root = new StructBuilder();
	readonly body = new StructBuilder();
	/** A struct in the body, or a pointer of an envelope. */
	readonly part = new StructBuilder();
	readonly descriptors = new StructListBuilder();
	readonly entry = new StructBuilder();
	readonly answer = new StructBuilder();
	readonly ops = new StructListBuilder();
	readonly op = new StructBuilder();
	readonly text = new TextBuilder();
	/** What is sent back. */
	readonly content = new AnyReader();
}
