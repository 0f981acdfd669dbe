import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { int64FromHalves, uint64FromHalves } from "../base/int64.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import { structsEqual } from "./equal.js";
import {
	aimAny,
	aimConstant,
	followData,
	followList,
	followStruct,
	followStructList,
	followText,
	hookAt,
	textAt,
} from "./follow.js";
import type { ListReader } from "./list-reader.js";
import { COMPOSITE } from "../wire/element.js";
import { Place } from "../arena/place.js";
import type { TextReader } from "./text-reader.js";

/**
 * A struct inside a message. Offsets are bytes into the data section (bits for `bool`), indexes count pointers.
 * A field that the sender's schema did not have reads as its default. Views are aimed, never created, by reading;
 * valid until the message is reset.
 */
export class StructReader {
	readonly at = new Place();

	bool(bit: number): boolean {
		const at = this.at;
		return bit >> 3 < at.dataBytes ? ((at.view.getUint8(at.data + (bit >> 3)) >> (bit & 7)) & 1) !== 0 : false;
	}

	int8(offset: number): number {
		const at = this.at;
		return offset + 1 <= at.dataBytes ? at.view.getInt8(at.data + offset) : 0;
	}

	uint8(offset: number): number {
		const at = this.at;
		return offset + 1 <= at.dataBytes ? at.view.getUint8(at.data + offset) : 0;
	}

	int16(offset: number): number {
		const at = this.at;
		return offset + 2 <= at.dataBytes ? at.view.getInt16(at.data + offset, true) : 0;
	}

	uint16(offset: number): number {
		const at = this.at;
		return offset + 2 <= at.dataBytes ? at.view.getUint16(at.data + offset, true) : 0;
	}

	int32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getInt32(at.data + offset, true) : 0;
	}

	uint32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getUint32(at.data + offset, true) : 0;
	}

	float32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getFloat32(at.data + offset, true) : 0;
	}

	float64(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getFloat64(at.data + offset, true) : 0;
	}

	uint64Low(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getUint32(at.data + offset, true) : 0;
	}

	uint64High(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getUint32(at.data + offset + 4, true) : 0;
	}

	int64High(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getInt32(at.data + offset + 4, true) : 0;
	}

	/** Throws a RangeError beyond 2^53 - 1. */
	uint64(offset: number): number {
		const at = this.at;
		if (offset + 8 > at.dataBytes) return 0;
		const position = at.data + offset;
		const high = at.view.getUint32(position + 4, true);
		const low = at.view.getUint32(position, true);
		return high === 0 ? low : uint64FromHalves(low, high);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	int64(offset: number): number {
		const at = this.at;
		if (offset + 8 > at.dataBytes) return 0;
		const position = at.data + offset;
		const low = at.view.getInt32(position, true);
		const high = at.view.getInt32(position + 4, true);
		return high === low >> 31 ? low : int64FromHalves(low >>> 0, high);
	}

	/** Allocates. */
	bigUint64(offset: number): bigint {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getBigUint64(at.data + offset, true) : BigInt(0);
	}

	/** Allocates. */
	bigInt64(offset: number): bigint {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getBigInt64(at.data + offset, true) : BigInt(0);
	}

	// Fields with a default: the wire holds value XOR default, so that zeroes mean the default.

	boolXor(bit: number): boolean {
		return !this.bool(bit);
	}

	int8Xor(offset: number, mask: number): number {
		return ((this.int8(offset) ^ mask) << 24) >> 24;
	}

	uint8Xor(offset: number, mask: number): number {
		return this.uint8(offset) ^ mask;
	}

	int16Xor(offset: number, mask: number): number {
		return ((this.int16(offset) ^ mask) << 16) >> 16;
	}

	uint16Xor(offset: number, mask: number): number {
		return this.uint16(offset) ^ mask;
	}

	int32Xor(offset: number, mask: number): number {
		return this.int32(offset) ^ mask;
	}

	uint32Xor(offset: number, mask: number): number {
		return (this.uint32(offset) ^ mask) >>> 0;
	}

	/** `mask`: the default's bits; `value`: the default itself, for structs too short to have the field. */
	float32Xor(offset: number, mask: number, value: number): number {
		return offset + 4 <= this.at.dataBytes ? unmasked32(this.at, offset, mask).getFloat32(0, true) : value;
	}

	float64Xor(offset: number, maskLow: number, maskHigh: number, value: number): number {
		return offset + 8 <= this.at.dataBytes ? unmasked64(this.at, offset, maskLow, maskHigh).getFloat64(0, true) : value;
	}

	uint64Xor(offset: number, maskLow: number, maskHigh: number): number {
		return uint64FromHalves((this.uint64Low(offset) ^ maskLow) >>> 0, (this.uint64High(offset) ^ maskHigh) >>> 0);
	}

	int64Xor(offset: number, maskLow: number, maskHigh: number): number {
		return int64FromHalves((this.uint64Low(offset) ^ maskLow) >>> 0, this.int64High(offset) ^ maskHigh);
	}

	bigUint64Xor(offset: number, mask: bigint): bigint {
		return this.bigUint64(offset) ^ mask;
	}

	/** `mask` is signed, the default itself. */
	bigInt64Xor(offset: number, mask: bigint): bigint {
		return this.bigInt64(offset) ^ mask;
	}

	absent(index: number): boolean {
		const at = this.at;
		if (index >= at.pointerCount) return true;
		const position = at.pointers + index * 8;
		return at.view.getUint32(position, true) === 0 && at.view.getUint32(position + 4, true) === 0;
	}

	/** Whether the content is the same; see `equal.ts` for what counts. Allocates. */
	equals(other: StructReader): boolean {
		return structsEqual(this.at, other.at);
	}

	structAt<R extends StructReader>(index: number, into: R): R {
		followStruct(this.at, index, into.at);
		return into;
	}

	listAt<L extends ListReader>(index: number, into: L): L {
		if (into.elementSize === COMPOSITE) followStructList(this.at, index, into.at);
		else followList(this.at, index, into.elementSize, into.at);
		return into;
	}

	textAt(index: number, into: TextReader): TextReader {
		followText(this.at, index, into.at);
		return into;
	}

	/** Allocates a string; "" where null. */
	text(index: number): string {
		return textAt(this.at, index);
	}

	dataAt(index: number, into: DataReader): DataReader {
		followData(this.at, index, into.at);
		return into;
	}

	anyAt(index: number, into: AnyReader): AnyReader {
		aimAny(this.at, index, into.at);
		return into;
	}

	/** The capability, borrowed: take a reference to keep it. Null where the pointer or its slot is. */
	hook(index: number): CapHook | null {
		return hookAt(this.at, index);
	}

	// Pointer defaults: `constant` holds a message whose root is the default.

	structAtOr<R extends StructReader>(index: number, into: R, constant: Segment): R {
		if (this.absent(index)) followStruct(aimConstant(constant, into.at), 0, into.at);
		else followStruct(this.at, index, into.at);
		return into;
	}

	listAtOr<L extends ListReader>(index: number, into: L, constant: Segment): L {
		if (this.absent(index)) followList(aimConstant(constant, into.at), 0, into.elementSize, into.at);
		else followList(this.at, index, into.elementSize, into.at);
		return into;
	}

	textAtOr(index: number, into: TextReader, constant: Segment): TextReader {
		if (this.absent(index)) followText(aimConstant(constant, into.at), 0, into.at);
		else followText(this.at, index, into.at);
		return into;
	}

	textOr(index: number, value: string): string {
		return this.absent(index) ? value : textAt(this.at, index);
	}

	dataAtOr(index: number, into: DataReader, constant: Segment): DataReader {
		if (this.absent(index)) followData(aimConstant(constant, into.at), 0, into.at);
		else followData(this.at, index, into.at);
		return into;
	}

	anyAtOr(index: number, into: AnyReader, constant: Segment): AnyReader {
		if (this.absent(index)) aimConstant(constant, into.at);
		else aimAny(this.at, index, into.at);
		return into;
	}
}

/**
 * The bits of a field that has a default, in the message's scratch word until the next call. Generated code takes the float
 * from there itself: a float that a function returns can cost an object.
 */
export function unmasked32(at: Place, offset: number, mask: number): DataView {
	const scratch = at.segment.scratch;
	scratch.setInt32(0, at.view.getInt32(at.data + offset, true) ^ mask, true);
	return scratch;
}

export function unmasked64(at: Place, offset: number, maskLow: number, maskHigh: number): DataView {
	const scratch = at.segment.scratch;
	scratch.setInt32(0, at.view.getInt32(at.data + offset, true) ^ maskLow, true);
	scratch.setInt32(4, at.view.getInt32(at.data + offset + 4, true) ^ maskHigh, true);
	return scratch;
}
