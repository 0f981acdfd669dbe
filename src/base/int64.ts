/** 64 bits are two 32-bit halves; a number holds them exactly up to 2^53 - 1. */
const TWO_32 = 4294967296;

/** Throws a RangeError beyond 2^53 - 1: read the halves or the BigInt instead. */
export function uint64FromHalves(low: number, high: number): number {
	if (high > 0x1fffff) throw new RangeError("UInt64 beyond 2^53 - 1: read it as halves or as BigInt");
	return high * TWO_32 + low;
}

/** `high` is signed. Throws a RangeError beyond ±(2^53 - 1). */
export function int64FromHalves(low: number, high: number): number {
	if (high > 0x1fffff || high < -0x200000 || (high === -0x200000 && low === 0))
		throw new RangeError("Int64 beyond 2^53 - 1: read it as halves or as BigInt");
	return high * TWO_32 + low;
}

/**
 * The high half of an integer within ±(2^53 - 1), signed; the low half is `value | 0`. Signed, because V8 keeps only such
 * halves without an object each.
 */
export function highHalf(value: number): number {
	if (value > 9007199254740991 || value < -9007199254740991)
		throw new RangeError(value + " is no safe integer: set it as halves or as BigInt");
	return ((value - (value >>> 0)) / TWO_32) | 0;
}
