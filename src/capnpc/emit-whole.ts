import { accessorOf } from "./emit-scalar.js";
import { hex, isZero } from "./literal.js";
import type { SlotField, StructNode } from "./model.js";
import { capitalized, freeParameter } from "./names.js";
import { bitsOf, enumOf, type Scope } from "./scope.js";

/** More arguments than this nobody can tell apart. */
const FIELDS_MAX = 8;

/**
 * `setAll`: one call for a small struct of numbers, where a call per field would cost more than the fields do. Halves of words
 * are put together from what is in them, so that nothing has to be read first.
 */
export function emitSetAll(scope: Scope, node: StructNode): void {
	const fields = wholeFields(node);
	if (fields === null) return;
	const { out } = scope;
	const taken = new Set(["at", "view", "data"]);
	const names = new Map(fields.map((field) => [field, freeParameter(field.name, taken)]));
	const parameters = fields.map((field) => `${names.get(field)}: ${parameterType(scope, field)}`);
	out.gap();
	out.line(`/** Sets every field in one call; gaps between them become zero. */`);
	out.line(`setAll(${parameters.join(", ")}): void {`);
	out.line("const at = this.at;", "const view = at.view;", "const data = at.data;");
	const byHalf = new Map<number, SlotField[]>();
	for (const field of fields) {
		const half = (field.offset * bitsOf(field.type)) >> 5;
		byHalf.set(half, [...(byHalf.get(half) ?? []), field]);
	}
	for (const [half, inside] of [...byHalf].sort(([a], [b]) => a - b))
		out.line(setHalf(half * 4, inside, (field) => names.get(field)!));
	out.line("}");
}

/** The fields in their order; null where the struct is not made of a few numbers only. */
function wholeFields(node: StructNode): SlotField[] | null {
	if (node.isGroup || node.discriminantCount > 0 || node.pointerCount > 0) return null;
	const fields: SlotField[] = [];
	for (const field of node.fields) {
		if (field.kind !== "slot" || !isZero(field.defaultValue) || capitalized(field.name) === "All") return null;
		if (field.type.kind === "void") continue;
		if (field.type.kind === "int64" || field.type.kind === "uint64") return null;
		fields.push(field);
	}
	return fields.length > 1 && fields.length <= FIELDS_MAX ? fields : null;
}

function parameterType(scope: Scope, field: SlotField): string {
	if (field.type.kind === "bool") return "boolean";
	return field.type.kind === "enum" ? scope.type(enumOf(scope, field.type.id)) : "number";
}

/** The statement that writes the 32 bits at byte `offset`, or the 64 of a field that begins there. */
function setHalf(offset: number, fields: readonly SlotField[], name: (field: SlotField) => string): string {
	const at = offset === 0 ? "data" : `data + ${offset}`;
	const first = fields[0]!;
	if (bitsOf(first.type) >= 32) return `view.set${accessorOf(first.type.kind)}(${at}, ${name(first)}, true);`;
	const parts = fields.map((field) => {
		const bits = bitsOf(field.type);
		const shift = (field.offset * bits) & 31;
		if (bits === 1) return `${name(field)} ? ${hex((1 << shift) >>> 0)} : 0`;
		const masked = `${name(field)} & ${hex((1 << bits) - 1)}`;
		return shift === 0 ? masked : `(${masked}) << ${shift}`;
	});
	return `view.setInt32(${at}, ${parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(" | ")}, true);`;
}
