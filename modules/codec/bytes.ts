// src/base/bytes.ts in C.

export function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
	return native("xs_codec_copyBytes").call(undefined, source, from, target, to, length);
}

export function clearBytes(bytes: Uint8Array, end: number): void {
	return native("xs_codec_clearBytes").call(undefined, bytes, end);
}

export function equalBytes(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean {
	return native("xs_codec_equalBytes").call(undefined, a, aFrom, b, bFrom, length);
}
