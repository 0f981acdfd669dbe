/** Text and bytes: one byte per character. */
export function bytesOf(text) {
	return ArrayBuffer.fromString(text);
}
export function textOf(buffer) {
	return String.fromArrayBuffer(buffer);
}
