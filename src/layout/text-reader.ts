import { decodeUtf8, equalsUtf8 } from "../base/utf8.js";
import { copyFrom, equalBetween } from "../arena/segment-bytes.js";
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
		const at = this.at;
		return at.length === 0 ? text.length === 0 : equalsUtf8(at.segment.bytes, at.data, at.length, text);
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

export function copyOut(at: Place, bytes: Uint8Array, offset: number): number {
	const length = at.length;
	if (length > 0) copyFrom(at.segment, at.data, bytes, offset, length);
	return length;
}
