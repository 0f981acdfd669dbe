import type { CapHook } from "../arena/cap-slots.js";
import { highHalf } from "../base/int64.js";
import type { AnyBuilder } from "./any-builder.js";
import type { DataBuilder, TextBuilder } from "./blob-builder.js";
import { aimAny, followListToEdit } from "./follow.js";
import { clear, initBlob, initList, initStruct, initStructList, setData, setHook, setText } from "./build.js";
import { copyBlob, copyPointer } from "./copy.js";
import { newStruct, newStructList } from "./near.js";
import type { Orphan } from "./orphan.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import type { ListBuilder, StructListBuilder } from "./list-builder.js";
import { StructReader } from "./struct-reader.js";
import type { TextReader } from "./text-reader.js";

/**
 * A struct being built. Offsets and indexes as in `StructReader`, whose getters it has. What `init` and `edit` aim at is
 * inside the same message and valid until that is reset. A setter on a pointer that is already set erases the old target,
 * whose words stay lost until the message is reset.
 */
export class StructBuilder<R extends StructReader = StructReader> extends StructReader {
	/** Never there; carries the type of the reader. */
	declare readonly reads?: R;

	/** A reader of the same struct. */
	asReader<Into extends R>(into: Into): Into {
		into.at.copyFrom(this.at);
		return into;
	}

	putBool(bit: number, value: boolean): void {
		const at = this.at;
		const position = at.data + (bit >> 3);
		const mask = 1 << (bit & 7);
		at.view.setUint8(position, (at.view.getUint8(position) & ~mask) | (value ? mask : 0));
	}

	putInt8(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt8(at.data + offset, value);
	}

	putUint8(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint8(at.data + offset, value);
	}

	putInt16(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt16(at.data + offset, value, true);
	}

	putUint16(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint16(at.data + offset, value, true);
	}

	putInt32(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt32(at.data + offset, value, true);
	}

	putUint32(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset, value, true);
	}

	putFloat32(offset: number, value: number): void {
		const at = this.at;
		at.view.setFloat32(at.data + offset, value, true);
	}

	putFloat64(offset: number, value: number): void {
		const at = this.at;
		at.view.setFloat64(at.data + offset, value, true);
	}

	putUint64Halves(offset: number, low: number, high: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset, low, true);
		at.view.setUint32(at.data + offset + 4, high, true);
	}

	putUint64Low(offset: number, low: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset, low, true);
	}

	putUint64High(offset: number, high: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset + 4, high, true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	putUint64(offset: number, value: number): void {
		const at = this.at;
		const position = at.data + offset;
		at.view.setUint32(position, value, true);
		at.view.setUint32(position + 4, value >= 0 && value <= 0xffffffff ? 0 : highHalf(value), true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	putInt64(offset: number, value: number): void {
		this.putUint64Halves(offset, value | 0, highHalf(value));
	}

	putText(index: number, value: string): void {
		setText(this.at, index, value);
	}

	/** Text of `lengthBytes` bytes, to be filled in through `into`; the NUL is there already. */
	newText(index: number, lengthBytes: number, into: TextBuilder): TextBuilder {
		initBlob(this.at, index, lengthBytes, true, into.at);
		return into;
	}

	putTextFrom(index: number, value: TextReader): void {
		copyBlob(value.at, true, this.at, index);
	}

	/** Copies `length` bytes from `offset` on. */
	putData(index: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		setData(this.at, index, bytes, offset, length);
	}

	/** `length` zero bytes, to be filled in through `into`. */
	newData(index: number, length: number, into: DataBuilder): DataBuilder {
		initBlob(this.at, index, length, false, into.at);
		return into;
	}

	putDataFrom(index: number, value: DataReader): void {
		copyBlob(value.at, false, this.at, index);
	}

	newStruct<B extends StructBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		if (!newStruct(this.at, index, dataWords, pointerCount, into.at))
			initStruct(this.at, index, dataWords, pointerCount, into.at);
		return into;
	}

	newList<L extends ListBuilder>(index: number, count: number, into: L): L {
		initList(this.at, index, into.elementSize, count, into.at);
		return into;
	}

	newStructList<B extends StructListBuilder>(
		index: number,
		count: number,
		dataWords: number,
		pointerCount: number,
		into: B,
	): B {
		if (!newStructList(this.at, index, count, dataWords, pointerCount, into.at))
			initStructList(this.at, index, count, dataWords, pointerCount, into.at);
		return into;
	}

	/** The list that is there, but for lists of structs; empty where the pointer is null. */
	listFor<L extends ListBuilder>(index: number, into: L): L {
		followListToEdit(this.at, index, into.elementSize, into.at);
		return into;
	}

	anyFor(index: number, into: AnyBuilder): AnyBuilder {
		aimAny(this.at, index, into.at);
		return into;
	}

	/** Takes a reference of its own; null makes the pointer null. */
	putHook(index: number, hook: CapHook | null): void {
		setHook(this.at, index, hook);
	}

	/** Takes the object away; the pointer becomes null. */
	disown(index: number, into: Orphan): Orphan {
		return into.disown(this.at, index);
	}

	/** Takes the object of an orphan of the same message. */
	adopt(index: number, orphan: Orphan): void {
		orphan.adoptInto(this.at, index);
	}

	/** Makes the pointer null. */
	erase(index: number): void {
		clear(this.at, index);
	}

	/** Deep copy, out of the same or another message. Capabilities get a reference each. */
	putAny(index: number, value: AnyReader): void {
		copyPointer(value.at, 0, this.at, index);
	}
}
