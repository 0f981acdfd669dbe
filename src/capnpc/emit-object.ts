import { constantName } from "./emit-constant.js";
import { hex, hexBigint, high, isZero, low, numberLiteral } from "./literal.js";
import { enumJson, fieldJson, unionJson } from "./json-annotations.js";
import { offered, RESERVED_METHODS, type Offered } from "./methods.js";
import {
	type EnumNode,
	type Field,
	type InterfaceNode,
	NO_DISCRIMINANT,
	type SlotField,
	type StructNode,
	type Type,
} from "./model.js";
import { capitalized } from "./names.js";
import { bitsOf, enumOf, isPointer, type Scope } from "./scope.js";

/** The desktop side: what a struct is as a plain object, and the table by which the runtime makes one. */
export function emitStructType(scope: Scope, node: StructNode, parent: Field | undefined): void {
	const { out } = scope;
	const name = scope.names.of(node);
	emitPlain(scope, node, name);
	out.gap();
	const generics = `${name}, ${name}Reader, ${name}Builder`;
	out.line(
		`export const ${name}: ${out.useType("StructType")}<${generics}> = /* @__PURE__ */ ${out.use("structType")}<${generics}>({`,
	);
	out.line(
		`idHigh: ${hex(high(node.id))},`,
		`idLow: ${hex(low(node.id))},`,
		`name: ${JSON.stringify(scope.names.path(node))},`,
	);
	out.line(
		`dataWords: ${node.dataWords},`,
		`pointerCount: ${node.pointerCount},`,
		`discriminantAt: ${node.discriminantCount > 0 ? node.discriminantOffset * 2 : -1},`,
	);
	const json = unionJson(node, parent);
	if (json !== "") out.line(`json: ${json},`);
	out.line("fields: () => [");
	for (const field of node.fields) out.line(`${fieldInfo(scope, node, field)},`);
	out.line("],", `createReader: () => new ${name}Reader(),`, `createBuilder: () => new ${name}Builder(),`, "});");
}

function fieldInfo(scope: Scope, node: StructNode, field: Field): string {
	const parts = [`name: ${JSON.stringify(field.name)}`];
	if (field.kind === "group")
		parts.push(`type: { group: () => ${scope.value(scope.schema.struct(field.typeId))} }`, "at: 0");
	else {
		const bits = bitsOf(field.type);
		parts.push(`type: ${fieldType(scope, field.type)}`, `at: ${bits >= 8 ? (field.offset * bits) / 8 : field.offset}`);
	}
	if (field.discriminant !== NO_DISCRIMINANT) parts.push(`discriminant: ${field.discriminant}`);
	if (field.kind === "slot" && !isZero(field.defaultValue)) parts.push(`default: ${defaultOf(scope, node, field)}`);
	const json = fieldJson(node, field);
	if (json !== "") parts.push(`json: ${json}`);
	return `{ ${parts.join(", ")} }`;
}

function defaultOf(scope: Scope, node: StructNode, field: SlotField): string {
	const value = field.defaultValue;
	if (value.kind === "text") return JSON.stringify(value.value);
	if (isPointer(field.type) || !("value" in value)) return constantName(scope, node, field);
	if (typeof value.value === "bigint") return hexBigint(value.value);
	return typeof value.value === "number" ? numberLiteral(value.value) : String(value.value as boolean);
}

function fieldType(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "list":
			return `{ list: ${fieldType(scope, type.element)} }`;
		case "enum":
			return `{ enum: () => ${scope.value(enumOf(scope, type.id), "Type")} }`;
		case "struct":
			return `{ struct: () => ${scope.value(scope.schema.struct(type.id))} }`;
		case "interface":
			return `{ interface: () => ${scope.value(scope.schema.interface(type.id))} }`;
		case "anyCapability":
			return '"capability"';
		case "parameter":
		case "methodParameter":
			return '"any"';
		default:
			return JSON.stringify(type.kind);
	}
}

function emitPlain(scope: Scope, node: StructNode, name: string): void {
	const { out } = scope;
	const inUnion = node.fields.filter((field) => field.discriminant !== NO_DISCRIMINANT);
	const always = node.fields.filter((field) => field.discriminant === NO_DISCRIMINANT);
	out.gap();
	out.doc(node.doc);
	if (inUnion.length === 0) {
		out.line(`export interface ${name} {`);
		for (const field of always) emitProperty(scope, field);
		out.line("}");
		return;
	}
	// One of the members is there, and that it is the only one is part of the type.
	const others = (field: Field) => inUnion.filter((each) => each !== field).map((each) => `${each.name}?: never`);
	const members = inUnion.map(
		(field) => `{ ${[`${field.name}: ${unionType(scope, field)}`, ...others(field)].join("; ")} }`,
	);
	if (always.length > 0) {
		out.line(`export type ${name} = {`);
		for (const field of always) emitProperty(scope, field);
		out.line("} & (");
		for (const member of members) out.line(`| ${member}`);
		out.line(");");
		return;
	}
	out.line(`export type ${name} =`);
	members.forEach((member, i) => out.line(`\t| ${member}${i === members.length - 1 ? ";" : ""}`));
}

function unionType(scope: Scope, field: Field): string {
	if (field.kind === "group") return scope.type(scope.schema.struct(field.typeId));
	const plain = plainType(scope, field.type);
	return field.type.kind === "struct" && isZero(field.defaultValue) ? `${plain} | null` : plain;
}

function emitProperty(scope: Scope, field: Field): void {
	scope.out.doc(field.doc);
	if (field.kind === "group") return scope.out.line(`${field.name}: ${scope.type(scope.schema.struct(field.typeId))};`);
	const plain = plainType(scope, field.type);
	const optional =
		(field.type.kind === "struct" && isZero(field.defaultValue)) || plain === "null"
			? field.type.kind !== "void"
			: false;
	scope.out.line(`${field.name}${optional ? "?" : ""}: ${plain};`);
}

/** A type as plain objects have it. Pointers of unknown type have no plain form. */
export function plainType(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "void":
		case "any":
		case "anyStruct":
		case "anyList":
		case "parameter":
		case "methodParameter":
			return "null";
		case "bool":
			return "boolean";
		case "text":
			return "string";
		case "data":
			return scope.out.global("Uint8Array");
		case "int64":
		case "uint64":
			return "bigint";
		case "list": {
			const element = plainType(scope, type.element);
			return element.includes(" ") ? `(${element})[]` : `${element}[]`;
		}
		case "enum":
			return scope.type(enumOf(scope, type.id), "Name");
		case "struct":
			return scope.type(scope.schema.struct(type.id));
		case "interface":
			return `${scope.type(scope.schema.interface(type.id))} | null`;
		case "anyCapability":
			return `${scope.out.useType("Capability")} | null`;
		default:
			return "number";
	}
}

/** An enum's values as plain objects name them, and the table of both. */
export function emitEnumNames(scope: Scope, node: EnumNode): void {
	const name = scope.names.of(node);
	scope.out.gap();
	scope.out.line(
		`export const ${name}Names = [${node.enumerants.map((each) => JSON.stringify(each.name)).join(", ")}] as const;`,
	);
	scope.out.line(`export type ${name}Name = (typeof ${name}Names)[number];`);
	const json = enumJson(node);
	scope.out.gap();
	scope.out.line(
		`export const ${name}Type: ${scope.out.useType("EnumType")} = {`,
		`idHigh: ${hex(high(node.id))},`,
		`idLow: ${hex(low(node.id))},`,
		`name: ${JSON.stringify(scope.names.path(node))},`,
		`names: ${name}Names,`,
	);
	if (json !== null) scope.out.line(`jsonNames: [${json.map((each) => JSON.stringify(each)).join(", ")}],`);
	scope.out.line("};");
}

/** The desktop side of an interface: the methods to call, the methods to implement, and the table of both. */
export function emitInterfaceType(scope: Scope, node: InterfaceNode): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const own = offered(scope, node, RESERVED_METHODS).filter((each) => each.owner === node);
	const supers = node.superclasses.map(({ id }) => scope.schema.interface(id));
	emitContract(scope, node, own, supers);
	out.gap();
	out.line(`export const ${name}: ${out.useType("InterfaceType")}<${name}, ${name}Methods> = {`);
	out.line(
		`idHigh: ${hex(high(node.id))},`,
		`idLow: ${hex(low(node.id))},`,
		`name: ${JSON.stringify(scope.names.path(node))},`,
	);
	out.line(`superclasses: () => [${supers.map((each) => scope.value(each)).join(", ")}],`, "methods: () => [");
	for (const each of [...own].sort((a, b) => a.method.ordinal - b.method.ordinal)) {
		const results = each.streaming ? out.use("StreamResult") : scope.value(each.results);
		out.line(
			`{ name: ${JSON.stringify(each.name)}, ordinal: ${each.method.ordinal}, params: ${scope.value(each.params)}, results: ${results}, streaming: ${each.streaming} },`,
		);
	}
	out.line("],", "};");
}

function emitContract(
	scope: Scope,
	node: InterfaceNode,
	own: readonly Offered[],
	supers: readonly InterfaceNode[],
): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const capability = out.useType("Capability");
	out.gap();
	out.doc(node.doc);
	// A base's marker is of its own methods: the interface replaces it by its own.
	const bases = supers.map((each) => `Omit<${scope.type(each)}, keyof ${capability}>`);
	out.line(`export interface ${name} extends ${[`${capability}<${name}Methods>`, ...bases].join(", ")} {`);
	for (const each of own) {
		const params = scope.type(each.params);
		const optional = each.params.fields.length === 0 ? "?" : "";
		const results = each.streaming
			? `${out.global("Promise")}<void>`
			: `${out.useType("Answer")}<${scope.type(each.results)}>`;
		out.doc(each.method.doc);
		out.line(
			`${each.name}(params${optional}: ${out.useType("Input")}<${params}>, options?: ${out.useType("CallOptions")}): ${results};`,
		);
	}
	out.line("}");
	out.gap();
	out.line(`/** What a server of \`${capitalized(name)}\` implements. */`);
	out.line(
		`export interface ${name}Methods${supers.length > 0 ? ` extends ${supers.map((each) => scope.type(each, "Methods")).join(", ")}` : ""} {`,
	);
	for (const each of own) {
		const results = each.streaming
			? `void | ${out.global("Promise")}<void>`
			: `${out.useType("Result")}<${scope.type(each.results)}>`;
		out.line(`${each.name}(params: ${scope.type(each.params)}, context: ${out.useType("CallContext")}): ${results};`);
	}
	out.line("}");
}
