import type { Place } from "../arena/place.js";

// 64-bit fields as BigInts: all of these allocate. Offsets are bytes into the data section.

export function bigUint64(at: Place, offset: number): bigint {
	return offset + 8 <= at.dataBytes ? at.view.getBigUint64(at.data + offset, true) : BigInt(0);
}

export function bigInt64(at: Place, offset: number): bigint {
	return offset + 8 <= at.dataBytes ? at.view.getBigInt64(at.data + offset, true) : BigInt(0);
}

export function putBigUint64(at: Place, offset: number, value: bigint): void {
	at.view.setBigUint64(at.data + offset, value, true);
}

export function putBigInt64(at: Place, offset: number, value: bigint): void {
	at.view.setBigInt64(at.data + offset, value, true);
}
