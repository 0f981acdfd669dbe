/** Element size codes of list pointers (encoding specification, "Lists"). */
export const VOID = 0;
export const BIT = 1;
export const BYTE = 2;
export const TWO_BYTES = 3;
export const FOUR_BYTES = 4;
export const EIGHT_BYTES = 5;
export const POINTER = 6;
export const COMPOSITE = 7;

/** Bits of one element; composite elements say theirs in a tag. */
export function elementBits(code: number): number {
	if (code < BYTE) return code;
	if (code === COMPOSITE) return 0;
	return code === POINTER ? 64 : 2 << code;
}

/** Words that `count` elements take, without the tag of a composite list. */
export function elementWords(code: number, count: number): number {
	return Math.ceil((count * elementBits(code)) / 64);
}
