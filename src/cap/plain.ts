import { StructBuilder } from "../layout/struct-builder.js";
import { StructReader } from "../layout/struct-reader.js";
import type { FieldInfo, FieldType, InterfaceType, PipelineField, StructType } from "./descriptor.js";
import { fromObject } from "./from-object.js";
import { type Plain, toObject } from "./to-object.js";

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

/**
 * A generic struct or interface with what its type parameters stand for: `bind<Box<string>>(Box, "text")`. The views of a
 * bound struct are those of the struct.
 */
export function bind<T>(type: StructType<unknown>, ...types: FieldType[]): StructType<T>;
export function bind<Remote>(type: InterfaceType<unknown>, ...types: FieldType[]): InterfaceType<Remote>;
export function bind(
	type: StructType<unknown> | InterfaceType<unknown>,
	...types: FieldType[]
): StructType<unknown> | InterfaceType<unknown> {
	const bound = types.map(keyOf).join();
	if ("fields" in type) return structType({ ...type, bound, fields: () => type.fields(...types) });
	return {
		...type,
		bound,
		superclasses: () => type.superclasses(...types),
		methods: () => type.methods(...types),
	};
}

/** Text that is equal for equal types. */
function keyOf(type: FieldType): string {
	if (typeof type === "string") return type;
	if ("list" in type) return `list(${keyOf(type.list)})`;
	if ("enum" in type) return idKey(type.enum());
	return idKey("struct" in type ? type.struct() : "group" in type ? type.group() : type.interface());
}

function idKey(type: { readonly idHigh: number; readonly idLow: number; readonly bound?: string }): string {
	return `${type.idHigh}:${type.idLow}(${type.bound ?? ""})`;
}

/** What an interface is known by in a Map: itself, or, of one that `bind` made anew, what it is bound to. */
export type InterfaceKey = InterfaceType<unknown> | string;

export function interfaceKey(type: InterfaceType<unknown>): InterfaceKey {
	return type.bound === undefined ? type : idKey(type);
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
