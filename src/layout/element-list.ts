import { outOfRange } from "../base/assert.js";
import { enterList, ListBuilder, ListReader } from "./list.js";
import type { StructBuilder } from "./struct-builder.js";
import type { StructReader } from "./struct-reader.js";

// What happens for every element of a list of structs. Hosts with native code replace this file (modules/codec/element-list.ts).

export abstract class ElementListReader<R extends StructReader> extends ListReader {
	/** Aims `into` at element `i`; throws a RangeError outside the list. */
	read<T extends R>(i: number, into: T): T {
		const from = this.at;
		const to = into.at;
		if (i >>> 0 >= from.length) outOfRange(i, from.length);
		to.data = from.data + i * from.step;
		if (from.element !== to) enterList(from, to);
		return into;
	}
}

export abstract class ElementListBuilder<B extends StructBuilder> extends ListBuilder {
	/** Aims `into` at element `i`; throws a RangeError outside the list. */
	edit<T extends B>(i: number, into: T): T {
		const from = this.at;
		const to = into.at;
		if (i >>> 0 >= from.length) outOfRange(i, from.length);
		to.data = from.data + i * from.step;
		if (from.element !== to) enterList(from, to);
		return into;
	}
}
