import { constantSegment, type Segment } from "../arena/segment.js";
import type { EnumType, FieldInfo, FieldType, InterfaceType, MethodType, StructType } from "../cap/descriptor.js";
import { StreamResult, structType } from "../cap/plain.js";
import type { Plain } from "../cap/to-object.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import { constantStruct } from "../layout/constant.js";
import { StructListReader } from "../layout/list-reader.js";
import { StructBuilder } from "../layout/struct-builder.js";
import { StructReader } from "../layout/struct-reader.js";
import { MessagePool } from "../message/message-pool.js";
import {
	type Brand,
	type Field,
	FieldReader,
	FieldSlotReader,
	type Method,
	Node,
	NodeReader,
	NodeStructReader,
	type Type,
	type Value,
	ValueReader,
} from "../gen/schema.capnp.js";

/** What a struct of a schema is when only the schema is there: fields by their names. */
export type Decoded = Plain;

/** What each type parameter in force stands for, by the id of its scope and its index. */
type Bindings = ReadonlyMap<string, FieldType>;

interface Entry {
	readonly node: Node;
	readonly reader: NodeReader;
}

/** The value of `discriminantValue` outside unions. */
const NO_DISCRIMINANT = 0xffff;
const STREAM_RESULT = 0x995f9a3377c0b16en;

/**
 * Types made of schema nodes at run time: what generated modules have, without them. For tools: a shell, an inspector, a logger
 * that shows any message.
 *
 * ```ts
 * import * as schema from "./telemetry.capnp.schema.js";
 * const types = new SchemaTypes(Object.values(schema));
 * const Batch = types.struct("Batch");
 * console.log(toJson(Batch, message.readRoot(Batch.createReader())));
 * ```
 *
 * A type that a schema imports is looked for among the nodes too: give those of every file.
 */
export class SchemaTypes {
	readonly #nodes = new Map<bigint, Entry>();
	readonly #unbound: Bindings = new Map();

	/** Messages whose roots are a `Node` of `schema.capnp` each, as `NAME.capnp.schema.ts` has them. */
	constructor(nodes: Iterable<Segment>) {
		for (const segment of nodes) {
			const reader = constantStruct(new NodeReader(), segment);
			const node = Node.toObject(reader);
			this.#nodes.set(node.id, { node, reader });
		}
		this.#adoptMethodStructs();
	}

	/** What there is, by name: `Foo.Bar`. */
	names(): string[] {
		return Array.from(this.#nodes.values(), ({ node }) => nameOf(node));
	}

	/** By name or id. Throws a RangeError where there is none. */
	struct(nameOrId: string | bigint): StructType<Decoded> {
		return this.#struct(this.#find(nameOrId, "struct").node.id, this.#unbound);
	}

	enum(nameOrId: string | bigint): EnumType {
		const { node } = this.#find(nameOrId, "enum");
		return { ...idOf(node), names: node.enum!.enumerants.map((each) => each.name) };
	}

	/** To call with: `vat.connect(uri, types.interface("Calculator"))`. */
	interface(nameOrId: string | bigint): InterfaceType<unknown> {
		return this.#interface(this.#find(nameOrId, "interface").node.id, this.#unbound);
	}

	#find(nameOrId: string | bigint, kind: "struct" | "enum" | "interface"): Entry {
		const found =
			typeof nameOrId === "bigint"
				? this.#entry(nameOrId)
				: Array.from(this.#nodes.values()).find(({ node }) => nameOf(node) === nameOrId);
		if (found?.node[kind] === undefined) {
			const there = Array.from(this.#nodes.values()).filter(({ node }) => node[kind] !== undefined);
			throw new RangeError(
				`no ${kind} ${nameOrId} here; there are ${there.map(({ node }) => nameOf(node)).join(", ")}`,
			);
		}
		return found;
	}

	#entry(id: bigint): Entry {
		const entry = this.#nodes.get(id);
		if (entry === undefined)
			throw new RangeError(
				`the schema of type @0x${id.toString(16)} is not here: add the nodes of the file that it is in`,
			);
		return entry;
	}

	/** Structs of a method's parentheses have no scope; they belong to the method's interface. */
	#adoptMethodStructs(): void {
		for (const { node } of Array.from(this.#nodes.values())) {
			for (const method of node.interface?.methods ?? []) {
				for (const id of [method.paramStructType, method.resultStructType]) {
					const struct = this.#nodes.get(id);
					if (struct?.node.scopeId === 0n)
						this.#nodes.set(id, { ...struct, node: { ...struct.node, scopeId: node.id } });
				}
			}
		}
	}

	#struct(id: bigint, bindings: Bindings): StructType<Decoded> {
		const { node, reader } = this.#entry(id);
		const struct = node.struct;
		if (struct === undefined) throw new RangeError(`${node.displayName} is not a struct`);
		return structType({
			...idOf(node),
			dataWords: struct.dataWordCount,
			pointerCount: struct.pointerCount,
			discriminantAt: struct.discriminantCount > 0 ? struct.discriminantOffset * 2 : -1,
			fields: () =>
				struct.fields
					.map((field, i) => ({ field, i }))
					.sort((a, b) => a.field.codeOrder - b.field.codeOrder)
					.map(({ field, i }) => this.#field(field, reader, i, bindings)),
			createReader: () => new StructReader(),
			createBuilder: () => new StructBuilder(),
		});
	}

	#field(field: Field, node: NodeReader, i: number, bindings: Bindings): FieldInfo {
		const discriminant = field.discriminantValue === NO_DISCRIMINANT ? {} : { discriminant: field.discriminantValue };
		const { name, slot, group } = field;
		// Nodes come from strangers, and `__proto__` as a key of a plain object would set its prototype.
		if (!/^[A-Za-z]\w*$/.test(name)) throw new Error(`a field's name is ${JSON.stringify(name)}`);
		if (slot === undefined) {
			const id = group!.typeId;
			return { name, type: { group: () => this.#struct(id, bindings) }, at: 0, ...discriminant };
		}
		const bits = bitsOf(slot.type!);
		const at = bits >= 8 ? (slot.offset * bits) / 8 : slot.offset;
		const value = slot.hadExplicitDefault ? defaultOf(slot.defaultValue!, node, i) : undefined;
		const info = { name, type: this.#type(slot.type!, bindings), at, ...discriminant };
		return value === undefined ? info : { ...info, default: value };
	}

	#type(type: Type, bindings: Bindings): FieldType {
		const kind = Object.keys(type)[0] as keyof Type;
		if (type.list !== undefined) return { list: this.#type(type.list.elementType!, bindings) };
		if (type.enum !== undefined) {
			const { typeId } = type.enum;
			return { enum: () => this.enum(typeId) };
		}
		if (type.struct !== undefined) {
			const { typeId, brand } = type.struct;
			return { struct: () => this.#struct(typeId, this.#bound(brand, bindings)) };
		}
		if (type.interface !== undefined) {
			const { typeId, brand } = type.interface;
			return { interface: () => this.#interface(typeId, this.#bound(brand, bindings)) };
		}
		if (type.anyPointer === undefined) return kind as FieldType;
		const { parameter, unconstrained } = type.anyPointer;
		if (parameter !== undefined) return bindings.get(`${parameter.scopeId}:${parameter.parameterIndex}`) ?? "any";
		if (unconstrained?.struct !== undefined) return "anyStruct";
		if (unconstrained?.list !== undefined) return "anyList";
		return unconstrained?.capability !== undefined ? "capability" : "any";
	}

	#bound(brand: Brand | undefined, outer: Bindings): Bindings {
		const bound = new Map<string, FieldType>();
		for (const { scopeId, bind } of brand?.scopes ?? []) {
			if (bind === undefined) {
				for (const [key, type] of outer) if (key.startsWith(`${scopeId}:`)) bound.set(key, type);
				continue;
			}
			bind.forEach(({ type }, i) => {
				if (type !== undefined && type !== null) bound.set(`${scopeId}:${i}`, this.#type(type, outer));
			});
		}
		return bound;
	}

	#interface(id: bigint, bindings: Bindings): InterfaceType<unknown> {
		const { node } = this.#entry(id);
		const found = node.interface;
		if (found === undefined) throw new RangeError(`${node.displayName} is not an interface`);
		return {
			...idOf(node),
			superclasses: () => found.superclasses.map((each) => this.#interface(each.id, this.#bound(each.brand, bindings))),
			methods: () => found.methods.map((method, ordinal) => this.#method(method, ordinal, bindings)),
		};
	}

	#method(method: Method, ordinal: number, bindings: Bindings): MethodType {
		const streaming = method.resultStructType === STREAM_RESULT;
		return {
			name: method.name,
			ordinal,
			params: this.#struct(method.paramStructType, this.#bound(method.paramBrand, bindings)),
			results: streaming
				? StreamResult
				: this.#struct(method.resultStructType, this.#bound(method.resultBrand, bindings)),
			streaming,
		};
	}
}

function nameOf(node: Node): string {
	return node.displayName.slice(node.displayName.lastIndexOf(":") + 1);
}

function idOf(node: Node): { idHigh: number; idLow: number; name: string } {
	return { idHigh: Number(node.id >> 32n), idLow: Number(node.id & 0xffffffffn), name: nameOf(node) };
}

function bitsOf(type: Type): number {
	if (type.bool !== undefined) return 1;
	if (type.enum !== undefined) return 16;
	const [, bits] = /^(?:u?int|float)(\d+)$/.exec(Object.keys(type)[0]!) ?? [];
	return Number(bits ?? 0);
}

/** A default as tables have it: of pointers a message whose root it is; undefined for what zeroes mean anyway. */
function defaultOf(value: Value, node: NodeReader, field: number): FieldInfo["default"] {
	const [kind, plain] = Object.entries(value)[0] as [string, unknown];
	switch (kind) {
		case "void":
		case "interface":
			return undefined;
		case "data":
		case "list":
		case "struct":
		case "anyPointer":
			return pointerDefault(kind, node, field);
		default:
			return plain as FieldInfo["default"];
	}
}

function pointerDefault(kind: string, node: NodeReader, field: number): Segment {
	const struct = node.readStruct(new NodeStructReader());
	const reader = struct.readFields(new StructListReader<FieldReader>()).read(field, new FieldReader());
	const value = reader.readSlot(new FieldSlotReader()).readDefaultValue(new ValueReader());
	const into = new AnyReader();
	if (kind === "data") value.anyAt(0, into);
	else if (kind === "list") value.readList(into);
	else if (kind === "struct") value.readStruct(into);
	else value.readAnyPointer(into);
	const message = new MessagePool().take()!;
	message.rootAny(new AnyBuilder()).copy(into);
	const bytes = message.toBytes();
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const halves: number[] = [];
	// Behind the frame's header of one segment.
	for (let at = 8; at < bytes.byteLength; at += 4) halves.push(view.getUint32(at, true));
	return constantSegment(halves);
}
