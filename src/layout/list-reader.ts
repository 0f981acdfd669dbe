import type { CapHook } from "../arena/cap-slots.js";
import { ElementListReader } from "./element-list.js";
import { aimElement, ListReader } from "./list.js";
import { outOfRange } from "../base/assert.js";
import { type Column, gather } from "../base/column.js";
import { COMPOSITE, POINTER } from "../wire/element.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import { aimAny, followData, followList, followStruct, followText, hookAt, textAt } from "./follow.js";
import { Place } from "../arena/place.js";
import type { StructReader } from "./struct-reader.js";
import type { TextReader } from "./text-reader.js";

export { ListReader };

export class StructListReader<R extends StructReader = StructReader> extends ElementListReader<R> {
	constructor() {
		super(COMPOSITE);
	}

	/** One field of all elements at once; see `readColumn`. */
	column(offset: number, column: Column, index = 0): number {
		return readColumn(this.at, offset, column, index);
	}
}

/**
 * Copies the field at byte `offset` of all elements into `column` from `index` on, as wide as the column's elements; zeroes
 * where the elements are too short to have it. Defaults are not applied. Returns the number of elements. Throws a
 * RangeError where the column is too short.
 */
export function readColumn(at: Place, offset: number, column: Column, index: number): number {
	const count = at.length;
	if (index < 0 || index + count > column.length) outOfRange(index + count, column.length);
	if (count === 0) return 0;
	if (offset + column.BYTES_PER_ELEMENT > at.dataBytes) column.fill(0, index, index + count);
	else gather(at.view, at.segment.bytes, at.data + offset, at.step, count, column, index);
	return count;
}

/** What lists of pointers share: element `i` as a struct with one pointer. */
abstract class PointerListReader extends ListReader {
	protected readonly element = new Place();

	constructor() {
		super(POINTER);
	}

	protected aim(i: number): Place {
		const element = this.element;
		aimElement(this.at, i, element);
		return element;
	}

	isNull(i: number): boolean {
		const element = this.aim(i);
		if (element.pointerCount === 0) return true;
		return (
			element.view.getUint32(element.pointers, true) === 0 && element.view.getUint32(element.pointers + 4, true) === 0
		);
	}
}

export class TextListReader extends PointerListReader {
	read(i: number, into: TextReader): TextReader {
		followText(this.aim(i), 0, into.at);
		return into;
	}

	/** Allocates a string. */
	text(i: number): string {
		return textAt(this.aim(i), 0);
	}
}

export class DataListReader extends PointerListReader {
	read(i: number, into: DataReader): DataReader {
		followData(this.aim(i), 0, into.at);
		return into;
	}
}

export class ListListReader<L extends ListReader = ListReader> extends PointerListReader {
	read<T extends L>(i: number, into: T): T {
		followList(this.aim(i), 0, into.elementSize, into.at);
		return into;
	}
}

export class AnyListReader extends PointerListReader {
	read(i: number, into: AnyReader): AnyReader {
		aimAny(this.aim(i), 0, into.at);
		return into;
	}

	readStruct<R extends StructReader>(i: number, into: R): R {
		followStruct(this.aim(i), 0, into.at);
		return into;
	}
}

export class CapListReader extends PointerListReader {
	/** The capability, borrowed: take a reference to keep it. */
	hook(i: number): CapHook | null {
		return hookAt(this.aim(i), 0);
	}
}
