import type { CapHook } from "../arena/cap-slots.js";
import type { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { highHalf } from "../base/int64.js";
import type { AnyBuilder } from "./any-builder.js";
import type { DataBuilder, TextBuilder } from "./blob-builder.js";
import { aimAny, aimConstant, followList } from "./follow.js";
import { clear, initBlob, initList, initStruct, initStructList, setData, setHook, setText } from "./build.js";
import { copyBlob, copyList, copyPointer, copyStruct } from "./copy.js";
import { editStruct, editStructList, truncate } from "./edit.js";
import { newStruct, newStructList } from "./near.js";
import type { Orphan } from "./orphan.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import type { ListBuilder, StructListBuilder } from "./list-builder.js";
import type { ListReader } from "./list-reader.js";
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

	putBigUint64(offset: number, value: bigint): void {
		const at = this.at;
		at.view.setBigUint64(at.data + offset, value, true);
	}

	putBigInt64(offset: number, value: bigint): void {
		const at = this.at;
		at.view.setBigInt64(at.data + offset, value, true);
	}

	// Fields with a default: the wire holds value XOR default.

	putBoolXor(bit: number, value: boolean): void {
		this.putBool(bit, !value);
	}

	putInt8Xor(offset: number, value: number, mask: number): void {
		this.putInt8(offset, value ^ mask);
	}

	putUint8Xor(offset: number, value: number, mask: number): void {
		this.putUint8(offset, value ^ mask);
	}

	putInt16Xor(offset: number, value: number, mask: number): void {
		this.putInt16(offset, value ^ mask);
	}

	putUint16Xor(offset: number, value: number, mask: number): void {
		this.putUint16(offset, value ^ mask);
	}

	putInt32Xor(offset: number, value: number, mask: number): void {
		this.putInt32(offset, value ^ mask);
	}

	putUint32Xor(offset: number, value: number, mask: number): void {
		this.putUint32(offset, value ^ mask);
	}

	putFloat32Xor(offset: number, value: number, mask: number): void {
		const scratch = this.at.segment.scratch;
		scratch.setFloat32(0, value, true);
		this.putInt32(offset, scratch.getInt32(0, true) ^ mask);
	}

	putFloat64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		const scratch = this.at.segment.scratch;
		scratch.setFloat64(0, value, true);
		this.putUint64Halves(offset, scratch.getInt32(0, true) ^ maskLow, scratch.getInt32(4, true) ^ maskHigh);
	}

	putUint64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		this.putUint64Halves(offset, value ^ maskLow, highHalf(value) ^ maskHigh);
	}

	putInt64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		this.putUint64Halves(offset, value ^ maskLow, highHalf(value) ^ maskHigh);
	}

	putBigUint64Xor(offset: number, value: bigint, mask: bigint): void {
		this.putBigUint64(offset, value ^ mask);
	}

	putBigInt64Xor(offset: number, value: bigint, mask: bigint): void {
		this.putBigInt64(offset, value ^ mask);
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

	/** The struct that is there, or a new one where the pointer is null. */
	structFor<B extends StructBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		editStruct(this.at, index, dataWords, pointerCount, into.at);
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

	/** The list that is there; empty where the pointer is null. */
	listFor<L extends ListBuilder>(index: number, into: L): L {
		followList(this.at, index, into.elementSize, into.at);
		return into;
	}

	structListFor<B extends StructListBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		editStructList(this.at, index, dataWords, pointerCount, into.at);
		return into;
	}

	/** Where the pointer is null, makes it a copy of the constant's root: editing begins with the field's default. Moves `scratch`. */
	fill(index: number, constant: Segment, scratch: Place): void {
		if (this.absent(index)) copyPointer(aimConstant(constant, scratch), 0, this.at, index);
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

	/** Shortens a list or data to `length` elements. */
	truncate(index: number, length: number): void {
		truncate(this.at, index, length, false);
	}

	/** Shortens a text to `lengthBytes` bytes without the NUL. */
	truncateText(index: number, lengthBytes: number): void {
		truncate(this.at, index, lengthBytes, true);
	}

	/** Makes the pointer null. */
	erase(index: number): void {
		clear(this.at, index);
	}

	/** Deep copy of a struct, out of the same or another message. Capabilities get a reference each. */
	putStruct(index: number, value: StructReader): void {
		copyStruct(value.at, this.at, index);
	}

	putList(index: number, value: ListReader): void {
		copyList(value.at, value.elementSize, this.at, index);
	}

	putAny(index: number, value: AnyReader): void {
		copyPointer(value.at, 0, this.at, index);
	}
}
