import { AnyReader } from "../layout/any-reader.js";
import { DataReader } from "../layout/data-reader.js";
import { ListReader } from "../layout/list-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import { TextReader } from "../layout/text-reader.js";
import { Client } from "./client.js";

/** What a type parameter of a schema can stand for. */
export type View = StructReader | ListReader | TextReader | DataReader | AnyReader | Client;

/** Aims `into` at pointer `index` of `from` by its own kind. A client gets a reference of its own: release it. */
export function readView<V extends View>(from: StructReader, index: number, into: V): V {
	if (into instanceof StructReader) from.structAt(index, into);
	else if (into instanceof ListReader) from.listAt(index, into);
	else if (into instanceof TextReader) from.textAt(index, into);
	else if (into instanceof DataReader) from.dataAt(index, into);
	else if (into instanceof Client) into.adopt(from.hook(index));
	else from.anyAt(index, into);
	return into;
}
