import type { Column } from "../../src/base/column.js";

// src/base/column.ts in C: values are moved as they are, whatever they mean.

export type { Column };

function move(
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	array: ArrayBufferLike,
	at: number,
	width: number,
): void {
	return native("xs_codec_gather").call(undefined, bytes, offset, step, count, array, at, width);
}

function put(
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	array: ArrayBufferLike,
	at: number,
	width: number,
): void {
	return native("xs_codec_scatter").call(undefined, bytes, offset, step, count, array, at, width);
}

export function gather(
	_view: DataView,
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	column: Column,
	index: number,
): void {
	const width = column.BYTES_PER_ELEMENT;
	move(bytes, offset, step, count, column.buffer, column.byteOffset + index * width, width);
}

export function scatter(
	_view: DataView,
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	column: Column,
	index: number,
): void {
	const width = column.BYTES_PER_ELEMENT;
	put(bytes, offset, step, count, column.buffer, column.byteOffset + index * width, width);
}
