import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import { DataBuilder, TextBuilder } from "../layout/blob-builder.js";
import { copyList, copyStruct } from "../layout/copy.js";
import { DataReader } from "../layout/data-reader.js";
import { editStruct, editStructList } from "../layout/edit.js";
import { ListBuilder, StructListBuilder } from "../layout/list-builder.js";
import { ListReader } from "../layout/list-reader.js";
import { StructBuilder } from "../layout/struct-builder.js";
import { StructReader } from "../layout/struct-reader.js";
import { TextReader } from "../layout/text-reader.js";
import { Client } from "./client.js";
import type { Server } from "./server.js";

/**
 * Fields whose type is a parameter of the schema. In generated classes a parameter stands for the reader of its type
 * (`BoxReader<TextReader>`, `BoxBuilder<TextReader>`), for a client where it is an interface.
 */

/** What a type parameter of a schema can stand for. */
export type View = StructReader | ListReader | TextReader | DataReader | AnyReader | Client;

/** By which what `V` reads is built. Capabilities are set, not built. */
export type BuilderOf<V> = V extends Client
	? never
	: V extends StructReader
		? StructBuilder<V>
		: V extends ListReader
			? ListBuilder & { readonly reads?: V }
			: V extends TextReader
				? TextBuilder
				: V extends DataReader
					? DataBuilder
					: AnyBuilder;

/** What can be set as a whole instead of being built. */
export type ValueOf<V> = V extends Client
	? Client | Server | null
	: V extends TextReader
		? string
		: V extends DataReader
			? Uint8Array
			: never;

/** The size of a struct: its builder's class has it. */
export interface StructSize {
	readonly dataWords: number;
	readonly pointerCount: number;
}

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

/**
 * Makes what `into` builds, new and empty: `length` elements of a list, bytes of Text or Data. `element` is the size of a list's
 * structs.
 */
export function initView<B>(to: StructBuilder, index: number, into: B, length: number, element?: StructSize): B {
	if (into instanceof StructBuilder) {
		const { dataWords, pointerCount } = sizeOf(into);
		to.newStruct(index, dataWords, pointerCount, into);
	} else if (into instanceof StructListBuilder) {
		if (element === undefined) throw new TypeError("a list of structs needs the class of their builder");
		to.newStructList(index, length, element.dataWords, element.pointerCount, into);
	} else if (into instanceof ListBuilder) to.newList(index, length, into);
	else if (into instanceof TextBuilder) to.newText(index, length, into);
	else if (into instanceof DataBuilder) to.newData(index, length, into);
	else if (into instanceof AnyBuilder) {
		to.erase(index);
		to.anyFor(index, into);
	} else throw new TypeError("a builder is needed");
	return into;
}

/** Aims `into` at what is there already; a struct that is not is made. */
export function editView<B>(to: StructBuilder, index: number, into: B, element?: StructSize): B {
	if (into instanceof StructBuilder) {
		const { dataWords, pointerCount } = sizeOf(into);
		editStruct(to.at, index, dataWords, pointerCount, into.at);
	} else if (into instanceof StructListBuilder) {
		if (element === undefined) throw new TypeError("a list of structs needs the class of their builder");
		editStructList(to.at, index, element.dataWords, element.pointerCount, into.at);
	} else if (into instanceof ListBuilder) to.listFor(index, into);
	else if (into instanceof TextBuilder) to.textAt(index, into);
	else if (into instanceof DataBuilder) to.dataAt(index, into);
	else if (into instanceof AnyBuilder) to.anyFor(index, into);
	else throw new TypeError("a builder is needed");
	return into;
}

/** Deep copy of what `view` is aimed at; of a client, a reference of its own. */
export function copyView(to: StructBuilder, index: number, view: View): void {
	if (view instanceof StructReader) copyStruct(view.at, to.at, index);
	else if (view instanceof ListReader) copyList(view.at, view.elementSize, to.at, index);
	else if (view instanceof TextReader) to.putTextFrom(index, view);
	else if (view instanceof DataReader) to.putDataFrom(index, view);
	else if (view instanceof Client) to.putHook(index, view.hook);
	else to.putAny(index, view);
}

/** Sets a text, bytes, or a capability, which gets a reference of its own. */
export function putView(to: StructBuilder, index: number, value: string | Uint8Array | Client | Server | null): void {
	if (typeof value === "string") to.putText(index, value);
	else if (value instanceof Uint8Array) to.putData(index, value);
	else to.putHook(index, value === null ? null : value.hook);
}

/** Generated builders have it at their class; one that a program made itself stays empty. */
function sizeOf(builder: StructBuilder): StructSize {
	const { dataWords, pointerCount } = builder.constructor as unknown as Partial<StructSize>;
	if (dataWords === undefined || pointerCount === undefined)
		throw new TypeError("a generated builder is needed: this one does not know its size");
	return builder.constructor as unknown as StructSize;
}
