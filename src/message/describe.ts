import { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { decodeUtf8 } from "../base/utf8.js";
import { finishList, finishStruct, locateAt } from "../layout/follow.js";
import { BIT, BYTE, COMPOSITE, POINTER, VOID } from "../wire/element.js";
import { LIST, OTHER, STRUCT } from "../wire/pointer.js";
import type { Message } from "./message.js";

/** Elements and bytes shown of one list; the rest is counted. */
const SHOWN = 16;

/**
 * A message without its schema, for people: structs as their data words in hexadecimal and their pointers, in brackets;
 * byte lists as text where they look like it. Checked, charged and limited in depth like any other reading. Allocates.
 */
export function describe(message: Message): string {
	const root = message.rootPlace();
	return describeAt(root.segment, root.pointers, root.depth - 1);
}

function describeAt(segment: Segment, pointer: number, depth: number): string {
	const place = new Place();
	if (!locateAt(segment, pointer, depth, place)) return "null";
	const low = place.step;
	const high = place.length;
	if ((low & 3) === STRUCT) {
		finishStruct(segment, pointer, place);
		return describeStruct(place, place.data, place.pointers);
	}
	if ((low & 3) === LIST) {
		finishList(segment, pointer, high & 7, place);
		return describeList(place, high & 7);
	}
	return low === OTHER ? "cap " + high : "unknown pointer";
}

function describeStruct(at: Place, data: number, pointers: number): string {
	let text = "(";
	for (let i = 0; i < at.dataBytes; i += 8)
		text += (i > 0 ? " " : "") + word(at, data + i, Math.min(8, at.dataBytes - i));
	for (let i = 0; i < at.pointerCount; i++) {
		if (text.length > 1) text += ", ";
		text += describeAt(at.segment, pointers + i * 8, at.depth - 1);
	}
	return text + ")";
}

/** A value of `bytes` bytes in hexadecimal, most significant first, without leading zeroes. */
function word(at: Place, offset: number, bytes: number): string {
	let text = "";
	for (let i = bytes - 1; i >= 0; i--) {
		const byte = at.segment.bytes[offset + i]!;
		if (text !== "" || byte !== 0) text += (text !== "" && byte < 16 ? "0" : "") + byte.toString(16);
	}
	return text === "" ? "0" : "0x" + text;
}

function describeList(at: Place, code: number): string {
	const length = at.length;
	if (code === VOID) return length + " voids";
	if (code === BYTE) return describeBytes(at);
	const shown = Math.min(length, SHOWN);
	let text = "[";
	for (let i = 0; i < shown; i++) {
		if (i > 0) text += ", ";
		if (code === BIT) text += (at.segment.bytes[at.data + (i >> 3)]! >> (i & 7)) & 1;
		else if (code === COMPOSITE) text += describeStruct(at, at.data + i * at.step, at.pointers + i * at.step);
		else if (code === POINTER) text += describeAt(at.segment, at.pointers + i * 8, at.depth - 1);
		else text += word(at, at.data + i * at.step, at.step);
	}
	return text + (length > shown ? ", and " + (length - shown) + " more]" : "]");
}

function describeBytes(at: Place): string {
	const bytes = at.segment.bytes;
	const length = at.length;
	let printable = length > 0 && bytes[at.data + length - 1] === 0;
	for (let i = 0; i < length - 1 && printable; i++)
		printable = bytes[at.data + i]! >= 0x20 && bytes[at.data + i] !== 0x7f;
	const shown = Math.min(length, printable ? SHOWN * 8 : SHOWN);
	if (printable) {
		const text = decodeUtf8(bytes, at.data, shown === length ? length - 1 : shown);
		return JSON.stringify(text) + (length > shown ? " and " + (length - shown) + " bytes more" : "");
	}
	let text = length + " bytes:";
	for (let i = 0; i < shown; i++) text += (bytes[at.data + i]! < 16 ? " 0" : " ") + bytes[at.data + i]!.toString(16);
	return text + (length > shown ? " …" : "");
}
