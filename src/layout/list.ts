import { outOfRange } from "../base/assert.js";
import { Place } from "../arena/place.js";

/** A list inside a message; valid until the message is reset. Fields as in `Segment`. */
export abstract class ListReader {
	readonly at = new Place();
	/** Element size code that the schema asks for; the message may hold a compatible other. */
	declare readonly elementSize: number;

	constructor(elementSize: number) {
		this.elementSize = elementSize;
	}

	get length(): number {
		return this.at.length;
	}
}

/** Aims `into` at element `i`; from one element of a list to another only the offset changes. */
export function aimElement(from: Place, i: number, into: Place): void {
	if (i >>> 0 >= from.length) outOfRange(i, from.length);
	into.data = from.data + i * from.step;
	if (from.element !== into) enterList(from, into);
}

export function enterList(from: Place, into: Place): void {
	into.leave();
	if (from.element !== null) from.element.source = null;
	from.element = into;
	into.source = from;
	into.view = from.view;
	into.dataBytes = from.dataBytes;
	into.pointerCount = from.pointerCount;
	into.length = 0;
	into.step = 0;
	into.depth = from.depth;
	into.segment = from.segment;
}

/** A list being built; valid until the message is reset. */
export abstract class ListBuilder {
	/** Never there; carries the type of the reader. */
	declare readonly reads?: ListReader;
	readonly at = new Place();
	declare readonly elementSize: number;

	constructor(elementSize: number) {
		this.elementSize = elementSize;
	}

	get length(): number {
		return this.at.length;
	}

	/** A reader of the same list. */
	asReader<L extends ListReader>(into: L): L {
		into.at.copyFrom(this.at);
		return into;
	}
}
