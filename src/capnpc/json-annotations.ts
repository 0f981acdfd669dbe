import { StructReader } from "../layout/struct-reader.js";
import { readMessage } from "../message/flat.js";
import { type Annotation, type EnumNode, type Field, SchemaError, type StructNode } from "./model.js";

/** The annotations of `compat/json.capnp` that change how `capnp convert` writes JSON, and so how we do. */
const NAME = 0xfa5b1fd61c2e7c3dn;
const FLATTEN = 0x82d3e852af0336bfn;
const DISCRIMINATOR = 0xcfa794e8d19a0162n;
const BASE64 = 0xd7d879450a253e4bn;
const HEX = 0xf061e22f0ae5c7b5n;

/** `{ name: "some_field" }`: the `json` of a field's table entry; "" where nothing is annotated. */
export function fieldJson(node: StructNode, field: Field): string {
	const parts: string[] = [];
	const name = find(field, NAME);
	if (name?.value.kind === "text") parts.push(`name: ${JSON.stringify(name.value.value)}`);
	const flatten = find(field, FLATTEN);
	if (flatten !== undefined) {
		if (field.kind !== "group" && field.type.kind !== "struct")
			refuse(node, field, "flatten", "structs, groups and unions");
		parts.push(`flatten: ${JSON.stringify(option(flatten, 0) ?? "")}`);
	}
	for (const [id, form] of [
		[BASE64, "base64"],
		[HEX, "hex"],
	] as const) {
		if (find(field, id) === undefined) continue;
		if (field.kind !== "slot" || field.type.kind !== "data") refuse(node, field, form, "Data");
		parts.push(`bytes: "${form}"`);
	}
	return parts.length === 0 ? "" : `{ ${parts.join(", ")} }`;
}

/**
 * `{ tag: "kind", value: "value" }`: how JSON says which member of a struct's union is set. A named union is annotated at
 * the field that it is (`parent`), an unnamed one at its struct; only a flattened one has a name of its own to fall back to.
 */
export function unionJson(node: StructNode, parent: Field | undefined): string {
	const annotation = find(parent ?? node, DISCRIMINATOR);
	if (annotation === undefined || node.discriminantCount === 0) return "";
	const flattened = parent !== undefined && find(parent, FLATTEN) !== undefined;
	const tag = option(annotation, 0) ?? (flattened ? parent.name : null);
	const value = option(annotation, 1);
	const parts: string[] = [];
	if (tag !== null) parts.push(`tag: ${JSON.stringify(tag)}`);
	if (value !== null) parts.push(`value: ${JSON.stringify(value)}`);
	return parts.length === 0 ? "" : `{ ${parts.join(", ")} }`;
}

/** The JSON names of an enum's values; null where they are those of the schema. */
export function enumJson(node: EnumNode): readonly string[] | null {
	const names = node.enumerants.map((each) => {
		const annotation = find(each, NAME);
		return annotation?.value.kind === "text" ? annotation.value.value : each.name;
	});
	return node.enumerants.some((each, i) => each.name !== names[i]) ? names : null;
}

function find(of: { readonly annotations: readonly Annotation[] }, id: bigint): Annotation | undefined {
	return of.annotations.find((each) => each.id === id);
}

function refuse(node: StructNode, field: Field, annotation: string, only: string): never {
	throw new SchemaError(`${node.displayName}.${field.name}: $Json.${annotation} is for ${only} only`);
}

/** A Text of an annotation's struct; null where it is not set. */
function option(annotation: Annotation, index: number): string | null {
	const { value } = annotation;
	if (value.kind !== "struct" || value.halves.length === 0) return null;
	const bytes = Buffer.alloc(8 + value.halves.length * 4);
	bytes.writeUInt32LE(value.halves.length / 2, 4);
	value.halves.forEach((half, i) => bytes.writeUInt32LE(half >>> 0, 8 + i * 4));
	const options = readMessage(bytes).readRoot(new StructReader());
	return options.absent(index) ? null : options.text(index);
}
