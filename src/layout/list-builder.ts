import { type Column, scatter } from "../base/column.js";
import { outOfRange } from "../base/assert.js";
import type { CapHook } from "../arena/cap-slots.js";
import { COMPOSITE, POINTER } from "../wire/element.js";
import type { AnyBuilder } from "./any-builder.js";
import type { DataBuilder, TextBuilder } from "./blob-builder.js";
import { clear, initBlob, initList, initStruct, initStructList, setData, setHook, setText } from "./build.js";
import { copyBlob, copyList, copyPointer, copyStructInPlace } from "./copy.js";
import { aimAny, followData, followListToEdit, followText, hookAt, textAt } from "./follow.js";
import { ElementListBuilder } from "./element-list.js";
import { aimElement, ListBuilder } from "./list.js";
import type * as readers from "./list-reader.js";
import { type ListReader, readColumn } from "./list-reader.js";
import { Place } from "../arena/place.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import type { StructBuilder } from "./struct-builder.js";
import type { StructReader } from "./struct-reader.js";
import type { TextReader } from "./text-reader.js";

export { ListBuilder };

export class StructListBuilder<B extends StructBuilder = StructBuilder> extends ElementListBuilder<B> {
	declare readonly reads?: readers.StructListReader<NonNullable<B["reads"]>>;

	constructor() {
		super(COMPOSITE);
	}

	/**
	 * Sets the field at byte `offset` of all elements from `column`, whose elements are as wide, from `index` on. Throws a
	 * RangeError where the column or the elements are too short.
	 */
	setColumn(offset: number, column: Column, index = 0): void {
		const at = this.at;
		const count = at.length;
		if (index < 0 || index + count > column.length) outOfRange(index + count, column.length);
		if (count === 0) return;
		if (offset + column.BYTES_PER_ELEMENT > at.dataBytes) outOfRange(offset, at.dataBytes);
		scatter(at.view, at.segment.bytes, at.data + offset, at.step, count, column, index);
	}

	/** One field of all elements at once, as in `StructListReader`. */
	column(offset: number, column: Column, index = 0): number {
		return readColumn(this.at, offset, column, index);
	}

	/** Deep copy into element `i`; what does not fit into an element is dropped. */
	copy(i: number, value: StructReader): void {
		const scratch = this.at.segment.arena!.shared.place;
		aimElement(this.at, i, scratch);
		copyStructInPlace(value.at, scratch);
	}
}

/** What lists of pointers share: element `i` as a struct with one pointer. */
abstract class PointerListBuilder extends ListBuilder {
	protected readonly element = new Place();

	constructor() {
		super(POINTER);
	}

	/** Pointer `i` as the only one of a struct; valid until the next element. */
	aim(i: number): Place {
		const element = this.element;
		aimElement(this.at, i, element);
		return element;
	}

	isNull(i: number): boolean {
		const element = this.aim(i);
		return (
			element.view.getUint32(element.pointers, true) === 0 && element.view.getUint32(element.pointers + 4, true) === 0
		);
	}

	clear(i: number): void {
		clear(this.aim(i), 0);
	}
}

export class TextListBuilder extends PointerListBuilder {
	declare readonly reads?: readers.TextListReader;

	set(i: number, value: string): void {
		setText(this.aim(i), 0, value);
	}

	init(i: number, lengthBytes: number, into: TextBuilder): TextBuilder {
		initBlob(this.aim(i), 0, lengthBytes, true, into.at);
		return into;
	}

	copy(i: number, value: TextReader): void {
		copyBlob(value.at, true, this.aim(i), 0);
	}

	/** Allocates a string. */
	text(i: number): string {
		return textAt(this.aim(i), 0);
	}

	read(i: number, into: TextReader): TextReader {
		followText(this.aim(i), 0, into.at);
		return into;
	}
}

export class DataListBuilder extends PointerListBuilder {
	declare readonly reads?: readers.DataListReader;

	set(i: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		setData(this.aim(i), 0, bytes, offset, length);
	}

	init(i: number, length: number, into: DataBuilder): DataBuilder {
		initBlob(this.aim(i), 0, length, false, into.at);
		return into;
	}

	copy(i: number, value: DataReader): void {
		copyBlob(value.at, false, this.aim(i), 0);
	}

	read(i: number, into: DataReader): DataReader {
		followData(this.aim(i), 0, into.at);
		return into;
	}
}

export class ListListBuilder<L extends ListBuilder = ListBuilder> extends PointerListBuilder {
	declare readonly reads?: readers.ListListReader<NonNullable<L["reads"]>>;

	init<T extends L>(i: number, count: number, into: T): T {
		initList(this.aim(i), 0, into.elementSize, count, into.at);
		return into;
	}

	initStructs<T extends L>(i: number, count: number, dataWords: number, pointerCount: number, into: T): T {
		initStructList(this.aim(i), 0, count, dataWords, pointerCount, into.at);
		return into;
	}

	/** The list that is there. One of structs: `editStructList(lists.aim(i), 0, dataWords, pointerCount, into.at)`. */
	edit<T extends L>(i: number, into: T): T {
		followListToEdit(this.aim(i), 0, into.elementSize, into.at);
		return into;
	}

	copy(i: number, value: ListReader): void {
		copyList(value.at, value.elementSize, this.aim(i), 0);
	}
}

export class AnyListBuilder extends PointerListBuilder {
	declare readonly reads?: readers.AnyListReader;

	edit(i: number, into: AnyBuilder): AnyBuilder {
		aimAny(this.aim(i), 0, into.at);
		return into;
	}

	initStruct<B extends StructBuilder>(i: number, dataWords: number, pointerCount: number, into: B): B {
		initStruct(this.aim(i), 0, dataWords, pointerCount, into.at);
		return into;
	}

	copy(i: number, value: AnyReader): void {
		copyPointer(value.at, 0, this.aim(i), 0);
	}
}

export class CapListBuilder extends PointerListBuilder {
	declare readonly reads?: readers.CapListReader;

	/** Takes a reference of its own; null makes the element null. */
	set(i: number, hook: CapHook | null): void {
		setHook(this.aim(i), 0, hook);
	}

	/** The capability, borrowed. */
	hook(i: number): CapHook | null {
		return hookAt(this.aim(i), 0);
	}
}
