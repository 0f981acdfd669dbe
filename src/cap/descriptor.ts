import type { CapHook } from "../arena/cap-slots.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";

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
	/** As the schema tool displays it: `thermostat.capnp:Batch`. */
	readonly name: string;
	readonly dataWords: number;
	readonly pointerCount: number;
	/** Capabilities and structs in it; groups are flattened, with their name as a struct of the same place (`pointerIndex` −1). */
	readonly pipeline: readonly PipelineField[];
	createReader(): R;
	createBuilder(): B;
	/** `caps` null: capabilities become null. Throws `Fault` on malformed data. */
	toObject(reader: R, caps: CapabilitySource | null): T;
	/** Fills `builder`, new and empty. What `object` leaves out keeps its default. `caps` null: a capability is an error. */
	fromObject(object: T, builder: B, caps: CapabilitySink | null): void;
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
}

/** An interface; `Remote` is what `cap.as(type)` gives, `Local` what may implement it. */
export interface InterfaceType<Remote, Local = unknown> {
	readonly idHigh: number;
	readonly idLow: number;
	readonly name: string;
	/** Late, since schemas may be circular. */
	superclasses(): readonly InterfaceType<unknown>[];
	/** Its own, without those of its superclasses. */
	methods(): readonly MethodType[];
	/** Only for the compiler: the two sides. Never there at run time. */
	readonly sides?: { readonly remote: Remote; readonly local: Local };
}
