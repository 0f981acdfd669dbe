import { equalBytes } from "../base/bytes.js";
import { outOfRange } from "../base/assert.js";
import { Place } from "../arena/place.js";
import { bytesEqual, copyOut } from "./text-reader.js";

/** Bytes inside a message; valid until the message is reset. */
export class DataReader {
	readonly at = new Place();

	get length(): number {
		return this.at.length;
	}

	/** The byte at `index`; throws a RangeError outside. */
	get(index: number): number {
		const at = this.at;
		if (index >>> 0 >= at.length) outOfRange(index, at.length);
		return at.segment.bytes[at.data + index]!;
	}

	equals(other: DataReader): boolean {
		return bytesEqual(this.at, other.at);
	}

	equalsBytes(bytes: Uint8Array): boolean {
		const at = this.at;
		if (at.length !== bytes.length) return false;
		return at.length === 0 || equalBytes(at.segment.bytes, at.data, bytes, 0, at.length);
	}

	/** Copies all and returns how many. The caller has made room. */
	copyTo(bytes: Uint8Array, offset: number): number {
		return copyOut(this.at, bytes, offset);
	}

	/** Allocates a copy. Not by `slice`, which shares the memory where the message came in a Buffer of Node. */
	toBytes(): Uint8Array {
		const at = this.at;
		const bytes = new Uint8Array(at.length);
		if (at.length > 0) bytes.set(at.segment.bytes.subarray(at.data, at.data + at.length));
		return bytes;
	}
}
