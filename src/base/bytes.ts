/** Copies many bytes; the ranges may overlap. Allocates a view of the source where the buffers differ. */
export function copyLong(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
	if (source === target) target.copyWithin(to, from, from + length);
	else if (from === 0 && length === source.length) target.set(source, to);
	else target.set(source.subarray(from, from + length), to);
}

/** Copies `length` bytes between different buffers. A view of the range would cost an allocation; worth it only for many. */
export function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
	if (length > 256 || (length >= 16 && length === source.length)) copyLong(source, from, target, to, length);
	else for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
}
