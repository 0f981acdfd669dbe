import type { Place } from "../arena/place.js";
import { initStruct, initStructList } from "./build.js";
import { followList, followStruct } from "./follow.js";
import { COMPOSITE } from "../wire/element.js";

/** Aims `into` at the struct behind pointer `index`, made where it is null. */
export function editStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): void {
	if (isNull(from, index)) initStruct(from, index, dataWords, pointerCount, into);
	else followStruct(from, index, into);
}

export function editStructList(from: Place, index: number, _dataWords: number, _pointerCount: number, into: Place): void {
	if (isNull(from, index)) initStructList(from, index, 0, _dataWords, _pointerCount, into);
	else followList(from, index, COMPOSITE, into);
}

function isNull(from: Place, index: number): boolean {
	const position = from.pointers + index * 8;
	return from.view.getUint32(position, true) === 0 && from.view.getUint32(position + 4, true) === 0;
}
