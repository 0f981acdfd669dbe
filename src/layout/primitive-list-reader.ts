import { outOfRange } from "../base/assert.js";
import { int64FromHalves, uint64FromHalves } from "../base/int64.js";
import { BIT, BYTE, EIGHT_BYTES, FOUR_BYTES, TWO_BYTES, VOID } from "../wire/element.js";
import { ListReader } from "./list-reader.js";

// `get` throws a RangeError outside the list. Elements may be wider than asked for, or structs that begin with the
// value: `step` covers both.

export class VoidListReader extends ListReader {
	constructor() {
		super(VOID);
	}
}

export class BoolListReader extends ListReader {
	constructor() {
		super(BIT);
	}

	get(i: number): boolean {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return ((at.view.getUint8(at.data + (i >>> 3)) >> (i & 7)) & 1) !== 0;
	}
}

export class Int8ListReader extends ListReader {
	constructor() {
		super(BYTE);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt8(at.data + i * at.step);
	}
}

export class Uint8ListReader extends ListReader {
	constructor() {
		super(BYTE);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint8(at.data + i * at.step);
	}
}

export class Int16ListReader extends ListReader {
	constructor() {
		super(TWO_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt16(at.data + i * at.step, true);
	}
}

export class Uint16ListReader extends ListReader {
	constructor() {
		super(TWO_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint16(at.data + i * at.step, true);
	}
}

export class Int32ListReader extends ListReader {
	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt32(at.data + i * at.step, true);
	}
}

export class Uint32ListReader extends ListReader {
	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint32(at.data + i * at.step, true);
	}
}

export class Float32ListReader extends ListReader {
	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getFloat32(at.data + i * at.step, true);
	}
}

export class Float64ListReader extends ListReader {
	constructor() {
		super(EIGHT_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getFloat64(at.data + i * at.step, true);
	}
}

export class Uint64ListReader extends ListReader {
	constructor() {
		super(EIGHT_BYTES);
	}

	low(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint32(at.data + i * at.step, true);
	}

	high(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint32(at.data + i * at.step + 4, true);
	}

	/** Throws a RangeError beyond 2^53 - 1. */
	get(i: number): number {
		return uint64FromHalves(this.low(i), this.high(i));
	}

	/** Allocates. */
	big(i: number): bigint {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getBigUint64(at.data + i * at.step, true);
	}
}

export class Int64ListReader extends ListReader {
	constructor() {
		super(EIGHT_BYTES);
	}

	low(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint32(at.data + i * at.step, true);
	}

	high(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt32(at.data + i * at.step + 4, true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	get(i: number): number {
		return int64FromHalves(this.low(i), this.high(i));
	}

	/** Allocates. */
	big(i: number): bigint {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getBigInt64(at.data + i * at.step, true);
	}
}

export { Uint16ListReader as EnumListReader };
