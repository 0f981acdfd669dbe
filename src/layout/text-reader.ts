import { decodeUtf8 } from "../base/utf8.js";
import { copyBytes } from "../base/bytes.js";
import { equalBetween } from "../arena/segment.js";
import { Place } from "../arena/place.js";

/** UTF-8 text inside a message; valid until the message is reset. */
export class TextReader {
	readonly at = new Place();

	/** Bytes, without the NUL. */
	get lengthBytes(): number {
		return this.at.length;
	}

	/** The byte at `index`, 0 behind the end. */
	byteAt(index: number): number {
		const at = this.at;
		return index < at.length ? at.segment.bytes[at.data + index]! : 0;
	}

	/** Allocates a string. Malformed UTF-8 reads as U+FFFD. */
	toString(): string {
		const at = this.at;
		return at.length === 0 ? "" : decodeUtf8(at.segment.bytes, at.data, at.length);
	}

	equals(other: TextReader): boolean {
		return bytesEqual(this.at, other.at);
	}

	/** Compares without making a string. */
	equalsString(text: string): boolean {
		return equalsUtf8(this.at, text);
	}

	/** Copies the bytes and returns how many; without the NUL. The caller has made room. */
	copyTo(bytes: Uint8Array, offset: number): number {
		return copyOut(this.at, bytes, offset);
	}
}

export function bytesEqual(a: Place, b: Place): boolean {
	const length = a.length;
	if (length !== b.length) return false;
	return length === 0 || equalBetween(a.segment, a.data, b.segment, b.data, length);
}

/** Walks both at once; malformed text equals no string. */
function equalsUtf8(at: Place, text: string): boolean {
	const length = text.length;
	// Each UTF-16 unit takes one to three bytes, so most differences show here.
	if (at.length < length || at.length > length * 3) return false;
	if (length === 0) return true;
	const bytes = at.segment.bytes;
	let position = at.data;
	const end = position + at.length;
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code < 0x80) {
			if (position >= end || bytes[position] !== code) return false;
			position++;
			continue;
		}
		const next = matchWide(bytes, position, end, text, i, code);
		if (next < 0) return false;
		if (next - position === 4) i++;
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
	let point = code;
	if (code >= 0xd800 && code < 0xe000) {
		const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
		if (code > 0xdbff || next < 0xdc00 || next > 0xdfff) point = 0xfffd;
		else point = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
	}
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

export function copyOut(at: Place, bytes: Uint8Array, offset: number): number {
	const length = at.length;
	if (length > 0) copyBytes(at.segment.bytes, at.data, bytes, offset, length);
	return length;
}
