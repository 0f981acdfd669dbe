// src/base/utf8.ts in C, over the engine's own form of strings, which is nearly UTF-8 already.

export function utf8Length(text: string): number {
	return native("xs_codec_utf8Length").call(undefined, text);
}

export function encodeUtf8(text: string, bytes: Uint8Array, offset: number): number {
	return native("xs_codec_encodeUtf8").call(undefined, text, bytes, offset);
}

export function equalsUtf8(bytes: Uint8Array, offset: number, lengthBytes: number, text: string): boolean {
	return native("xs_codec_equalsUtf8").call(undefined, bytes, offset, lengthBytes, text);
}

export function decodeUtf8(bytes: Uint8Array, offset: number, length: number): string {
	return native("xs_codec_decodeUtf8").call(undefined, bytes, offset, length);
}
