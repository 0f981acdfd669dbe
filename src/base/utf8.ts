/**
 * UTF-8 as RFC 3629 has it. Malformed bytes decode to U+FFFD and lone surrogates encode as U+FFFD,
 * as the WHATWG encoding standard does: text is never a reason to fail.
 * Hosts with native code replace this file (modules/codec/utf8.ts).
 */
const REPLACEMENT = 0xfffd;

/**
 * The code point at unit `i`; a lone surrogate is U+FFFD. `code` is what `charCodeAt` gave: XS counts strings in code
 * points, so there it can be beyond U+FFFF already.
 */
function codePointAt(text: string, i: number, code: number): number {
	if (code < 0xd800 || code > 0xdfff) return code;
	if (code > 0xdbff || i + 1 >= text.length) return REPLACEMENT;
	const next = text.charCodeAt(i + 1);
	if (next < 0xdc00 || next > 0xdfff) return REPLACEMENT;
	return 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
}

/** Bytes that `text` takes, without a NUL. */
export function utf8Length(text: string): number {
	const length = text.length;
	let bytes = 0;
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code < 0x80) bytes++;
		else if (code < 0x800) bytes += 2;
		else if (codePointAt(text, i, code) < 0x10000) bytes += 3;
		else {
			bytes += 4;
			if (code < 0x10000) i++;
		}
	}
	return bytes;
}

/** Writes `text` at `offset` and returns the offset behind it. The caller has made room: `utf8Length`. */
export function encodeUtf8(text: string, bytes: Uint8Array, offset: number): number {
	const length = text.length;
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code < 0x80) bytes[offset++] = code;
		else if (code < 0x800) {
			bytes[offset++] = 0xc0 | (code >> 6);
			bytes[offset++] = 0x80 | (code & 0x3f);
		} else {
			const point = codePointAt(text, i, code);
			if (point < 0x10000) bytes[offset++] = 0xe0 | (point >> 12);
			else {
				bytes[offset++] = 0xf0 | (point >> 18);
				bytes[offset++] = 0x80 | ((point >> 12) & 0x3f);
				if (code < 0x10000) i++;
			}
			bytes[offset++] = 0x80 | ((point >> 6) & 0x3f);
			bytes[offset++] = 0x80 | (point & 0x3f);
		}
	}
	return offset;
}

/** Continuation bytes that a lead byte asks for; -1 for a byte that cannot lead. */
function continuations(lead: number): number {
	if (lead < 0x80) return 0;
	if (lead < 0xc2) return -1;
	if (lead < 0xe0) return 1;
	if (lead < 0xf0) return 2;
	return lead < 0xf5 ? 3 : -1;
}

/** The lowest and highest second byte exclude overlong forms, surrogates and what lies beyond U+10FFFF. */
function secondMin(lead: number): number {
	return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function secondMax(lead: number): number {
	return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

/** Allocates the string. Each maximal malformed part becomes one U+FFFD. */
export function decodeUtf8(bytes: Uint8Array, offset: number, length: number): string {
	const end = offset + length;
	let text = "";
	while (offset < end) {
		const lead = bytes[offset++]!;
		if (lead < 0x80) {
			text += String.fromCharCode(lead);
			continue;
		}
		const more = continuations(lead);
		if (more < 0) {
			text += "\ufffd";
			continue;
		}
		let point = lead & (0x3f >> more);
		let min = secondMin(lead);
		let max = secondMax(lead);
		let got = 0;
		while (got < more && offset < end) {
			const byte = bytes[offset]!;
			if (byte < min || byte > max) break;
			point = (point << 6) | (byte & 0x3f);
			min = 0x80;
			max = 0xbf;
			offset++;
			got++;
		}
		if (got < more) point = REPLACEMENT;
		text += String.fromCodePoint(point);
	}
	return text;
}

/** Compares without making a string; malformed bytes equal none but U+FFFD written out. */
export function equalsUtf8(bytes: Uint8Array, offset: number, lengthBytes: number, text: string): boolean {
	const length = text.length;
	// Each unit takes one to four bytes, so most differences show here.
	if (lengthBytes < length || lengthBytes > length * 4) return false;
	let position = offset;
	const end = offset + lengthBytes;
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code < 0x80) {
			if (position >= end || bytes[position] !== code) return false;
			position++;
			continue;
		}
		const next = matchWide(bytes, position, end, text, i, code);
		if (next < 0) return false;
		if (next - position === 4 && code < 0x10000) i++;
		position = next;
	}
	return position === end;
}

/** The offset behind the encoding of the unit or pair at `i`, or -1 where the bytes differ. */
function matchWide(bytes: Uint8Array, position: number, end: number, text: string, i: number, code: number): number {
	if (code < 0x800) {
		if (
			position + 2 > end ||
			bytes[position] !== (0xc0 | (code >> 6)) ||
			bytes[position + 1] !== (0x80 | (code & 0x3f))
		)
			return -1;
		return position + 2;
	}
	const point = codePointAt(text, i, code);
	if (point >= 0x10000) {
		if (
			position + 4 > end ||
			bytes[position] !== (0xf0 | (point >> 18)) ||
			bytes[position + 1] !== (0x80 | ((point >> 12) & 0x3f))
		)
			return -1;
		position += 2;
	} else {
		if (position + 3 > end || bytes[position] !== (0xe0 | (point >> 12))) return -1;
		position++;
	}
	if (bytes[position] !== (0x80 | ((point >> 6) & 0x3f)) || bytes[position + 1] !== (0x80 | (point & 0x3f))) return -1;
	return position + 2;
}
