/** Copies `length` bytes; the ranges may overlap. */
export function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
	if (source === target) target.copyWithin(to, from, from + length);
	// A view of the range would cost an allocation; worth it only where the loop costs more.
	else if (length > 256) target.set(source.subarray(from, from + length), to);
	else for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
}
