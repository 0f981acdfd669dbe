import type { CapHook } from "../arena/cap-slots.js";
import { AnyReader } from "./any-reader.js";
import type { DataBuilder, TextBuilder } from "./blob-builder.js";
import { clear, initBlob, initList, initStruct, initStructList, setData, setHook, setText } from "./build.js";
import { copyPointer } from "./copy.js";
import { followListToEdit } from "./follow.js";
import type { ListBuilder, StructListBuilder } from "./list-builder.js";
import type { StructBuilder } from "./struct-builder.js";

/** A pointer of unknown type (AnyPointer) being built; valid until the message is reset. */
export class AnyBuilder extends AnyReader {
	asReader(into: AnyReader): AnyReader {
		into.at.copyFrom(this.at);
		return into;
	}

	initStruct<B extends StructBuilder>(dataWords: number, pointerCount: number, into: B): B {
		initStruct(this.at, 0, dataWords, pointerCount, into.at);
		return into;
	}

	initList<L extends ListBuilder>(count: number, into: L): L {
		initList(this.at, 0, into.elementSize, count, into.at);
		return into;
	}

	initStructList<B extends StructListBuilder>(count: number, dataWords: number, pointerCount: number, into: B): B {
		initStructList(this.at, 0, count, dataWords, pointerCount, into.at);
		return into;
	}

	/** The list that is there, but for lists of structs (`editStructList`). */
	editList<L extends ListBuilder>(into: L): L {
		followListToEdit(this.at, 0, into.elementSize, into.at);
		return into;
	}

	setText(value: string): void {
		setText(this.at, 0, value);
	}

	initText(lengthBytes: number, into: TextBuilder): TextBuilder {
		initBlob(this.at, 0, lengthBytes, true, into.at);
		return into;
	}

	setData(bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		setData(this.at, 0, bytes, offset, length);
	}

	initData(length: number, into: DataBuilder): DataBuilder {
		initBlob(this.at, 0, length, false, into.at);
		return into;
	}

	/** Takes a reference of its own; null makes the pointer null. */
	setHook(hook: CapHook | null): void {
		setHook(this.at, 0, hook);
	}

	/** Deep copy, out of the same or another message. Capabilities get a reference each. */
	copy(value: AnyReader): void {
		copyPointer(value.at, 0, this.at, 0);
	}

	clear(): void {
		clear(this.at, 0);
	}
}
