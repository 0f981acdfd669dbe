/**
 * A parsed schema, as plain objects: what the emitters work on. Field for field the facts of `schema.capnp`, with every
 * position already in bytes (bits for Bool) and every id a bigint.
 */

export type ScalarKind = "void" | "bool" | IntegerKind | "float32" | "float64";
export type IntegerKind = "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";
export type AnyKindName = "any" | "anyStruct" | "anyList" | "anyCapability";

export type Type =
	| { readonly kind: ScalarKind | "text" | "data" | AnyKindName }
	| { readonly kind: "list"; readonly element: Type }
	| { readonly kind: "enum" | "struct" | "interface"; readonly id: bigint; readonly brand: Brand }
	| { readonly kind: "parameter"; readonly scopeId: bigint; readonly index: number }
	| { readonly kind: "methodParameter"; readonly index: number };

/** What is bound to the type parameters of each scope; a scope that is absent is unbound. */
export type Brand = readonly BrandScope[];
export interface BrandScope {
	readonly scopeId: bigint;
	/** Null: the parameters of the scope in which the brand stands. A null binding is AnyPointer. */
	readonly bindings: readonly (Type | null)[] | null;
}

/**
 * A constant, default or annotation value. Structs, lists and AnyPointers are whole one-segment messages as u32 halves, low
 * half first; no halves at all is a null pointer.
 */
export type Value =
	| { readonly kind: "void" | "interface" }
	| { readonly kind: "bool"; readonly value: boolean }
	| {
			readonly kind: "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32" | "float32" | "float64" | "enum";
			readonly value: number;
	  }
	| { readonly kind: "int64" | "uint64"; readonly value: bigint }
	| { readonly kind: "text"; readonly value: string }
	| { readonly kind: "data"; readonly value: Uint8Array }
	| { readonly kind: "list" | "struct" | "any"; readonly halves: readonly number[] };

export interface Annotation {
	readonly id: bigint;
	readonly value: Value;
}

/** Value of `discriminant` for fields outside unions. */
export const NO_DISCRIMINANT = 0xffff;

interface Member {
	readonly name: string;
	/** Position in the source, by which the output is ordered. */
	readonly codeOrder: number;
	readonly annotations: readonly Annotation[];
	readonly doc: string;
}

export interface SlotField extends Member {
	readonly kind: "slot";
	readonly discriminant: number;
	/** In units of the type's own size; an index for pointers. */
	readonly offset: number;
	readonly type: Type;
	readonly defaultValue: Value;
}

export interface GroupField extends Member {
	readonly kind: "group";
	readonly discriminant: number;
	readonly typeId: bigint;
}

export type Field = SlotField | GroupField;
export type Enumerant = Member;

export interface Method extends Member {
	readonly ordinal: number;
	readonly implicitParameters: readonly string[];
	readonly paramsId: bigint;
	readonly paramsBrand: Brand;
	readonly resultsId: bigint;
	readonly resultsBrand: Brand;
}

interface NodeBase {
	readonly id: bigint;
	readonly displayName: string;
	readonly shortName: string;
	readonly scopeId: bigint;
	readonly parameters: readonly string[];
	readonly isGeneric: boolean;
	readonly nested: readonly { readonly name: string; readonly id: bigint }[];
	readonly annotations: readonly Annotation[];
	readonly doc: string;
	/** The node itself as a message (root: `Node` of schema.capnp), for tools; empty unless asked for. */
	readonly encoded: () => readonly number[];
}

export interface FileNode extends NodeBase {
	readonly kind: "file";
}

export interface StructNode extends NodeBase {
	readonly kind: "struct";
	readonly dataWords: number;
	readonly pointerCount: number;
	readonly isGroup: boolean;
	readonly discriminantCount: number;
	/** In 16-bit units. */
	readonly discriminantOffset: number;
	/** In source order. */
	readonly fields: readonly Field[];
}

export interface EnumNode extends NodeBase {
	readonly kind: "enum";
	/** By value. */
	readonly enumerants: readonly Enumerant[];
}

export interface InterfaceNode extends NodeBase {
	readonly kind: "interface";
	/** By ordinal. */
	readonly methods: readonly Method[];
	readonly superclasses: readonly { readonly id: bigint; readonly brand: Brand }[];
}

export interface ConstNode extends NodeBase {
	readonly kind: "const";
	readonly type: Type;
	readonly value: Value;
}

export interface AnnotationNode extends NodeBase {
	readonly kind: "annotation";
	readonly type: Type;
}

export type Node = FileNode | StructNode | EnumNode | InterfaceNode | ConstNode | AnnotationNode;

export interface RequestedFile {
	readonly id: bigint;
	/** As the tool names it: relative to its source prefix. */
	readonly filename: string;
	readonly imports: readonly { readonly id: bigint; readonly name: string }[];
}

export class Schema {
	readonly files: readonly RequestedFile[];
	readonly nodes: ReadonlyMap<bigint, Node>;

	constructor(files: readonly RequestedFile[], nodes: ReadonlyMap<bigint, Node>) {
		this.files = files;
		this.nodes = nodes;
	}

	/** Throws where the request refers to a node that it does not carry. */
	node(id: bigint): Node {
		const node = this.nodes.get(id);
		if (node === undefined)
			throw new SchemaError(`the request refers to node @0x${id.toString(16)} and does not carry it`);
		return node;
	}

	struct(id: bigint): StructNode {
		return this.#of(id, "struct") as StructNode;
	}

	interface(id: bigint): InterfaceNode {
		return this.#of(id, "interface") as InterfaceNode;
	}

	/** The field that a group is; undefined for structs that are none. */
	groupField(node: StructNode): Field | undefined {
		if (!node.isGroup) return undefined;
		return this.struct(node.scopeId).fields.find((field) => field.kind === "group" && field.typeId === node.id);
	}

	#of(id: bigint, kind: Node["kind"]): Node {
		const node = this.node(id);
		if (node.kind !== kind)
			throw new SchemaError(`${node.displayName} is of kind ${node.kind} where ${kind} is needed`);
		return node;
	}

	/** The file in which a node stands. The structs that a method's parentheses make have their interface as scope. */
	fileOf(node: Node): bigint {
		let at = node;
		while (at.kind !== "file") at = this.node(at.scopeId);
		return at.id;
	}
}

/** A request that cannot be compiled; the message is for the user. */
export class SchemaError extends Error {}
