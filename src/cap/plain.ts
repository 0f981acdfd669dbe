import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { DataReader } from "../layout/data-reader.js";
import {
	AnyListBuilder,
	CapListBuilder,
	DataListBuilder,
	type ListBuilder,
	ListListBuilder,
	StructListBuilder,
	TextListBuilder,
} from "../layout/list-builder.js";
import {
	AnyListReader,
	CapListReader,
	DataListReader,
	ListListReader,
	type ListReader,
	StructListReader,
	TextListReader,
} from "../layout/list-reader.js";
import * as builders from "../layout/primitive-list-builder.js";
import * as readers from "../layout/primitive-list-reader.js";
import { StructBuilder } from "../layout/struct-builder.js";
import { StructReader } from "../layout/struct-reader.js";
import type {
	CapabilitySink,
	CapabilitySource,
	FieldInfo,
	FieldType,
	PipelineField,
	StructType,
} from "./descriptor.js";
import type { Input } from "./remote-types.js";

/** Plain objects out of messages and back, by a type's table. Allocates; for the desktop and for tools. */

type Plain = Record<string, unknown>;

/** What generated modules give of a struct; the rest is the same for all. */
export type StructTable<R extends StructReader, B extends StructBuilder> = Omit<
	StructType<unknown, R, B>,
	"toObject" | "fromObject" | "pipeline"
>;

/** The descriptor of a generated struct. */
export function structType<T, R extends StructReader, B extends StructBuilder>(
	table: StructTable<R, B>,
): StructType<T, R, B> {
	const type: StructType<T, R, B> = {
		...table,
		get pipeline() {
			return pipelineFields(table.fields());
		},
		toObject: (reader, caps) => toObject(type, reader, caps ?? null, false) as T,
		fromObject: (object, builder, caps) => fromObject(type, object as Plain, builder, caps ?? null),
	};
	return type;
}

/** The fields through which calls can be pipelined; lists are not among them. */
function pipelineFields(fields: readonly FieldInfo[]): PipelineField[] {
	const found: PipelineField[] = [];
	for (const { name, type, at } of fields) {
		if (type === "capability") found.push({ name, pointerIndex: at, capability: () => null });
		else if (typeof type === "string") continue;
		else if ("interface" in type) found.push({ name, pointerIndex: at, capability: type.interface });
		else if ("struct" in type) found.push({ name, pointerIndex: at, struct: type.struct });
		else if ("group" in type) found.push({ name, pointerIndex: -1, struct: type.group });
	}
	return found;
}

/** Whether `field` is there in `reader`: outside unions always, inside if it is the one that is set. */
export function isSet(type: StructType<unknown>, field: FieldInfo, reader: StructReader): boolean {
	return field.discriminant === undefined || reader.uint16(type.discriminantAt) === field.discriminant;
}

/** As `toObject`, with nothing at all for pointers that are null: what JSON shows. */
export function sparseObject(type: StructType<unknown>, reader: StructReader): Plain {
	return toObject(type, reader, null, true);
}

function toObject(
	type: StructType<unknown>,
	reader: StructReader,
	caps: CapabilitySource | null,
	sparse: boolean,
): Plain {
	const object: Plain = {};
	for (const field of type.fields()) {
		if (!isSet(type, field, reader)) continue;
		if (sparse && !field.discriminant && isPointer(field.type) && reader.absent(field.at)) continue;
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
				return field.default === undefined ? reader.text(at) : reader.textOr(at, field.default as string);
			case "data": {
				const data = new DataReader();
				return (field.default === undefined ? reader.dataAt(at, data) : reader.dataAtOr(at, data, constant)).toBytes();
			}
			case "capability":
				return readCapability(reader.hook(at), null, caps);
			case "any":
			case "anyStruct":
			case "anyList":
				return undefined;
			default:
				return readScalar(type, at, field.default, reader);
		}
	}
	if ("enum" in type) {
		const value = reader.uint16(at) ^ Number(field.default ?? 0);
		return type.enum()[value] ?? value;
	}
	if ("group" in type) return toObject(type.group(), reader, caps, sparse);
	if ("interface" in type) return readCapability(reader.hook(at), type, caps);
	if ("struct" in type) {
		const struct = type.struct();
		const into = struct.createReader();
		if (field.default !== undefined)
			return toObject(struct, reader.structAtOr(at, into, field.default as Segment), caps, sparse);
		// Chosen in a union and null: for JSON a struct of defaults, as the tool has it.
		if (reader.absent(at) && !(sparse && field.discriminant)) return undefined;
		return toObject(struct, reader.structAt(at, into), caps, sparse);
	}
	const list = listReader(type.list);
	return readList(
		type.list,
		field.default === undefined ? reader.listAt(at, list) : reader.listAtOr(at, list, field.default as Segment),
		caps,
		sparse,
	);
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
			return reader.bigInt64Xor(at, BigInt((masked as bigint | undefined) ?? 0));
		case "uint64":
			return reader.bigUint64Xor(at, BigInt((masked as bigint | undefined) ?? 0));
		case "float32":
			return masked === undefined
				? reader.float32(at)
				: floatXor(new DataView(new ArrayBuffer(8)), 4, reader.uint32(at), 0, masked as number);
		case "float64":
			return masked === undefined
				? reader.float64(at)
				: floatXor(new DataView(new ArrayBuffer(8)), 8, reader.uint64Low(at), reader.uint64High(at), masked as number);
		default:
			return reader[`${type as "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32"}Xor`](
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

const SCALAR_LISTS = {
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

export function listReader(element: FieldType): ListReader {
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

function listBuilder(element: FieldType): ListBuilder {
	if (typeof element !== "string") {
		if ("list" in element) return new ListListBuilder();
		if ("enum" in element) return new builders.Uint16ListBuilder();
		return "interface" in element ? new CapListBuilder() : new StructListBuilder();
	}
	switch (element) {
		case "text":
			return new TextListBuilder();
		case "data":
			return new DataListBuilder();
		case "capability":
			return new CapListBuilder();
		case "any":
		case "anyList":
			return new AnyListBuilder();
		case "anyStruct":
			return new StructListBuilder();
		default:
			return new builders[`${SCALAR_LISTS[element]}ListBuilder`]();
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
	if (list instanceof AnyListReader || list instanceof readers.VoidListReader) return null;
	const value = (list as readers.Uint16ListReader).get(i);
	return typeof element === "object" && "enum" in element ? (element.enum()[value] ?? value) : value;
}

function fromObject(
	type: StructType<unknown>,
	object: Plain,
	builder: StructBuilder,
	caps: CapabilitySink | null,
): void {
	if (typeof object !== "object" || object === null)
		throw new TypeError(`${type.name}: an object is needed, not ${describe(object)}`);
	const fields = type.fields();
	let chosen: string | null = null;
	for (const name of Object.keys(object)) {
		if (object[name] === undefined) continue;
		const field = fields.find((each) => each.name === name);
		if (field === undefined) throw new TypeError(`${type.name} has no field ${name}`);
		if (field.discriminant !== undefined) {
			if (chosen !== null) throw new TypeError(`${type.name}: ${chosen} and ${name} are members of one union`);
			chosen = name;
			builder.putUint16(type.discriminantAt, field.discriminant);
		}
		try {
			writeField(field, object[name], builder, caps);
		} catch (error) {
			if (error instanceof TypeError)
				error.message = error.message.startsWith(type.name) ? error.message : `${type.name}.${name}: ${error.message}`;
			throw error;
		}
	}
}

function writeField(field: FieldInfo, value: unknown, builder: StructBuilder, caps: CapabilitySink | null): void {
	const { type, at } = field;
	if (typeof type === "string") {
		switch (type) {
			case "void":
				return;
			case "text":
				return value === null ? builder.erase(at) : builder.putText(at, needed(value, "string") as string);
			case "data":
				return value === null ? builder.erase(at) : builder.putData(at, bytesOf(value));
			case "capability":
				return writeCapability(value, null, caps, (hook) => builder.putHook(at, hook));
			case "any":
			case "anyStruct":
			case "anyList":
				if (value === null) return builder.erase(at);
				throw new TypeError("a pointer of unknown type cannot be made from an object");
			default:
				return writeScalar(type, at, field.default, value, builder);
		}
	}
	if ("enum" in type) return builder.putUint16(at, enumValue(type.enum(), value) ^ Number(field.default ?? 0));
	if ("group" in type) return type.group().fromObject(value as Input<unknown>, builder, caps);
	if ("interface" in type) return writeCapability(value, type, caps, (hook) => builder.putHook(at, hook));
	if (value === null) return builder.erase(at);
	if ("struct" in type) {
		const struct = type.struct();
		const into = struct.createBuilder();
		if (field.default === undefined) builder.newStruct(at, struct.dataWords, struct.pointerCount, into);
		else {
			builder.fill(at, field.default as Segment, into.at);
			builder.structFor(at, struct.dataWords, struct.pointerCount, into);
		}
		return struct.fromObject(value as Input<unknown>, into, caps);
	}
	const values = needed(value, "array") as readonly unknown[];
	const list = listBuilder(type.list);
	if (list instanceof StructListBuilder) {
		const struct = typeof type.list === "object" && "struct" in type.list ? type.list.struct() : null;
		builder.newStructList(at, values.length, struct?.dataWords ?? 0, struct?.pointerCount ?? 0, list);
	} else builder.newList(at, values.length, list);
	writeList(type.list, values, list, caps);
}

function writeCapability(
	value: unknown,
	type: FieldType | null,
	caps: CapabilitySink | null,
	put: (hook: CapHook | null) => void,
): void {
	if (value === null) return put(null);
	if (caps === null) throw new TypeError("a capability needs a connection to travel over");
	put(caps.hook(value, type !== null && typeof type === "object" && "interface" in type ? type.interface() : null));
}

function writeScalar(
	type: string,
	at: number,
	masked: FieldInfo["default"],
	value: unknown,
	builder: StructBuilder,
): void {
	switch (type) {
		case "bool":
			return builder.putBool(at, (needed(value, "boolean") as boolean) !== (masked === true));
		case "int64":
			return builder.putBigInt64(at, inRange(value, 64, true) ^ BigInt((masked as bigint | undefined) ?? 0));
		case "uint64":
			return builder.putBigUint64(at, inRange(value, 64, false) ^ BigInt((masked as bigint | undefined) ?? 0));
		case "float32":
		case "float64": {
			const scratch = new DataView(new ArrayBuffer(16));
			const set = type === "float32" ? "setFloat32" : "setFloat64";
			scratch[set](0, needed(value, "number") as number, true);
			if (masked !== undefined) scratch[set](8, masked as number, true);
			builder.putUint32(at, scratch.getUint32(0, true) ^ scratch.getUint32(8, true));
			if (type === "float64") builder.putUint32(at + 4, scratch.getUint32(4, true) ^ scratch.getUint32(12, true));
			return;
		}
		default: {
			const bits = Number(/\d+/.exec(type)![0]);
			const number = Number(inRange(value, bits, type.startsWith("int")));
			builder[`put${bits === 8 ? "Uint8" : bits === 16 ? "Uint16" : "Uint32"}`](
				at,
				number ^ ((masked as number | undefined) ?? 0),
			);
		}
	}
}

function writeList(
	element: FieldType,
	values: readonly unknown[],
	list: ListBuilder,
	caps: CapabilitySink | null,
): void {
	for (let i = 0; i < values.length; i++) {
		try {
			writeElement(element, values[i], list, i, caps);
		} catch (error) {
			if (error instanceof TypeError) error.message = `[${i}] ${error.message}`;
			throw error;
		}
	}
}

function writeElement(
	element: FieldType,
	value: unknown,
	list: ListBuilder,
	i: number,
	caps: CapabilitySink | null,
): void {
	if (list instanceof TextListBuilder) return list.set(i, needed(value, "string") as string);
	if (list instanceof DataListBuilder) return list.set(i, bytesOf(value));
	if (list instanceof CapListBuilder) return writeCapability(value, element, caps, (hook) => list.set(i, hook));
	if (list instanceof ListListBuilder) {
		const inner = (element as { list: FieldType }).list;
		const values = needed(value, "array") as readonly unknown[];
		const into = listBuilder(inner);
		if (into instanceof StructListBuilder) {
			const struct = typeof inner === "object" && "struct" in inner ? inner.struct() : null;
			list.initStructs(i, values.length, struct?.dataWords ?? 0, struct?.pointerCount ?? 0, into);
		} else list.init(i, values.length, into);
		return writeList(inner, values, into, caps);
	}
	if (list instanceof StructListBuilder) {
		if (typeof element === "string") return;
		const struct = (element as { struct: () => StructType<unknown> }).struct();
		return struct.fromObject(value as Input<unknown>, list.edit(i, struct.createBuilder()), caps);
	}
	if (list instanceof AnyListBuilder || list instanceof builders.VoidListBuilder) return;
	if (list instanceof builders.Int64ListBuilder) return list.setBig(i, inRange(value, 64, true));
	if (list instanceof builders.Uint64ListBuilder) return list.setBig(i, inRange(value, 64, false));
	if (list instanceof builders.BoolListBuilder) return list.set(i, needed(value, "boolean") as boolean);
	if (typeof element === "object")
		return (list as builders.Uint16ListBuilder).set(
			i,
			enumValue((element as { enum: () => readonly string[] }).enum(), value),
		);
	if (element.startsWith("float"))
		return (list as builders.Float64ListBuilder).set(i, needed(value, "number") as number);
	(list as builders.Uint16ListBuilder).set(
		i,
		Number(inRange(value, Number(/\d+/.exec(element)![0]), element.startsWith("int"))),
	);
}

function enumValue(names: readonly string[], value: unknown): number {
	if (typeof value === "number") return Number(inRange(value, 16, false));
	const index = names.indexOf(value as string);
	if (index < 0) throw new TypeError(`one of ${names.join(", ")} is needed, not ${describe(value)}`);
	return index;
}

/** Numbers are taken for 64-bit integers too, as long as they are whole. */
function inRange(value: unknown, bits: number, signed: boolean): bigint {
	if (typeof value !== "bigint" && !Number.isInteger(value))
		throw new TypeError(`a whole number is needed, not ${describe(value)}`);
	const big = BigInt(value as number | bigint);
	const cut = signed ? BigInt.asIntN(bits, big) : BigInt.asUintN(bits, big);
	if (cut !== big)
		throw new TypeError(`${String(big)} does not fit into ${bits} bits ${signed ? "with" : "without"} sign`);
	return big;
}

function needed(value: unknown, kind: "string" | "number" | "boolean" | "array"): unknown {
	if (kind === "array" ? Array.isArray(value) || ArrayBuffer.isView(value) : typeof value === kind) return value;
	throw new TypeError(`${kind === "array" ? "an array" : `a ${kind}`} is needed, not ${describe(value)}`);
}

function bytesOf(value: unknown): Uint8Array {
	if (value instanceof Uint8Array) return value;
	throw new TypeError(`a Uint8Array is needed, not ${describe(value)}`);
}

function describe(value: unknown): string {
	return value === null
		? "null"
		: typeof value === "string"
			? JSON.stringify(value)
			: Array.isArray(value)
				? "an array"
				: typeof value === "object"
					? "an object"
					: String(value);
}

/** Results of `-> stream`. */
export const StreamResult: StructType<object> = /* @__PURE__ */ structType<object, StructReader, StructBuilder>({
	idHigh: 0x995f9a33,
	idLow: 0x77c0b16e,
	name: "StreamResult",
	dataWords: 0,
	pointerCount: 0,
	discriminantAt: -1,
	fields: () => [],
	createReader: () => new StructReader(),
	createBuilder: () => new StructBuilder(),
});
