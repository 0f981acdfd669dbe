/**
 * Pointers as two 32-bit halves (encoding specification, "Structs", "Lists", "Inter-Segment Pointers", "Capabilities").
 * The hot paths carry the same arithmetic inline; these are for the rest.
 */
export const STRUCT = 0;
export const LIST = 1;
export const FAR = 2;
export const OTHER = 3;

/** The low half of a near pointer of `kind`; both positions are byte offsets in one segment. */
export function nearLow(kind: number, pointer: number, target: number): number {
	return ((target - pointer - 8) >> 1) | kind;
}

/** `offset` is the landing pad's byte offset from the start of its segment. */
export function farLow(offset: number, double: boolean): number {
	return offset | (double ? 4 : 0) | FAR;
}
