import type { CapHook } from "../arena/cap-slots.js";
import type { Segment } from "../arena/segment.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Input } from "./remote-types.js";

/**
 * What the desktop side knows of a schema at run time: constants in generated files, each in an export of its own, so that
 * what nobody imports is not bundled. A device needs none of it.
 */

/** Turns capabilities in messages into objects for people. */
export interface CapabilitySource {
	/** An object of the interface for `hook`, with a reference of its own; null for null. `type` null: any interface. */
	capability(hook: CapHook | null, type: InterfaceType<unknown> | null): unknown;
}

/** Turns people's objects into capabilities in messages. */
export interface CapabilitySink {
	/** Borrowed, to be put into a message before anything else happens; null for null and undefined. Throws for what is no capability. */
	hook(capability: unknown, type: InterfaceType<unknown> | null): CapHook | null;
}

export type ScalarName =
	| "void"
	| "bool"
	| "int8"
	| "int16"
	| "int32"
	| "int64"
	| "uint8"
	| "uint16"
	| "uint32"
	| "uint64"
	| "float32"
	| "float64";

/** Types of other declarations stand behind functions, since declarations may refer to each other in circles. */
export type FieldType =
	| ScalarName
	| "text"
	| "data"
	| "any"
	| "anyStruct"
	| "anyList"
	| "capability"
	| { readonly list: FieldType }
	| { readonly enum: () => EnumType }
	| { readonly struct: () => StructType<unknown> }
	| { readonly group: () => StructType<unknown> }
	| { readonly interface: () => InterfaceType<unknown> };

/** An enum; its values are indexes into the names. */
export interface EnumType {
	readonly idHigh: number;
	readonly idLow: number;
	/** As in the schema, with its scopes: `Foo.Color`. */
	readonly name: string;
	readonly names: readonly string[];
	/** What they are called in JSON, where `$Json.name` says so of any. */
	readonly jsonNames?: readonly string[];
}

/** What the annotations of `compat/json.capnp` say of a field. */
export interface FieldJson {
	readonly name?: string;
	/** The fields of this struct stand in their parent's place, with that before their names. */
	readonly flatten?: string;
	/** Of Data: a string instead of an array. */
	readonly bytes?: "base64" | "hex";
}

/** What they say of a struct's union: the name under which JSON says which member is set, and that of its value. */
export interface UnionJson {
	readonly tag?: string;
	readonly value?: string;
}

export interface FieldInfo {
	readonly name: string;
	readonly type: FieldType;
	/** Bytes into the data section (bits for Bool), or index of the pointer; 0 for groups and Void. */
	readonly at: number;
	/** Of fields in a union: the value that says that this one is set. */
	readonly discriminant?: number;
	/** Of scalars (an enum's number) and Text; of other pointers, a message whose root it is. */
	readonly default?: number | bigint | boolean | string | Segment;
	readonly json?: FieldJson;
}

/** A pointer field through which calls can be pipelined. The types are asked for late: schemas may be circular. */
export interface PipelineField {
	readonly name: string;
	readonly pointerIndex: number;
	/** For a capability: its interface, or null where any will do. */
	readonly capability?: () => InterfaceType<unknown> | null;
	/** For a struct: what is inside. */
	readonly struct?: () => StructType<unknown>;
}

/** A struct with its plain-object form `T`. */
export interface StructType<T, R extends StructReader = StructReader, B extends StructBuilder = StructBuilder> {
	readonly idHigh: number;
	readonly idLow: number;
	/** As in the schema, with its scopes: `Foo.Bar`. */
	readonly name: string;
	readonly dataWords: number;
	readonly pointerCount: number;
	/** Byte offset of the union's discriminant; -1 without union. */
	readonly discriminantAt: number;
	readonly json?: UnionJson;
	/** What `bind` gave its type parameters, as text that is equal for equal types; undefined where it gave none. */
	readonly bound?: string;
	/** In source order. `types`: what the type parameters stand for; AnyPointer where nothing is given. */
	fields(...types: FieldType[]): readonly FieldInfo[];
	/** Capabilities and structs in it; groups are flattened, with their name as a struct of the same place (`pointerIndex` −1). */
	readonly pipeline: readonly PipelineField[];
	createReader(): R;
	createBuilder(): B;
	/**
	 * Text that is null is "", lists are [], null structs are absent (in a union: null). Without `caps` capabilities become null.
	 * Throws `Fault` on malformed data.
	 */
	toObject(reader: StructReader, caps?: CapabilitySource | null): T;
	/**
	 * Fills `builder`, new and empty. What `object` leaves out keeps its default. Without `caps` a capability is an error. Throws a
	 * TypeError that names the field where a value does not fit.
	 */
	fromObject(object: Input<T>, builder: StructBuilder, caps?: CapabilitySink | null): void;
}

export interface MethodType {
	readonly ordinal: number;
	/** As in the schema; the name of the method on both sides. */
	readonly name: string;
	// Params and results differ from method to method; whoever calls by name has the types.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	readonly params: StructType<any, any, any>;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	readonly results: StructType<any, any, any>;
	/** `-> stream`: results carry nothing, and calls wait for room. */
	readonly streaming: boolean;
	/** With what the caller binds the method's own type parameters to. */
	bind?(...types: FieldType[]): Pick<MethodType, "params" | "results">;
}

/** An interface; `Remote` is what `cap.as(type)` gives, `Local` what may implement it. */
export interface InterfaceType<Remote, Local = unknown> {
	readonly idHigh: number;
	readonly idLow: number;
	readonly name: string;
	/** As in structs: equal interfaces that are bound alike are the same interface. */
	readonly bound?: string;
	/** Late, since schemas may be circular. */
	superclasses(...types: FieldType[]): readonly InterfaceType<unknown>[];
	/** Its own, without those of its superclasses. */
	methods(...types: FieldType[]): readonly MethodType[];
	/** Only for the compiler: the two sides. Never there at run time. */
	readonly sides?: { readonly remote: Remote; readonly local: Local };
}
