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
		const length = at.length;
		if (length !== bytes.length) return false;
		if (length === 0) return true;
		const own = at.segment.bytes;
		const start = at.data;
		for (let i = 0; i < length; i++) if (own[start + i] !== bytes[i]) return false;
		return true;
	}

	/** Copies all and returns how many. The caller has made room. */
	copyTo(bytes: Uint8Array, offset: number): number {
		return copyOut(this.at, bytes, offset);
	}

	/** Allocates a copy. */
	toBytes(): Uint8Array {
		const at = this.at;
		return at.length === 0 ? new Uint8Array(0) : at.segment.bytes.slice(at.data, at.data + at.length);
	}
}
