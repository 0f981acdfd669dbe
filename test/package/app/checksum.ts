/** The sum of all bytes, in C. */
export function checksum(bytes: ArrayBufferLike): number {
	return native("xs_checksum").call(undefined, bytes);
}
