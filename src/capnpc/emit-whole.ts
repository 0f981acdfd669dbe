import { accessorOf, scalarAt, scalarOf, scalarWithin } from "./emit-scalar.js";
import { hex, isZero } from "./literal.js";
import type { SlotField, StructNode, Type } from "./model.js";
import { capitalized, freeParameter, type Names } from "./names.js";
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
	const names = parameterNames(fields, ["at", "view", "data"]);
	out.gap();
	out.line(`/** Sets every field in one call; gaps between them become zero. */`);
	out.line(`setAll(${parameterList(scope, fields, names)}): void {`);
	out.line("const at = this.at;", "const view = at.view;", "const data = at.data;");
	setHalves(scope, fields, names);
	out.line("}");
}

/** Whether `emitWholeLists` writes lists of it: not of what only a method passes. */
export function hasWholeLists(node: StructNode): boolean {
	return !node.shortName.includes("$") && wholeFields(node) !== null;
}

/** Their names, which make way for declarations of the schema. */
export function wholeListNames(names: Names, node: StructNode): [reader: string, builder: string, record: string] {
	return [names.beside(node, "List") + "Reader", names.beside(node, "List") + "Builder", names.beside(node, "Record")];
}

/**
 * Lists of such structs, read and written by index, element by element in one call each, without a view in between: on V8 an
 * element view is looked up again after every store, on XS every call counts.
 */
export function emitWholeLists(scope: Scope, node: StructNode): void {
	if (!hasWholeLists(node)) return;
	const fields = wholeFields(node)!;
	const [reader, builder, record] = wholeListNames(scope.names, node);
	const name = scope.names.of(node);
	const { out } = scope;
	const halves = fieldsByHalf(fields);
	const last = halves.at(-1)!;
	// Whole halves are looked at: shorter elements, which were numbers once, are read like those of an older schema.
	const end = last.offset + (bitsOf(last.fields[0]!.type) === 64 ? 8 : 4);
	const locate = ["const view = at.view;", "const data = at.data + i * at.step;"];
	out.gap();
	out.line(`export class ${reader} extends ${out.use("StructListReader")}<${name}Reader> {`);
	out.line(
		"/** Copies every field of element `i` into `into`; throws a RangeError outside the list. */",
		`get<Into extends ${record}>(i: number, into: Into): Into {`,
		"const at = this.at;",
		`if (i >>> 0 >= at.length) ${out.use("outOfRange")}(i, at.length);`,
		`if (at.dataBytes < ${end}) return this.getOlder(i, into);`,
		...locate,
		...halves.flatMap((half) => getHalf(scope, half)),
		"return into;",
		"}",
		"",
		"/** What an older schema did not have is zero. */",
		`private getOlder<Into extends ${record}>(i: number, into: Into): Into {`,
		"const at = this.at;",
		...locate,
		"const bytes = at.dataBytes;",
		...fields.map((field) => `into.${memberName(field)} = ${scalarWithin(scope, field)};`),
		"return into;",
		"}",
		"}",
	);
	const names = parameterNames(fields, ["i", "at", "view", "data"]);
	out.gap();
	out.line(`export class ${builder} extends ${out.use("StructListBuilder")}<${name}Builder> {`);
	out.line(
		"/** Sets every field of element `i`; gaps between them become zero. Throws a RangeError outside the list. */",
		`set(i: number, ${parameterList(scope, fields, names)}): void {`,
		"const at = this.at;",
		`if (i >>> 0 >= at.length) ${out.use("outOfRange")}(i, at.length);`,
		...locate,
	);
	setHalves(scope, fields, names);
	out.line("}", "}");
	out.gap();
	out.line(`/** What \`${reader}.get\` copies an element into. */`, `export class ${record} {`);
	for (const field of fields) out.line(`${memberName(field)}${initial(scope, field.type)};`);
	out.line("}");
}

/** A class cannot have a field called so. */
function memberName({ name }: SlotField): string {
	return name === "constructor" ? "constructor_" : name;
}

function initial(scope: Scope, type: Type): string {
	if (type.kind === "bool") return " = false";
	return type.kind === "enum" ? ` = 0 as ${scope.type(enumOf(scope, type.id))}` : " = 0";
}

type ParameterNames = ReadonlyMap<SlotField, string>;

function parameterNames(fields: readonly SlotField[], locals: readonly string[]): ParameterNames {
	const taken = new Set(locals);
	return new Map(fields.map((field) => [field, freeParameter(field.name, taken)]));
}

function parameterList(scope: Scope, fields: readonly SlotField[], names: ParameterNames): string {
	return fields.map((field) => `${names.get(field)}: ${parameterType(scope, field)}`).join(", ");
}

/** What is in 32 bits from byte `offset` on, or one field of 64. */
interface Half {
	readonly offset: number;
	readonly fields: readonly SlotField[];
}

/** In ascending order. */
function fieldsByHalf(fields: readonly SlotField[]): Half[] {
	const byHalf = new Map<number, SlotField[]>();
	for (const field of fields) {
		const offset = ((field.offset * bitsOf(field.type)) >> 5) * 4;
		byHalf.set(offset, [...(byHalf.get(offset) ?? []), field]);
	}
	return [...byHalf].sort(([a], [b]) => a - b).map(([offset, inside]) => ({ offset, fields: inside }));
}

/** Writes the parameters at `data` of `view`. */
function setHalves({ out }: Scope, fields: readonly SlotField[], names: ParameterNames): void {
	for (const half of fieldsByHalf(fields)) out.line(setHalf(half, (field) => names.get(field)!));
}

/** The statements that take one half from `data` of `view`: fields that share it cost one look at the bytes together. */
function getHalf(scope: Scope, { offset, fields }: Half): string[] {
	if (fields.length === 1) return [`into.${memberName(fields[0]!)} = ${scalarAt(scope, fields[0]!)};`];
	const half = `half${offset}`;
	return [
		`const ${half} = view.getInt32(${offset === 0 ? "data" : `data + ${offset}`}, true);`,
		...fields.map((field) => `into.${memberName(field)} = ${scalarOf(scope, field, half)};`),
	];
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

/** The statement that writes one half. */
function setHalf({ offset, fields }: Half, name: (field: SlotField) => string): string {
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
