import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import { Exhausted } from "../base/fault.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { putBigInt64, putBigUint64 } from "../layout/big-int.js";
import { fillFrom } from "../layout/default-pointer.js";
import { editStruct } from "../layout/edit.js";
import {
	AnyListBuilder,
	CapListBuilder,
	DataListBuilder,
	type ListBuilder,
	ListListBuilder,
	StructListBuilder,
	TextListBuilder,
} from "../layout/list-builder.js";
import * as builders from "../layout/primitive-list-builder.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import { type AnyType, AnyValue, fieldTypeOf, type PlainOf } from "./any-value.js";
import type { CapabilitySink, EnumType, FieldInfo, FieldType, StructType } from "./descriptor.js";
import type { Input } from "./remote-types.js";
import { type Plain, readAny, SCALAR_LISTS } from "./to-object.js";

/** Plain objects into messages, by a type's table. A value that does not fit is a TypeError that names its field, one that is too large an Exhausted or RangeError. */

/** Characters of a wrong string that its error shows. */
const SHOWN = 60;
/** Characters of a RangeError's message to which names are added. */
const NAMED_MAX = 200;

export function fromObject(
	type: StructType<unknown>,
	object: Plain,
	builder: StructBuilder,
	caps: CapabilitySink | null,
): void {
	if (typeof object !== "object" || object === null || notPlain(object))
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
			if (named(error))
				error.message = error.message.startsWith(type.name) ? error.message : `${type.name}.${name}: ${error.message}`;
			throw error;
		}
	}
}

/** What is the value's fault: it does not fit its field, or its size no message. */
function named(error: unknown): error is Error {
	if (error instanceof TypeError || error instanceof Exhausted) return true;
	// An object that contains itself has no end of names.
	return error instanceof RangeError && error.message.length < NAMED_MAX;
}

/** Has no fields of its own to read: it would be taken for a struct of defaults. */
function notPlain(value: object): boolean {
	return (
		Array.isArray(value) ||
		ArrayBuffer.isView(value) ||
		(Symbol.iterator in value && Object.keys(value).length === 0) ||
		value instanceof Date
	);
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
				return value === null
					? builder.erase(at)
					: anyOf(type, value).write(builder.anyFor(at, new AnyBuilder()), caps);
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
			fillFrom(field.default as Segment, builder.at, at, into.at);
			editStruct(builder.at, at, struct.dataWords, struct.pointerCount, into.at);
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

/**
 * A value for an AnyPointer, AnyStruct or AnyList: `anyValue(Point, { x: 1, y: 2 })`, `anyValue("text", "x")`,
 * `anyValue({ list: "uint8" }, [1, 2])`, `anyValue(Sensor, sensor)`. Copied before this returns; capabilities are borrowed until
 * it is written. Throws a TypeError where the value does not fit.
 */
export function anyValue<const T extends AnyType>(type: T, value: Input<PlainOf<T>>): AnyValue {
	const field = { name: "", type: fieldTypeOf(type), at: 0 };
	return AnyValue.make((holder, caps) => writeField(field, value, holder, caps), readAny);
}

const KINDS = { any: null, anyStruct: "struct", anyList: "list" } as const;

/** What a field of type `type` is given, which must be an AnyValue of that kind. */
function anyOf(type: keyof typeof KINDS, value: unknown): AnyValue {
	if (!(value instanceof AnyValue))
		throw new TypeError(
			`a pointer of unknown type takes what anyValue(type, value) makes, not ${describe(value)}; of a generic type or method, say what it is bound to`,
		);
	const kind = KINDS[type];
	if (kind !== null && value.kind !== kind) throw new TypeError(`a ${kind} is needed, not a ${value.kind}`);
	return value;
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
			return putBigInt64(builder.at, at, inRange(value, 64, true) ^ BigInt((masked as bigint | undefined) ?? 0));
		case "uint64":
			return putBigUint64(builder.at, at, inRange(value, 64, false) ^ BigInt((masked as bigint | undefined) ?? 0));
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
			if (named(error)) error.message = `[${i}] ${error.message}`;
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
	if (list instanceof AnyListBuilder)
		return value === null ? undefined : anyOf("any", value).write(list.edit(i, new AnyBuilder()), caps);
	if (list instanceof builders.VoidListBuilder) return;
	if (list instanceof builders.Int64ListBuilder) return list.setBig(i, inRange(value, 64, true));
	if (list instanceof builders.Uint64ListBuilder) return list.setBig(i, inRange(value, 64, false));
	if (list instanceof builders.BoolListBuilder) return list.set(i, needed(value, "boolean") as boolean);
	if (typeof element === "object")
		return (list as builders.Uint16ListBuilder).set(i, enumValue((element as { enum: () => EnumType }).enum(), value));
	if (element.startsWith("float"))
		return (list as builders.Float64ListBuilder).set(i, needed(value, "number") as number);
	(list as builders.Uint16ListBuilder).set(
		i,
		Number(inRange(value, Number(/\d+/.exec(element)![0]), element.startsWith("int"))),
	);
}

function enumValue({ names }: EnumType, value: unknown): number {
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
	// A DataView has no elements.
	const fits =
		kind === "array"
			? Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
			: typeof value === kind;
	if (fits) return value;
	throw new TypeError(`${kind === "array" ? "an array" : `a ${kind}`} is needed, not ${describe(value)}`);
}

function bytesOf(value: unknown): Uint8Array {
	if (value instanceof Uint8Array) return value;
	throw new TypeError(`a Uint8Array is needed, not ${describe(value)}`);
}

/** A few words: it goes into the text of an error, which may go to a peer. */
function describe(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > SHOWN ? value.slice(0, SHOWN) + "…" : value);
	if (typeof value === "function") return "a function";
	if (typeof value !== "object" || value === null) return String(value);
	if (Array.isArray(value)) return "an array";
	return "then" in value ? "a promise (is an await missing?)" : "an object";
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
