import type { CapHook } from "../arena/cap-slots.js";
import { highHalf } from "../base/int64.js";
import type { AnyBuilder } from "./any-builder.js";
import type { DataBuilder, TextBuilder } from "./blob-builder.js";
import { aimAny, followList } from "./follow.js";
import { clear, initBlob, initList, initStruct, initStructList, setData, setHook, setText } from "./build.js";
import { copyBlob, copyList, copyPointer, copyStruct } from "./copy.js";
import { editStruct, editStructList } from "./edit.js";
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
export class StructBuilder extends StructReader {
	/** A reader of the same struct. */
	asReader<R extends StructReader>(into: R): R {
		into.at.copyFrom(this.at);
		return into;
	}

	setBool(bit: number, value: boolean): void {
		const at = this.at;
		const position = at.data + (bit >> 3);
		const byte = at.view.getUint8(position);
		const mask = 1 << (bit & 7);
		at.view.setUint8(position, value ? byte | mask : byte & ~mask);
	}

	setInt8(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt8(at.data + offset, value);
	}

	setUint8(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint8(at.data + offset, value);
	}

	setInt16(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt16(at.data + offset, value, true);
	}

	setUint16(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint16(at.data + offset, value, true);
	}

	setInt32(offset: number, value: number): void {
		const at = this.at;
		at.view.setInt32(at.data + offset, value, true);
	}

	setUint32(offset: number, value: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset, value, true);
	}

	setFloat32(offset: number, value: number): void {
		const at = this.at;
		at.view.setFloat32(at.data + offset, value, true);
	}

	setFloat64(offset: number, value: number): void {
		const at = this.at;
		at.view.setFloat64(at.data + offset, value, true);
	}

	setUint64Halves(offset: number, low: number, high: number): void {
		const at = this.at;
		at.view.setUint32(at.data + offset, low, true);
		at.view.setUint32(at.data + offset + 4, high, true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	setUint64(offset: number, value: number): void {
		this.setUint64Halves(offset, value >>> 0, highHalf(value));
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	setInt64(offset: number, value: number): void {
		this.setUint64Halves(offset, value >>> 0, highHalf(value));
	}

	setBigUint64(offset: number, value: bigint): void {
		const at = this.at;
		at.view.setBigUint64(at.data + offset, value, true);
	}

	setBigInt64(offset: number, value: bigint): void {
		const at = this.at;
		at.view.setBigInt64(at.data + offset, value, true);
	}

	// Fields with a default: the wire holds value XOR default.

	setBoolXor(bit: number, value: boolean): void {
		this.setBool(bit, !value);
	}

	setInt8Xor(offset: number, value: number, mask: number): void {
		this.setInt8(offset, value ^ mask);
	}

	setUint8Xor(offset: number, value: number, mask: number): void {
		this.setUint8(offset, value ^ mask);
	}

	setInt16Xor(offset: number, value: number, mask: number): void {
		this.setInt16(offset, value ^ mask);
	}

	setUint16Xor(offset: number, value: number, mask: number): void {
		this.setUint16(offset, value ^ mask);
	}

	setInt32Xor(offset: number, value: number, mask: number): void {
		this.setInt32(offset, value ^ mask);
	}

	setUint32Xor(offset: number, value: number, mask: number): void {
		this.setUint32(offset, value ^ mask);
	}

	setFloat32Xor(offset: number, value: number, mask: number): void {
		const scratch = this.at.segment.scratch;
		scratch.setFloat32(0, value, true);
		this.setInt32(offset, scratch.getInt32(0, true) ^ mask);
	}

	setFloat64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		const scratch = this.at.segment.scratch;
		scratch.setFloat64(0, value, true);
		this.setUint64Halves(offset, scratch.getInt32(0, true) ^ maskLow, scratch.getInt32(4, true) ^ maskHigh);
	}

	setUint64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		this.setUint64Halves(offset, (value >>> 0) ^ maskLow, highHalf(value) ^ maskHigh);
	}

	setInt64Xor(offset: number, value: number, maskLow: number, maskHigh: number): void {
		this.setUint64Halves(offset, (value >>> 0) ^ maskLow, highHalf(value) ^ maskHigh);
	}

	setBigUint64Xor(offset: number, value: bigint, mask: bigint): void {
		this.setBigUint64(offset, value ^ mask);
	}

	setBigInt64Xor(offset: number, value: bigint, mask: bigint): void {
		this.setBigInt64(offset, value ^ mask);
	}

	setText(index: number, value: string): void {
		setText(this.at, index, value);
	}

	/** Text of `lengthBytes` bytes, to be filled in through `into`; the NUL is there already. */
	initText(index: number, lengthBytes: number, into: TextBuilder): TextBuilder {
		initBlob(this.at, index, lengthBytes, true, into.at);
		return into;
	}

	copyText(index: number, value: TextReader): void {
		copyBlob(value.at, true, this.at, index);
	}

	/** Copies `length` bytes from `offset` on. */
	setData(index: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
		setData(this.at, index, bytes, offset, length);
	}

	/** `length` zero bytes, to be filled in through `into`. */
	initData(index: number, length: number, into: DataBuilder): DataBuilder {
		initBlob(this.at, index, length, false, into.at);
		return into;
	}

	copyData(index: number, value: DataReader): void {
		copyBlob(value.at, false, this.at, index);
	}

	initStruct<B extends StructBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		initStruct(this.at, index, dataWords, pointerCount, into.at);
		return into;
	}

	/** The struct that is there, or a new one where the pointer is null. */
	editStruct<B extends StructBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		editStruct(this.at, index, dataWords, pointerCount, into.at);
		return into;
	}

	initList<L extends ListBuilder>(index: number, count: number, into: L): L {
		initList(this.at, index, into.elementSize, count, into.at);
		return into;
	}

	initStructList<B extends StructListBuilder>(index: number, count: number, dataWords: number, pointerCount: number, into: B): B {
		initStructList(this.at, index, count, dataWords, pointerCount, into.at);
		return into;
	}

	/** The list that is there; empty where the pointer is null. */
	editList<L extends ListBuilder>(index: number, into: L): L {
		followList(this.at, index, into.elementSize, into.at);
		return into;
	}

	editStructList<B extends StructListBuilder>(index: number, dataWords: number, pointerCount: number, into: B): B {
		editStructList(this.at, index, dataWords, pointerCount, into.at);
		return into;
	}

	editAny(index: number, into: AnyBuilder): AnyBuilder {
		aimAny(this.at, index, into.at);
		return into;
	}

	/** Takes a reference of its own; null makes the pointer null. */
	setHook(index: number, hook: CapHook | null): void {
		setHook(this.at, index, hook);
	}

	/** Makes the pointer null. */
	clear(index: number): void {
		clear(this.at, index);
	}

	/** Deep copy of a struct, out of the same or another message. Capabilities get a reference each. */
	copyStruct(index: number, value: StructReader): void {
		copyStruct(value.at, this.at, index);
	}

	copyList(index: number, value: ListReader): void {
		copyList(value.at, value.elementSize, this.at, index);
	}

	copyAny(index: number, value: AnyReader): void {
		copyPointer(value.at, 0, this.at, index);
	}
}
