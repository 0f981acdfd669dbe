import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import * as vatlet from "vatlet/runtime";
import type { Seeded } from "./seeded.js";

// A struct that is read and built by its schema at run time: what generated code does, for schemas that tests make up.

// The oracle's own types are loose.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

const require = createRequire(import.meta.url);
const capnp: Loose = require("capnp-ts");
const schema: Loose = require("capnp-ts/src/std/schema.capnp.js");

export interface DynamicType {
	/** Name in the schema language, List for lists. */
	kind: string;
	element?: DynamicType;
	struct?: DynamicNode;
}

export interface DynamicField {
	name: string;
	discriminant: number;
	/** In units of the type's size; pointer index for pointers. */
	offset: number;
	type: DynamicType | null;
	group: DynamicNode | null;
	/** The default's bits. */
	mask: bigint;
}

export interface DynamicNode {
	name: string;
	dataWords: number;
	pointerCount: number;
	/** Byte offset of the discriminant; -1 without a union. */
	discriminantOffset: number;
	fields: DynamicField[];
}

const KINDS = [
	"Void",
	"Bool",
	"Int8",
	"Int16",
	"Int32",
	"Int64",
	"UInt8",
	"UInt16",
	"UInt32",
	"UInt64",
	"Float32",
	"Float64",
	"Text",
	"Data",
	"List",
	"Enum",
	"Struct",
	"Interface",
	"Any",
];

/** Compiles schema text with the capnp tool; nodes by name. */
export function compile(file: string): Map<string, DynamicNode> {
	const message = new capnp.Message(
		execFileSync("capnp", ["compile", "-o-", file], { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 }),
		false,
	);
	const request = message.getRoot(schema.CodeGeneratorRequest);
	const nodes = new Map<string, Loose>();
	request.getNodes().forEach((node: Loose) => nodes.set(node.getId().toString(), node));
	const made = new Map<string, DynamicNode>();
	const result = new Map<string, DynamicNode>();
	const make = (id: string): DynamicNode => {
		const known = made.get(id);
		if (known !== undefined) return known;
		const node = nodes.get(id);
		const body = node.getStruct();
		const dynamic: DynamicNode = {
			name: node.getDisplayName().split(":")[1],
			dataWords: body.getDataWordCount(),
			pointerCount: body.getPointerCount(),
			discriminantOffset: body.getDiscriminantCount() > 0 ? body.getDiscriminantOffset() * 2 : -1,
			fields: [],
		};
		made.set(id, dynamic);
		result.set(dynamic.name, dynamic);
		body.getFields().forEach((field: Loose) => dynamic.fields.push(makeField(field, make)));
		return dynamic;
	};
	for (const [id, node] of nodes) if (node.which() === schema.Node.STRUCT && !node.getStruct().getIsGroup()) make(id);
	return result;
}

function makeField(field: Loose, make: (id: string) => DynamicNode): DynamicField {
	const discriminant = field.getDiscriminantValue();
	if (field.which() === schema.Field.GROUP)
		return {
			name: field.getName(),
			discriminant,
			offset: 0,
			type: null,
			group: make(field.getGroup().getTypeId().toString()),
			mask: 0n,
		};
	const slot = field.getSlot();
	const type = makeType(slot.getType(), make);
	return {
		name: field.getName(),
		discriminant,
		offset: slot.getOffset(),
		type,
		group: null,
		mask: maskOf(type.kind, slot.getDefaultValue()),
	};
}

function makeType(type: Loose, make: (id: string) => DynamicNode): DynamicType {
	const kind = KINDS[type.which()]!;
	if (kind === "List") return { kind, element: makeType(type.getList().getElementType(), make) };
	if (kind === "Struct") return { kind, struct: make(type.getStruct().getTypeId().toString()) };
	return { kind };
}

function maskOf(kind: string, value: Loose): bigint {
	const scratch = new DataView(new ArrayBuffer(8));
	switch (kind) {
		case "Bool":
			return value.getBool() ? 1n : 0n;
		case "Enum":
			return BigInt(value.getEnum());
		case "Float32":
			scratch.setFloat32(0, value.getFloat32());
			return BigInt(scratch.getUint32(0));
		case "Float64":
			scratch.setFloat64(0, value.getFloat64());
			return scratch.getBigUint64(0);
		case "Int64":
			return BigInt.asUintN(64, BigInt(value.getInt64()));
		case "UInt64":
			return BigInt(value.getUint64());
		case "Int8":
		case "Int16":
		case "Int32":
		case "UInt8":
		case "UInt16":
		case "UInt32":
			return BigInt(value["get" + kind.replace("UInt", "Uint")]());
		default:
			return 0n;
	}
}

/** Sets random fields; returns the value as the capnp tool's JSON has it. */
export function fillRandom(
	node: DynamicNode,
	builder: vatlet.StructBuilder,
	random: Seeded,
	depth: number,
): Record<string, unknown> {
	const json: Record<string, unknown> = {};
	const members = node.fields.filter((field) => field.discriminant !== 0xffff);
	const active = members.length > 0 ? members[random.below(members.length)]! : null;
	if (active !== null) builder.putUint16(node.discriminantOffset, active.discriminant);
	for (const field of node.fields) {
		if (field.discriminant !== 0xffff && field !== active) continue;
		const value =
			field.group !== null ? fillRandom(field.group, builder, random, depth) : fillSlot(field, builder, random, depth);
		if (value !== undefined) json[field.name] = value;
	}
	return json;
}

const TEXTS = ["", "a", "kitchen", "grüße", "日本語", "😀 and more", "x".repeat(40)];

function fillSlot(field: DynamicField, builder: vatlet.StructBuilder, random: Seeded, depth: number): unknown {
	const type = field.type!;
	const offset = field.offset;
	switch (type.kind) {
		case "Void":
			return null;
		case "Text":
		case "Data":
		case "List":
		case "Struct":
			// JSON shows the active member of a union even where it is null.
			if (random.chance(4))
				return field.discriminant === 0xffff
					? undefined
					: pointerJson(type, builder.anyAt(offset, new vatlet.AnyReader()));
			return fillPointer(type, builder.anyFor(offset, new vatlet.AnyBuilder()), random, depth);
		default: {
			if (random.chance(4)) return primitiveJson(type.kind, field.mask);
			const bits = randomBits(type.kind, random);
			putBits(builder, type.kind, offset, bits, field.mask);
			return primitiveJson(type.kind, bits);
		}
	}
}

export const BITS: Record<string, number> = {
	Bool: 1,
	Int8: 8,
	UInt8: 8,
	Int16: 16,
	UInt16: 16,
	Enum: 16,
	Int32: 32,
	UInt32: 32,
	Float32: 32,
	Int64: 64,
	UInt64: 64,
	Float64: 64,
};

function randomBits(kind: string, random: Seeded): bigint {
	if (kind === "Enum") return BigInt(random.below(3));
	if (kind === "Float32" || kind === "Float64") {
		const scratch = new DataView(new ArrayBuffer(8));
		const value = (random.next() - 2 ** 31) / 1024;
		if (kind === "Float64") scratch.setFloat64(0, value);
		else scratch.setFloat32(4, value);
		return scratch.getBigUint64(0);
	}
	const bits = (BigInt(random.next()) << 32n) | BigInt(random.next());
	return BigInt.asUintN(BITS[kind]!, random.chance(3) ? bits & 0xffn : bits);
}

/** Sets by the accessor of the type, so that each of them meets the oracle. */
function putBits(builder: vatlet.StructBuilder, kind: string, offset: number, bits: bigint, mask: bigint): void {
	const value = numberOf(kind, bits);
	const masked = Number(BigInt.asIntN(32, mask));
	const high = Number(mask >> 32n);
	switch (kind) {
		case "Bool":
			return mask === 0n ? builder.putBool(offset, bits === 1n) : vatlet.putBoolXor(builder.at, offset, bits === 1n);
		case "Int8":
			return mask === 0n ? builder.putInt8(offset, value) : vatlet.putInt8Xor(builder.at, offset, value, masked);
		case "UInt8":
			return mask === 0n ? builder.putUint8(offset, value) : vatlet.putUint8Xor(builder.at, offset, value, masked);
		case "Int16":
			return mask === 0n
				? builder.putInt16(offset * 2, value)
				: vatlet.putInt16Xor(builder.at, offset * 2, value, masked);
		case "UInt16":
		case "Enum":
			return mask === 0n
				? builder.putUint16(offset * 2, value)
				: vatlet.putUint16Xor(builder.at, offset * 2, value, masked);
		case "Int32":
			return mask === 0n
				? builder.putInt32(offset * 4, value)
				: vatlet.putInt32Xor(builder.at, offset * 4, value, masked);
		case "UInt32":
			return mask === 0n
				? builder.putUint32(offset * 4, value)
				: vatlet.putUint32Xor(builder.at, offset * 4, value, masked);
		case "Float32":
			return mask === 0n
				? builder.putFloat32(offset * 4, value)
				: vatlet.putFloat32Xor(builder.at, offset * 4, value, masked);
		case "Float64":
			return mask === 0n
				? builder.putFloat64(offset * 8, value)
				: vatlet.putFloat64Xor(builder.at, offset * 8, value, masked, high);
		case "Int64":
			return vatlet.putBigInt64(builder.at, offset * 8, BigInt.asIntN(64, bits ^ mask));
		default:
			return vatlet.putBigUint64(builder.at, offset * 8, bits ^ mask);
	}
}

function numberOf(kind: string, bits: bigint): number {
	const scratch = new DataView(new ArrayBuffer(8));
	scratch.setBigUint64(0, bits);
	if (kind === "Float64") return scratch.getFloat64(0);
	if (kind === "Float32") return scratch.getFloat32(4);
	return Number(kind.startsWith("I") ? BigInt.asIntN(BITS[kind]!, bits) : bits);
}

export const COLORS = ["red", "green", "blue"];

export function primitiveJson(kind: string, bits: bigint): unknown {
	if (kind === "Bool") return bits === 1n;
	if (kind === "Enum") return COLORS[Number(bits)];
	if (kind === "Int64") return BigInt.asIntN(64, bits).toString();
	if (kind === "UInt64") return bits.toString();
	if (kind === "Void") return null;
	return numberOf(kind, bits);
}

function fillPointer(type: DynamicType, any: vatlet.AnyBuilder, random: Seeded, depth: number): unknown {
	switch (type.kind) {
		case "Text": {
			const text = TEXTS[random.below(TEXTS.length)]!;
			any.setText(text);
			return text;
		}
		case "Data": {
			const bytes = Uint8Array.from({ length: random.below(20) }, () => random.below(256));
			any.setData(bytes);
			return Array.from(bytes);
		}
		case "Struct": {
			const node = type.struct!;
			if (depth > 3) return toJson(node, any.initStruct(node.dataWords, node.pointerCount, new vatlet.StructBuilder()));
			return fillRandom(
				node,
				any.initStruct(node.dataWords, node.pointerCount, new vatlet.StructBuilder()),
				random,
				depth + 1,
			);
		}
		default:
			return fillList(type.element!, any, random, depth + 1);
	}
}

function fillList(element: DynamicType, any: vatlet.AnyBuilder, random: Seeded, depth: number): unknown[] {
	const count = depth > 3 ? 0 : random.below(random.chance(5) ? 40 : 4);
	const json: unknown[] = [];
	if (element.kind === "Struct") {
		const node = element.struct!;
		const list = any.initStructList(count, node.dataWords, node.pointerCount, new vatlet.StructListBuilder());
		for (let i = 0; i < count; i++)
			json.push(fillRandom(node, list.edit(i, new vatlet.StructBuilder()), random, depth + 1));
	} else if (element.kind === "Text" || element.kind === "Data" || element.kind === "List") {
		const list = any.initList(count, new vatlet.AnyListBuilder());
		// A null element would read as an empty one, which JSON shows; so none is left out.
		for (let i = 0; i < count; i++)
			json.push(fillPointer(element, list.edit(i, new vatlet.AnyBuilder()), random, depth));
	} else fillPrimitives(element.kind, any, count, random, json);
	return json;
}

const LIST_BUILDERS = {
	Void: vatlet.VoidListBuilder,
	Bool: vatlet.BoolListBuilder,
	Int8: vatlet.Int8ListBuilder,
	UInt8: vatlet.Uint8ListBuilder,
	Int16: vatlet.Int16ListBuilder,
	UInt16: vatlet.Uint16ListBuilder,
	Enum: vatlet.EnumListBuilder,
	Int32: vatlet.Int32ListBuilder,
	UInt32: vatlet.Uint32ListBuilder,
	Int64: vatlet.Int64ListBuilder,
	UInt64: vatlet.Uint64ListBuilder,
	Float32: vatlet.Float32ListBuilder,
	Float64: vatlet.Float64ListBuilder,
};
const LIST_READERS = {
	Void: vatlet.VoidListReader,
	Bool: vatlet.BoolListReader,
	Int8: vatlet.Int8ListReader,
	UInt8: vatlet.Uint8ListReader,
	Int16: vatlet.Int16ListReader,
	UInt16: vatlet.Uint16ListReader,
	Enum: vatlet.EnumListReader,
	Int32: vatlet.Int32ListReader,
	UInt32: vatlet.Uint32ListReader,
	Int64: vatlet.Int64ListReader,
	UInt64: vatlet.Uint64ListReader,
	Float32: vatlet.Float32ListReader,
	Float64: vatlet.Float64ListReader,
};

function fillPrimitives(kind: string, any: vatlet.AnyBuilder, count: number, random: Seeded, json: unknown[]): void {
	const list: Loose = any.initList(count, new LIST_BUILDERS[kind as keyof typeof LIST_BUILDERS]());
	for (let i = 0; i < count; i++) {
		const bits = kind === "Void" ? 0n : randomBits(kind, random);
		if (kind === "Bool") list.set(i, bits === 1n);
		else if (kind === "Int64") list.setBig(i, BigInt.asIntN(64, bits));
		else if (kind === "UInt64") list.setBig(i, bits);
		else if (kind !== "Void") list.set(i, numberOf(kind, bits));
		json.push(primitiveJson(kind, bits));
	}
}

/** Reads every field that is active; the value as the capnp tool's JSON has it. */
export function toJson(node: DynamicNode, reader: vatlet.StructReader): Record<string, unknown> {
	const json: Record<string, unknown> = {};
	const which = node.discriminantOffset < 0 ? 0xffff : reader.uint16(node.discriminantOffset);
	for (const field of node.fields) {
		if (field.discriminant !== 0xffff && field.discriminant !== which) continue;
		if (field.group !== null) json[field.name] = toJson(field.group, reader);
		else if (["Text", "Data", "List", "Struct"].includes(field.type!.kind)) {
			if (field.discriminant !== 0xffff || !reader.absent(field.offset))
				json[field.name] = pointerJson(field.type!, reader.anyAt(field.offset, new vatlet.AnyReader()));
		} else json[field.name] = slotJson(field, reader);
	}
	return json;
}

function slotJson(field: DynamicField, reader: vatlet.StructReader): unknown {
	const offset = field.offset;
	const mask = field.mask;
	const masked = Number(BigInt.asIntN(32, mask));
	const high = Number(mask >> 32n);
	const kind = field.type!.kind;
	switch (kind) {
		case "Void":
			return null;
		case "Bool":
			return mask === 0n ? reader.bool(offset) : vatlet.boolXor(reader.at, offset);
		case "Int8":
			return mask === 0n ? reader.int8(offset) : vatlet.int8Xor(reader.at, offset, masked);
		case "UInt8":
			return mask === 0n ? reader.uint8(offset) : vatlet.uint8Xor(reader.at, offset, masked);
		case "Int16":
			return mask === 0n ? reader.int16(offset * 2) : vatlet.int16Xor(reader.at, offset * 2, masked);
		case "UInt16":
			return mask === 0n ? reader.uint16(offset * 2) : vatlet.uint16Xor(reader.at, offset * 2, masked);
		case "Enum":
			return COLORS[vatlet.uint16Xor(reader.at, offset * 2, masked)];
		case "Int32":
			return mask === 0n ? reader.int32(offset * 4) : vatlet.int32Xor(reader.at, offset * 4, masked);
		case "UInt32":
			return mask === 0n ? reader.uint32(offset * 4) : vatlet.uint32Xor(reader.at, offset * 4, masked);
		case "Float32":
			return mask === 0n
				? reader.float32(offset * 4)
				: vatlet.float32Xor(reader.at, offset * 4, masked, numberOf(kind, mask));
		case "Float64":
			return mask === 0n
				? reader.float64(offset * 8)
				: vatlet.float64Xor(reader.at, offset * 8, masked, high, numberOf(kind, mask));
		case "Int64":
			return (vatlet.bigInt64(reader.at, offset * 8) ^ BigInt.asIntN(64, mask)).toString();
		default:
			return (vatlet.bigUint64(reader.at, offset * 8) ^ mask).toString();
	}
}

function pointerJson(type: DynamicType, any: vatlet.AnyReader): unknown {
	switch (type.kind) {
		case "Text":
			return any.text();
		case "Data":
			return Array.from(any.readData(new vatlet.DataReader()).toBytes());
		case "Struct":
			return toJson(type.struct!, any.readStruct(new vatlet.StructReader()));
		default:
			return listJson(type.element!, any);
	}
}

function listJson(element: DynamicType, any: vatlet.AnyReader): unknown[] {
	const json: unknown[] = [];
	if (element.kind === "Struct") {
		const list = any.readList(new vatlet.StructListReader());
		for (let i = 0; i < list.length; i++) json.push(toJson(element.struct!, list.read(i, new vatlet.StructReader())));
	} else if (element.kind === "Text" || element.kind === "Data" || element.kind === "List") {
		const list = any.readList(new vatlet.AnyListReader());
		for (let i = 0; i < list.length; i++) json.push(pointerJson(element, list.read(i, new vatlet.AnyReader())));
	} else {
		const list: Loose = any.readList(new LIST_READERS[element.kind as keyof typeof LIST_READERS]());
		for (let i = 0; i < list.length; i++) {
			if (element.kind === "Void") json.push(null);
			else if (element.kind === "Int64" || element.kind === "UInt64") json.push(list.big(i).toString());
			else if (element.kind === "Enum") json.push(COLORS[list.get(i)]);
			else json.push(list.get(i));
		}
	}
	return json;
}
