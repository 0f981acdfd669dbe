import type { CapHook } from "../arena/cap-slots.js";
import { Place } from "../arena/place.js";
import type { DataReader } from "./data-reader.js";
import { followData, followList, followStruct, followText, hookAt, locate, textAt } from "./follow.js";
import type { ListReader } from "./list-reader.js";
import type { StructReader } from "./struct-reader.js";
import type { TextReader } from "./text-reader.js";
import { FAR, OTHER } from "../wire/pointer.js";

/** What a pointer can lead to. */
export const AnyKind = { NULL: 0, STRUCT: 1, LIST: 2, CAPABILITY: 3, UNKNOWN: 4 } as const;
export type AnyKind = (typeof AnyKind)[keyof typeof AnyKind];

/** A pointer of unknown type (AnyPointer); valid until the message is reset. */
export class AnyReader {
	readonly at = new Place();

	get kind(): AnyKind {
		if (this.isNull()) return AnyKind.NULL;
		const { view, pointers, segment } = this.at;
		let low = view.getInt32(pointers, true);
		if ((low & 3) === FAR && segment.arena !== null) {
			const content = segment.arena.shared.place;
			locate(this.at, 0, content);
			low = content.step;
		}
		const kind = low & 3;
		if (kind === 0) return AnyKind.STRUCT;
		if (kind === 1) return AnyKind.LIST;
		return low === OTHER ? AnyKind.CAPABILITY : AnyKind.UNKNOWN;
	}

	isNull(): boolean {
		const at = this.at;
		return (
			at.pointerCount === 0 ||
			(at.view.getUint32(at.pointers, true) === 0 && at.view.getUint32(at.pointers + 4, true) === 0)
		);
	}

	readStruct<R extends StructReader>(into: R): R {
		followStruct(this.at, 0, into.at);
		return into;
	}

	readList<L extends ListReader>(into: L): L {
		followList(this.at, 0, into.elementSize, into.at);
		return into;
	}

	readText(into: TextReader): TextReader {
		followText(this.at, 0, into.at);
		return into;
	}

	/** Allocates a string. */
	text(): string {
		return textAt(this.at, 0);
	}

	readData(into: DataReader): DataReader {
		followData(this.at, 0, into.at);
		return into;
	}

	/** Borrowed: take a reference to keep it. */
	hook(): CapHook | null {
		return hookAt(this.at, 0);
	}
}
