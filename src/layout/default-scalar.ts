import type { Place } from "../arena/place.js";
import { highHalf, int64FromHalves, uint64FromHalves } from "../base/int64.js";

// Fields with a default: the wire holds value XOR default, so that zeroes mean the default. Offsets are bytes into the data
// section (bits for `bool`). Functions, so that programs whose schemas have none carry none.

export function boolXor(at: Place, bit: number): boolean {
	return bit >> 3 >= at.dataBytes || ((at.view.getUint8(at.data + (bit >> 3)) >> (bit & 7)) & 1) === 0;
}

export function int8Xor(at: Place, offset: number, mask: number): number {
	return (((offset + 1 <= at.dataBytes ? at.view.getInt8(at.data + offset) : 0) ^ mask) << 24) >> 24;
}

export function uint8Xor(at: Place, offset: number, mask: number): number {
	return (offset + 1 <= at.dataBytes ? at.view.getUint8(at.data + offset) : 0) ^ mask;
}

export function int16Xor(at: Place, offset: number, mask: number): number {
	return (((offset + 2 <= at.dataBytes ? at.view.getInt16(at.data + offset, true) : 0) ^ mask) << 16) >> 16;
}

export function uint16Xor(at: Place, offset: number, mask: number): number {
	return (offset + 2 <= at.dataBytes ? at.view.getUint16(at.data + offset, true) : 0) ^ mask;
}

export function int32Xor(at: Place, offset: number, mask: number): number {
	return (offset + 4 <= at.dataBytes ? at.view.getInt32(at.data + offset, true) : 0) ^ mask;
}

export function uint32Xor(at: Place, offset: number, mask: number): number {
	return ((offset + 4 <= at.dataBytes ? at.view.getUint32(at.data + offset, true) : 0) ^ mask) >>> 0;
}

/** `mask`: the default's bits; `value`: the default itself, for structs too short to have the field. */
export function float32Xor(at: Place, offset: number, mask: number, value: number): number {
	return offset + 4 <= at.dataBytes ? unmasked32(at, offset, mask).getFloat32(0, true) : value;
}

export function float64Xor(at: Place, offset: number, maskLow: number, maskHigh: number, value: number): number {
	return offset + 8 <= at.dataBytes ? unmasked64(at, offset, maskLow, maskHigh).getFloat64(0, true) : value;
}

/** Throws a RangeError beyond 2^53 - 1. */
export function uint64Xor(at: Place, offset: number, maskLow: number, maskHigh: number): number {
	const there = offset + 8 <= at.dataBytes;
	const low = there ? at.view.getInt32(at.data + offset, true) : 0;
	const high = there ? at.view.getInt32(at.data + offset + 4, true) : 0;
	return uint64FromHalves((low ^ maskLow) >>> 0, (high ^ maskHigh) >>> 0);
}

/** Throws a RangeError beyond ±(2^53 - 1). */
export function int64Xor(at: Place, offset: number, maskLow: number, maskHigh: number): number {
	const there = offset + 8 <= at.dataBytes;
	const low = there ? at.view.getInt32(at.data + offset, true) : 0;
	const high = there ? at.view.getInt32(at.data + offset + 4, true) : 0;
	return int64FromHalves((low ^ maskLow) >>> 0, high ^ maskHigh);
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

export function putBoolXor(at: Place, bit: number, value: boolean): void {
	const position = at.data + (bit >> 3);
	const mask = 1 << (bit & 7);
	at.view.setUint8(position, (at.view.getUint8(position) & ~mask) | (value ? 0 : mask));
}

export function putInt8Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setInt8(at.data + offset, value ^ mask);
}

export function putUint8Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setUint8(at.data + offset, value ^ mask);
}

export function putInt16Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setInt16(at.data + offset, value ^ mask, true);
}

export function putUint16Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setUint16(at.data + offset, value ^ mask, true);
}

export function putInt32Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setInt32(at.data + offset, value ^ mask, true);
}

export function putUint32Xor(at: Place, offset: number, value: number, mask: number): void {
	at.view.setUint32(at.data + offset, value ^ mask, true);
}

export function putFloat32Xor(at: Place, offset: number, value: number, mask: number): void {
	const scratch = at.segment.scratch;
	scratch.setFloat32(0, value, true);
	at.view.setInt32(at.data + offset, scratch.getInt32(0, true) ^ mask, true);
}

export function putFloat64Xor(at: Place, offset: number, value: number, maskLow: number, maskHigh: number): void {
	const scratch = at.segment.scratch;
	scratch.setFloat64(0, value, true);
	at.view.setInt32(at.data + offset, scratch.getInt32(0, true) ^ maskLow, true);
	at.view.setInt32(at.data + offset + 4, scratch.getInt32(4, true) ^ maskHigh, true);
}

/** Throws a RangeError beyond ±(2^53 - 1). */
export function put64Xor(at: Place, offset: number, value: number, maskLow: number, maskHigh: number): void {
	const high = highHalf(value);
	at.view.setInt32(at.data + offset, value ^ maskLow, true);
	at.view.setInt32(at.data + offset + 4, high ^ maskHigh, true);
}
