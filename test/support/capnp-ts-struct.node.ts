import { createRequire } from "node:module";
import { BITS, COLORS, type DynamicNode, type DynamicType, primitiveJson } from "./dynamic-struct.node.js";

// Structs of schemas that tests make up, read and built by capnp-ts; the value as the capnp tool's JSON has it.

// The oracle's own types are loose.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

const require = createRequire(import.meta.url);
const capnp: Loose = require("capnp-ts");
const pointers: Loose = require("capnp-ts/src/serialization/pointers/pointer.js");
const constants: Loose = require("capnp-ts/src/constants.js");
const { MultiSegmentArena }: Loose = require("capnp-ts/src/serialization/arena/multi-segment-arena.js");
const { Struct } = capnp;

const LISTS: Record<string, Loose> = {
	Void: capnp.VoidList,
	Bool: capnp.BoolList,
	Int8: capnp.Int8List,
	UInt8: capnp.Uint8List,
	Int16: capnp.Int16List,
	UInt16: capnp.Uint16List,
	Enum: capnp.Uint16List,
	Int32: capnp.Int32List,
	UInt32: capnp.Uint32List,
	Int64: capnp.Int64List,
	UInt64: capnp.Uint64List,
	Float32: capnp.Float32List,
	Float64: capnp.Float64List,
	Text: capnp.TextList,
	Data: capnp.DataList,
};

type Json = Record<string, unknown>;

/** capnp-ts on one schema. */
export class CapnpTs {
	readonly #classes = new Map<DynamicNode, Loose>();

	read(node: DynamicNode, bytes: Uint8Array, packed: boolean): Json {
		return this.#readStruct(node, new capnp.Message(bytes, packed).getRoot(this.#class(node)));
	}

	/** The frame, packed where asked for, built in segments of that size. */
	write(node: DynamicNode, json: Json, packed: boolean, segmentBytes: number): Uint8Array {
		const usual = constants.DEFAULT_BUFFER_SIZE;
		constants.DEFAULT_BUFFER_SIZE = segmentBytes;
		const message = new capnp.Message(new MultiSegmentArena());
		this.#writeStruct(node, message.initRoot(this.#class(node)), json);
		constants.DEFAULT_BUFFER_SIZE = usual;
		return new Uint8Array(packed ? message.toPackedArrayBuffer() : message.toArrayBuffer());
	}

	#class(node: DynamicNode): Loose {
		let made = this.#classes.get(node);
		if (made === undefined) {
			made = class extends Struct {};
			made._capnp = {
				displayName: node.name,
				id: "0",
				size: new capnp.ObjectSize(node.dataWords * 8, node.pointerCount),
			};
			this.#classes.set(node, made);
		}
		return made;
	}

	#listClass(element: DynamicType): Loose {
		if (element.kind === "Struct") return capnp.CompositeList(this.#class(element.struct!));
		return element.kind === "List" ? capnp.PointerList(this.#listClass(element.element!)) : LISTS[element.kind];
	}

	#readStruct(node: DynamicNode, struct: Loose): Json {
		const json: Json = {};
		const which = node.discriminantOffset < 0 ? 0xffff : Struct.getUint16(node.discriminantOffset, struct);
		for (const { name, discriminant, offset, type, group, mask } of node.fields) {
			if (discriminant !== 0xffff && discriminant !== which) continue;
			if (group !== null) json[name] = this.#readStruct(group, struct);
			else if (!isPointer(type!)) json[name] = primitiveJson(type!.kind, readBits(type!.kind, offset, struct) ^ mask);
			else if (discriminant !== 0xffff || !pointers.isNull(Struct.getPointer(offset, struct)))
				json[name] = this.#readPointer(type!, offset, struct);
		}
		return json;
	}

	#readPointer(type: DynamicType, index: number, struct: Loose): unknown {
		if (type.kind === "Text") return Struct.getText(index, struct);
		if (type.kind === "Data") return Array.from(Struct.getData(index, struct).toUint8Array());
		if (type.kind === "Struct")
			return this.#readStruct(type.struct!, Struct.getStruct(index, this.#class(type.struct!), struct));
		return this.#readList(type.element!, Struct.getList(index, this.#listClass(type.element!), struct));
	}

	#readList(element: DynamicType, list: Loose): unknown[] {
		const json: unknown[] = [];
		for (let i = 0; i < list.getLength(); i++) {
			if (element.kind === "Void") json.push(null);
			else if (element.kind === "Struct") json.push(this.#readStruct(element.struct!, list.get(i)));
			else if (element.kind === "List") json.push(this.#readList(element.element!, list.get(i)));
			else if (element.kind === "Data") json.push(Array.from(list.get(i).toUint8Array()));
			else if (element.kind === "Enum") json.push(COLORS[list.get(i)]);
			else json.push(element.kind.endsWith("Int64") ? String(list.get(i)) : list.get(i));
		}
		return json;
	}

	#writeStruct(node: DynamicNode, struct: Loose, json: Json): void {
		for (const { name, discriminant, offset, type, group, mask } of node.fields) {
			if (!(name in json)) continue;
			if (discriminant !== 0xffff) Struct.setUint16(node.discriminantOffset, discriminant, struct);
			const value = json[name];
			if (group !== null) this.#writeStruct(group, struct, value as Json);
			else if (isPointer(type!)) this.#writePointer(type!, offset, struct, value);
			else writeBits(type!.kind, offset, struct, bitsOf(type!.kind, value) ^ mask);
		}
	}

	#writePointer(type: DynamicType, index: number, struct: Loose, value: unknown): void {
		if (type.kind === "Text") Struct.setText(index, value, struct);
		else if (type.kind === "Data") {
			const bytes = Uint8Array.from(value as number[]);
			Struct.initData(index, bytes.length, struct).copyBuffer(bytes);
		} else if (type.kind === "Struct")
			this.#writeStruct(type.struct!, Struct.initStructAt(index, this.#class(type.struct!), struct), value as Json);
		else this.#writeList(type.element!, Struct.getPointer(index, struct), value as unknown[]);
	}

	#writeList(element: DynamicType, pointer: Loose, values: unknown[]): void {
		const listClass = this.#listClass(element);
		const { size, compositeSize } = listClass._capnp;
		capnp.List.initList(size, values.length, pointer, compositeSize);
		const list = new listClass(pointer.segment, pointer.byteOffset, pointer._capnp.depthLimit);
		values.forEach((value, i) => {
			if (element.kind === "Void") return;
			if (element.kind === "Struct") this.#writeStruct(element.struct!, list.get(i), value as Json);
			else if (element.kind === "List") this.#writeList(element.element!, list.get(i), value as unknown[]);
			else if (element.kind === "Data") {
				const bytes = Uint8Array.from(value as number[]);
				const data = list.get(i);
				capnp.List.initList(capnp.ListElementSize.BYTE, bytes.length, data);
				data.copyBuffer(bytes);
			} else if (element.kind === "Enum") list.set(i, COLORS.indexOf(value as string));
			else list.set(i, element.kind.endsWith("Int64") ? BigInt(value as string) : value);
		});
	}
}

function isPointer(type: DynamicType): boolean {
	return ["Text", "Data", "List", "Struct"].includes(type.kind);
}

function readBits(kind: string, offset: number, struct: Loose): bigint {
	switch (BITS[kind]) {
		case 1:
			return Struct.getBit(offset, struct) ? 1n : 0n;
		case 8:
			return BigInt(Struct.getUint8(offset, struct));
		case 16:
			return BigInt(Struct.getUint16(offset * 2, struct));
		case 32:
			return BigInt(Struct.getUint32(offset * 4, struct));
		case 64:
			return (BigInt(Struct.getUint32(offset * 8 + 4, struct)) << 32n) | BigInt(Struct.getUint32(offset * 8, struct));
		default:
			return 0n;
	}
}

function writeBits(kind: string, offset: number, struct: Loose, bits: bigint): void {
	const low = Number(bits & 0xffffffffn);
	switch (BITS[kind]) {
		case 1:
			return Struct.setBit(offset, low === 1, struct);
		case 8:
			return Struct.setUint8(offset, low, struct);
		case 16:
			return Struct.setUint16(offset * 2, low, struct);
		case 32:
			return Struct.setUint32(offset * 4, low, struct);
		case 64:
			Struct.setUint32(offset * 8, low, struct);
			return Struct.setUint32(offset * 8 + 4, Number(bits >> 32n), struct);
	}
}

function bitsOf(kind: string, value: unknown): bigint {
	const scratch = new DataView(new ArrayBuffer(8));
	if (kind === "Void") return 0n;
	if (kind === "Bool") return value === true ? 1n : 0n;
	if (kind === "Enum") return BigInt(COLORS.indexOf(value as string));
	if (kind === "Float32") scratch.setFloat32(4, value as number);
	else if (kind === "Float64") scratch.setFloat64(0, value as number);
	else return BigInt.asUintN(BITS[kind]!, BigInt(value as string | number));
	return scratch.getBigUint64(0);
}
