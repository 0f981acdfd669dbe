// What moves many bytes per call. Hosts with native code replace this file (modules/codec/bytes.ts), exact equal included.

/** From here on a view of the range, which costs an allocation, pays for itself. */
const LONG_BYTES = 256;
/** From here on `set` of a whole array does. */
const WHOLE_BYTES = 16;

/** Looked up once: V8 then calls them without looking through the prototypes. */
const { fill, set } = Uint8Array.prototype;

/** Copies `length` bytes; the ranges do not overlap. */
export function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
	if (length >= WHOLE_BYTES && from === 0 && length === source.length) set.call(target, source, to);
	else if (length <= LONG_BYTES) for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
	else if (source === target) target.copyWithin(to, from, from + length);
	else set.call(target, source.subarray(from, from + length), to);
}

/** Zeroes the bytes before `end`. */
export function clearBytes(bytes: Uint8Array, end: number): void {
	fill.call(bytes, 0, 0, end);
}

export function equalBytes(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean {
	for (let i = 0; i < length; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
	return true;
}
