import type { CapHook } from "../arena/cap-slots.js";
import { int64FromHalves, uint64FromHalves } from "../base/int64.js";
import type { AnyReader } from "./any-reader.js";
import type { DataReader } from "./data-reader.js";
import {
	absentAt,
	aimAny,
	followData,
	followList,
	followStruct,
	followStructList,
	followText,
	hookAt,
	textAt,
} from "./follow.js";
import type { ListReader } from "./list-reader.js";
import { COMPOSITE } from "../wire/element.js";
import { Place } from "../arena/place.js";
import type { TextReader } from "./text-reader.js";

/**
 * A struct inside a message. Offsets are bytes into the data section (bits for `bool`), indexes count pointers.
 * A field that the sender's schema did not have reads as zero; `default-scalar.ts` and `default-pointer.ts` have other defaults. Views are aimed, never created, by reading;
 * valid until the message is reset.
 */
export class StructReader {
	readonly at = new Place();

	bool(bit: number): boolean {
		const at = this.at;
		return bit >> 3 < at.dataBytes ? ((at.view.getUint8(at.data + (bit >> 3)) >> (bit & 7)) & 1) !== 0 : false;
	}

	int8(offset: number): number {
		const at = this.at;
		return offset + 1 <= at.dataBytes ? at.view.getInt8(at.data + offset) : 0;
	}

	uint8(offset: number): number {
		const at = this.at;
		return offset + 1 <= at.dataBytes ? at.view.getUint8(at.data + offset) : 0;
	}

	int16(offset: number): number {
		const at = this.at;
		return offset + 2 <= at.dataBytes ? at.view.getInt16(at.data + offset, true) : 0;
	}

	uint16(offset: number): number {
		const at = this.at;
		return offset + 2 <= at.dataBytes ? at.view.getUint16(at.data + offset, true) : 0;
	}

	int32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getInt32(at.data + offset, true) : 0;
	}

	uint32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getUint32(at.data + offset, true) : 0;
	}

	float32(offset: number): number {
		const at = this.at;
		return offset + 4 <= at.dataBytes ? at.view.getFloat32(at.data + offset, true) : 0;
	}

	float64(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getFloat64(at.data + offset, true) : 0;
	}

	uint64Low(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getUint32(at.data + offset, true) : 0;
	}

	uint64High(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getUint32(at.data + offset + 4, true) : 0;
	}

	int64High(offset: number): number {
		const at = this.at;
		return offset + 8 <= at.dataBytes ? at.view.getInt32(at.data + offset + 4, true) : 0;
	}

	/** Throws a RangeError beyond 2^53 - 1. */
	uint64(offset: number): number {
		const at = this.at;
		if (offset + 8 > at.dataBytes) return 0;
		const position = at.data + offset;
		const high = at.view.getUint32(position + 4, true);
		const low = at.view.getUint32(position, true);
		return high === 0 ? low : uint64FromHalves(low, high);
	}

	/** Throws a RangeError beyond ±(2^53 - 1). */
	int64(offset: number): number {
		const at = this.at;
		if (offset + 8 > at.dataBytes) return 0;
		const position = at.data + offset;
		const low = at.view.getInt32(position, true);
		const high = at.view.getInt32(position + 4, true);
		return high === low >> 31 ? low : int64FromHalves(low >>> 0, high);
	}

	absent(index: number): boolean {
		return absentAt(this.at, index);
	}

	structAt<R extends StructReader>(index: number, into: R): R {
		followStruct(this.at, index, into.at);
		return into;
	}

	listAt<L extends ListReader>(index: number, into: L): L {
		if (into.elementSize === COMPOSITE) followStructList(this.at, index, into.at);
		else followList(this.at, index, into.elementSize, into.at);
		return into;
	}

	textAt(index: number, into: TextReader): TextReader {
		followText(this.at, index, into.at);
		return into;
	}

	/** Allocates a string; "" where null. */
	text(index: number): string {
		return textAt(this.at, index);
	}

	dataAt(index: number, into: DataReader): DataReader {
		followData(this.at, index, into.at);
		return into;
	}

	anyAt(index: number, into: AnyReader): AnyReader {
		aimAny(this.at, index, into.at);
		return into;
	}

	/** The capability, borrowed: take a reference to keep it. Null where the pointer or its slot is. */
	hook(index: number): CapHook | null {
		return hookAt(this.at, index);
	}
}
