import type * as readers from "./primitive-list-reader.js";
import { outOfRange } from "../base/assert.js";
import { highHalf, int64FromHalves, uint64FromHalves } from "../base/int64.js";
import { BIT, BYTE, EIGHT_BYTES, FOUR_BYTES, TWO_BYTES, VOID } from "../wire/element.js";
import { ListBuilder } from "./list-builder.js";

// `get` and `set` throw a RangeError outside the list.

export class VoidListBuilder extends ListBuilder {
	declare readonly reads?: readers.VoidListReader;

	constructor() {
		super(VOID);
	}
}

export class BoolListBuilder extends ListBuilder {
	declare readonly reads?: readers.BoolListReader;

	constructor() {
		super(BIT);
	}

	get(i: number): boolean {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return ((at.view.getUint8(at.data + (i >>> 3)) >> (i & 7)) & 1) !== 0;
	}

	set(i: number, value: boolean): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		const position = at.data + (i >>> 3);
		const mask = 1 << (i & 7);
		at.view.setUint8(position, (at.view.getUint8(position) & ~mask) | (value ? mask : 0));
	}
}

export class Int8ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Int8ListReader;

	constructor() {
		super(BYTE);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt8(at.data + i * at.step);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setInt8(at.data + i * at.step, value);
	}
}

export class Uint8ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Uint8ListReader;

	constructor() {
		super(BYTE);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint8(at.data + i * at.step);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setUint8(at.data + i * at.step, value);
	}
}

export class Int16ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Int16ListReader;

	constructor() {
		super(TWO_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt16(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setInt16(at.data + i * at.step, value, true);
	}
}

export class Uint16ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Uint16ListReader;

	constructor() {
		super(TWO_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint16(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setUint16(at.data + i * at.step, value, true);
	}
}

export class Int32ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Int32ListReader;

	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getInt32(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setInt32(at.data + i * at.step, value, true);
	}
}

export class Uint32ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Uint32ListReader;

	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getUint32(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setUint32(at.data + i * at.step, value, true);
	}
}

export class Float32ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Float32ListReader;

	constructor() {
		super(FOUR_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getFloat32(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setFloat32(at.data + i * at.step, value, true);
	}
}

export class Float64ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Float64ListReader;

	constructor() {
		super(EIGHT_BYTES);
	}

	get(i: number): number {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		return at.view.getFloat64(at.data + i * at.step, true);
	}

	set(i: number, value: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setFloat64(at.data + i * at.step, value, true);
	}
}

export class Uint64ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Uint64ListReader;

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

	setHalves(i: number, low: number, high: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		const position = at.data + i * at.step;
		at.view.setUint32(position, low, true);
		at.view.setUint32(position + 4, high, true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	set(i: number, value: number): void {
		this.setHalves(i, value | 0, highHalf(value));
	}

	setBig(i: number, value: bigint): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setBigUint64(at.data + i * at.step, value, true);
	}
}

export class Int64ListBuilder extends ListBuilder {
	declare readonly reads?: readers.Int64ListReader;

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

	setHalves(i: number, low: number, high: number): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		const position = at.data + i * at.step;
		at.view.setUint32(position, low, true);
		at.view.setUint32(position + 4, high, true);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	set(i: number, value: number): void {
		this.setHalves(i, value | 0, highHalf(value));
	}

	setBig(i: number, value: bigint): void {
		const at = this.at;
		if (i >>> 0 >= at.length) outOfRange(i, at.length);
		at.view.setBigInt64(at.data + i * at.step, value, true);
	}
}

export { Uint16ListBuilder as EnumListBuilder };
