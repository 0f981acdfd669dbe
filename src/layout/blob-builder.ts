import { outOfRange } from "../base/assert.js";
import { copyBytes } from "../base/bytes.js";
import { DataReader } from "./data-reader.js";
import { TextReader } from "./text-reader.js";
import type { Place } from "../arena/place.js";

function setByte(at: Place, index: number, value: number): void {
	if (index >>> 0 >= at.length) outOfRange(index, at.length);
	at.segment.bytes[at.data + index] = value;
}

function copyIn(at: Place, index: number, bytes: Uint8Array, offset: number, length: number): void {
	if (index < 0 || index + length > at.length) outOfRange(index + length, at.length);
	if (length > 0) copyBytes(bytes, offset, at.segment.bytes, at.data + index, length);
}

/** Text being built: its length is fixed, the bytes are to be UTF-8. */
export class TextBuilder extends TextReader {
	setByte(index: number, value: number): void {
		setByte(this.at, index, value);
	}

	copyFrom(index: number, bytes: Uint8Array, offset: number, length: number): void {
		copyIn(this.at, index, bytes, offset, length);
	}
}

export class DataBuilder extends DataReader {
	set(index: number, value: number): void {
		setByte(this.at, index, value);
	}

	copyFrom(index: number, bytes: Uint8Array, offset: number, length: number): void {
		copyIn(this.at, index, bytes, offset, length);
	}
}
