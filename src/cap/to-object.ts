import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { AnyReader } from "../layout/any-reader.js";
import { bigInt64, bigUint64 } from "../layout/big-int.js";
import { DataReader } from "../layout/data-reader.js";
import { aimAnyOr, followDataOr, followListOr, followStructOr, textOr } from "../layout/default-pointer.js";
import * as scalars from "../layout/default-scalar.js";
import {
	AnyListReader,
	CapListReader,
	DataListReader,
	ListListReader,
	type ListReader,
	StructListReader,
	TextListReader,
} from "../layout/list-reader.js";
import * as readers from "../layout/primitive-list-reader.js";
import type { StructReader } from "../layout/struct-reader.js";
import { AnyValue } from "./any-value.js";
import type { CapabilitySource, FieldInfo, FieldType, StructType } from "./descriptor.js";

/** Plain objects out of messages, by a type's table. Allocates; for the desktop and for tools. */

export type Plain = Record<string, unknown>;

/** Whether `field` is there in `reader`: outside unions always, inside if it is the one that is set. */
export function isSet(type: StructType<unknown>, field: FieldInfo, reader: StructReader): boolean {
	return field.discriminant === undefined || reader.uint16(type.discriminantAt) === field.discriminant;
}

/** As `toObject`, with nothing at all for pointers that are null: what JSON shows. */
export function sparseObject(type: StructType<unknown>, reader: StructReader): Plain {
	return toObject(type, reader, null, true);
}

/** `sparse`: leave out every pointer that is null. */
export function toObject(
	type: StructType<unknown>,
	reader: StructReader,
	caps: CapabilitySource | null,
	sparse: boolean,
): Plain {
	const object: Plain = {};
	for (const field of type.fields()) {
		if (!isSet(type, field, reader)) continue;
		if (sparse && field.discriminant === undefined && isPointer(field.type) && reader.absent(field.at)) continue;
		const value = readField(field, reader, caps, sparse);
		// A struct that is not there has no fields to show; in a union its being chosen is the news.
		if (value !== undefined) object[field.name] = value;
		else if (field.discriminant !== undefined) object[field.name] = null;
	}
	return object;
}

function isPointer(type: FieldType): boolean {
	if (typeof type !== "string") return !("enum" in type || "group" in type);
	return type === "text" || type === "data" || type === "capability" || type.startsWith("any");
}

function readField(field: FieldInfo, reader: StructReader, caps: CapabilitySource | null, sparse: boolean): unknown {
	const { type, at } = field;
	if (typeof type === "string") {
		const constant = field.default as Segment;
		switch (type) {
			case "void":
				return null;
			case "text":
				return field.default === undefined ? reader.text(at) : textOr(reader.at, at, field.default as string);
			case "data": {
				const data = new DataReader();
				if (field.default === undefined) reader.dataAt(at, data);
				else followDataOr(reader.at, at, constant, data.at);
				return data.toBytes();
			}
			case "capability":
				return readCapability(reader.hook(at), null, caps);
			case "any":
			case "anyStruct":
			case "anyList": {
				const any = new AnyReader();
				if (field.default === undefined) reader.anyAt(at, any);
				else aimAnyOr(reader.at, at, constant, any.at);
				return any.isNull() ? undefined : AnyValue.copy(any, caps, readAny);
			}
			default:
				return readScalar(type, at, field.default, reader);
		}
	}
	if ("enum" in type) {
		const value = reader.uint16(at) ^ Number(field.default ?? 0);
		return type.enum().names[value] ?? value;
	}
	if ("group" in type) return toObject(type.group(), reader, caps, sparse);
	if ("interface" in type) return readCapability(reader.hook(at), type, caps);
	if ("struct" in type) {
		const struct = type.struct();
		const into = struct.createReader();
		if (field.default !== undefined) {
			followStructOr(reader.at, at, field.default as Segment, into.at);
			return toObject(struct, into, caps, sparse);
		}
		// Chosen in a union and null: for JSON a struct of defaults, as the tool has it.
		if (reader.absent(at) && !(sparse && field.discriminant !== undefined)) return undefined;
		return toObject(struct, reader.structAt(at, into), caps, sparse);
	}
	const list = listReader(type.list);
	if (field.default === undefined) reader.listAt(at, list);
	else followListOr(reader.at, at, list.elementSize, field.default as Segment, list.at);
	return readList(type.list, list, caps, sparse);
}

/** The plain value of pointer 0 of `holder`, which is a `type`. A struct that is not there has its defaults. */
export function readAny(type: FieldType, holder: StructReader, caps: CapabilitySource | null): unknown {
	if (typeof type === "object" && "struct" in type) {
		const struct = type.struct();
		return struct.toObject(holder.structAt(0, struct.createReader()), caps);
	}
	return readField({ name: "", type, at: 0 }, holder, caps, false);
}

function readCapability(hook: CapHook | null, type: FieldType | null, caps: CapabilitySource | null): unknown {
	if (caps === null) return null;
	return caps.capability(
		hook,
		type !== null && typeof type === "object" && "interface" in type ? type.interface() : null,
	);
}

function readScalar(type: string, at: number, masked: FieldInfo["default"], reader: StructReader): unknown {
	switch (type) {
		case "bool":
			return reader.bool(at) !== (masked === true);
		case "int64":
			return bigInt64(reader.at, at) ^ BigInt((masked as bigint | undefined) ?? 0);
		case "uint64":
			return bigUint64(reader.at, at) ^ BigInt((masked as bigint | undefined) ?? 0);
		case "float32":
			return masked === undefined
				? reader.float32(at)
				: floatXor(new DataView(new ArrayBuffer(8)), 4, reader.uint32(at), 0, masked as number);
		case "float64":
			return masked === undefined
				? reader.float64(at)
				: floatXor(new DataView(new ArrayBuffer(8)), 8, reader.uint64Low(at), reader.uint64High(at), masked as number);
		default:
			return scalars[`${type as "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32"}Xor`](
				reader.at,
				at,
				(masked as number | undefined) ?? 0,
			);
	}
}

/** The bits `low`, `high` XOR those of `value`, as a float of `bytes` bytes. */
function floatXor(scratch: DataView, bytes: number, low: number, high: number, value: number): number {
	if (bytes === 4) {
		scratch.setFloat32(0, value, true);
		scratch.setUint32(0, scratch.getUint32(0, true) ^ low, true);
		return scratch.getFloat32(0, true);
	}
	scratch.setFloat64(0, value, true);
	scratch.setUint32(0, scratch.getUint32(0, true) ^ low, true);
	scratch.setUint32(4, scratch.getUint32(4, true) ^ high, true);
	return scratch.getFloat64(0, true);
}

/** What the list classes of scalars are called. */
export const SCALAR_LISTS = {
	void: "Void",
	bool: "Bool",
	int8: "Int8",
	int16: "Int16",
	int32: "Int32",
	int64: "Int64",
	uint8: "Uint8",
	uint16: "Uint16",
	uint32: "Uint32",
	uint64: "Uint64",
	float32: "Float32",
	float64: "Float64",
} as const;

function listReader(element: FieldType): ListReader {
	if (typeof element !== "string") {
		if ("list" in element) return new ListListReader();
		if ("enum" in element) return new readers.Uint16ListReader();
		return "interface" in element ? new CapListReader() : new StructListReader();
	}
	switch (element) {
		case "text":
			return new TextListReader();
		case "data":
			return new DataListReader();
		case "capability":
			return new CapListReader();
		case "any":
		case "anyList":
			return new AnyListReader();
		case "anyStruct":
			return new StructListReader();
		default:
			return new readers[`${SCALAR_LISTS[element]}ListReader`]();
	}
}

function readList(element: FieldType, list: ListReader, caps: CapabilitySource | null, sparse: boolean): unknown[] {
	const values: unknown[] = [];
	for (let i = 0; i < list.length; i++) values.push(readElement(element, list, i, caps, sparse));
	return values;
}

function readElement(
	element: FieldType,
	list: ListReader,
	i: number,
	caps: CapabilitySource | null,
	sparse: boolean,
): unknown {
	if (list instanceof TextListReader) return list.text(i);
	if (list instanceof DataListReader) return list.read(i, new DataReader()).toBytes();
	if (list instanceof CapListReader) return readCapability(list.hook(i), element, caps);
	if (list instanceof ListListReader) {
		const inner = (element as { list: FieldType }).list;
		return readList(inner, list.read(i, listReader(inner)), caps, sparse);
	}
	if (list instanceof StructListReader) {
		if (typeof element === "string") return null;
		const struct = (element as { struct: () => StructType<unknown> }).struct();
		return toObject(struct, list.read(i, struct.createReader()), caps, sparse);
	}
	if (list instanceof readers.Int64ListReader || list instanceof readers.Uint64ListReader) return list.big(i);
	if (list instanceof AnyListReader) return AnyValue.copy(list.read(i, new AnyReader()), caps, readAny);
	if (list instanceof readers.VoidListReader) return null;
	const value = (list as readers.Uint16ListReader).get(i);
	return typeof element === "object" && "enum" in element ? (element.enum().names[value] ?? value) : value;
}
