const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url (RFC 4648 §5) without padding. For start-up and people; it makes strings. */
export function toBase64Url(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const left = bytes.length - i;
		const bits = (bytes[i]! << 16) | ((left > 1 ? bytes[i + 1]! : 0) << 8) | (left > 2 ? bytes[i + 2]! : 0);
		text += ALPHABET.charAt(bits >>> 18) + ALPHABET.charAt((bits >>> 12) & 63);
		if (left > 1) text += ALPHABET.charAt((bits >>> 6) & 63);
		if (left > 2) text += ALPHABET.charAt(bits & 63);
	}
	return text;
}

/**
 * Bytes of a base64url text, padded or not; null when it is none: the standard alphabet's `+` and `/`, a dangling character, or bits
 * after the last byte that are not zero (two texts would name the same bytes).
 */
export function fromBase64Url(text: string): Uint8Array | null {
	let length = text.length;
	if (length % 4 === 0 && text.endsWith("=")) length -= text.endsWith("==") ? 2 : 1;
	if (length % 4 === 1) return null;
	const bytes = new Uint8Array((length * 3) >> 2);
	let bits = 0;
	let held = 0;
	let at = 0;
	for (let i = 0; i < length; i++) {
		const value = valueOf(text.charCodeAt(i));
		if (value < 0) return null;
		bits = ((bits << 6) | value) & 0xffff;
		held += 6;
		if (held < 8) continue;
		held -= 8;
		bytes[at++] = bits >>> held;
	}
	return (bits & ((1 << held) - 1)) === 0 ? bytes : null;
}

function valueOf(code: number): number {
	if (code >= 0x41 && code <= 0x5a) return code - 0x41;
	if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
	if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
	if (code === 0x2d) return 62;
	return code === 0x5f ? 63 : -1;
}
