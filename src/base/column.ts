// One field of many structs at once. Hosts with native code replace this file (modules/codec/column.ts).

/** Arrays whose elements are as wide as the field. */
export type Column =
	Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Int16Array | Uint8Array | Int8Array;

/** Copies `count` values, `step` bytes apart from byte `offset` on, into `column` from `index` on. */
export function gather(
	view: DataView,
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	column: Column,
	index: number,
): void {
	const end = index + count;
	if (column instanceof Float64Array)
		for (; index < end; index++, offset += step) column[index] = view.getFloat64(offset, true);
	else if (column instanceof Float32Array)
		for (; index < end; index++, offset += step) column[index] = view.getFloat32(offset, true);
	else if (column.BYTES_PER_ELEMENT === 4)
		for (; index < end; index++, offset += step) column[index] = view.getInt32(offset, true);
	else if (column.BYTES_PER_ELEMENT === 2)
		for (; index < end; index++, offset += step) column[index] = view.getInt16(offset, true);
	else for (; index < end; index++, offset += step) column[index] = bytes[offset]!;
}

/** Copies `count` values of `column` from `index` on to where `gather` takes them from. */
export function scatter(
	view: DataView,
	bytes: Uint8Array,
	offset: number,
	step: number,
	count: number,
	column: Column,
	index: number,
): void {
	const end = index + count;
	if (column instanceof Float64Array)
		for (; index < end; index++, offset += step) view.setFloat64(offset, column[index]!, true);
	else if (column instanceof Float32Array)
		for (; index < end; index++, offset += step) view.setFloat32(offset, column[index]!, true);
	else if (column.BYTES_PER_ELEMENT === 4)
		for (; index < end; index++, offset += step) view.setInt32(offset, column[index]!, true);
	else if (column.BYTES_PER_ELEMENT === 2)
		for (; index < end; index++, offset += step) view.setInt16(offset, column[index]!, true);
	else for (; index < end; index++, offset += step) bytes[offset] = column[index]!;
}
