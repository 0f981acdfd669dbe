import type { Place } from "../../src/arena/place.js";

// src/layout/near.ts in C.

export function nearStruct(from: Place, index: number, into: Place): boolean {
	return native("xs_codec_nearStruct").call(undefined, from, index, into);
}

export function nearStructList(from: Place, index: number, into: Place): boolean {
	return native("xs_codec_nearStructList").call(undefined, from, index, into);
}

export function nearBlob(from: Place, index: number, text: boolean, into: Place): boolean {
	return native("xs_codec_nearBlob").call(undefined, from, index, text, into);
}

export function newStruct(from: Place, index: number, dataWords: number, pointerCount: number, into: Place): boolean {
	return native("xs_codec_newStruct").call(undefined, from, index, dataWords, pointerCount, into);
}

export function newStructList(
	from: Place,
	index: number,
	count: number,
	dataWords: number,
	pointerCount: number,
	into: Place,
): boolean {
	return native("xs_codec_newStructList").call(undefined, from, index, count, dataWords, pointerCount, into);
}

export function blobRoom(from: Place, index: number, length: number, text: boolean): number {
	return native("xs_codec_blobRoom").call(undefined, from, index, length, text);
}

export function newBlob(from: Place, index: number, length: number, text: boolean, into: Place): boolean {
	return native("xs_codec_newBlob").call(undefined, from, index, length, text, into);
}
