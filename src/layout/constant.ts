import type { Segment } from "../arena/segment.js";
import { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import { aimConstant, followData, followList, followStruct } from "./follow.js";
import type { ListReader } from "./list-reader.js";
import type { StructReader } from "./struct-reader.js";

/** Constants of a schema: readers that are aimed once, at words in the program, and never again. */

/** Aims `into` at the root of `constant`. */
export function constantStruct<R extends StructReader>(into: R, constant: Segment): R {
	followStruct(aimConstant(constant, into.at), 0, into.at);
	return into;
}

export function constantList<L extends ListReader>(into: L, constant: Segment): L {
	followList(aimConstant(constant, into.at), 0, into.elementSize, into.at);
	return into;
}

export function constantData(into: DataReader, constant: Segment): DataReader {
	followData(aimConstant(constant, into.at), 0, into.at);
	return into;
}

export function constantAny(constant: Segment): AnyReader {
	const into = new AnyReader();
	aimConstant(constant, into.at);
	return into;
}
