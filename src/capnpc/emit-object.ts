import { constantName } from "./emit-constant.js";
import { hex, hexBigint, high, isZero, low, numberLiteral } from "./literal.js";
import { enumJson, fieldJson, unionJson } from "./json-annotations.js";
import { implicitNames, offered, RESERVED_METHODS, type Offered } from "./methods.js";
import {
	anyValue,
	argumentList,
	bindings,
	namesOf,
	parametersOf,
	plainDeclaration,
	tableDeclaration,
} from "./generics.js";
import {
	type Brand,
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
	scope.within(parametersOf(scope, node), [], () => emitTable(scope, node, parent));
}

function emitTable(scope: Scope, node: StructNode, parent: Field | undefined): void {
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
	out.line(`fields: (${tableDeclaration(scope, namesOf(scope.parameters))}) => [`);
	for (const field of node.fields) out.line(`${fieldInfo(scope, node, field)},`);
	out.line("],", `createReader: () => new ${name}Reader(),`, `createBuilder: () => new ${name}Builder(),`, "});");
}

function fieldInfo(scope: Scope, node: StructNode, field: Field): string {
	const parts = [`name: ${JSON.stringify(field.name)}`];
	if (field.kind === "group")
		parts.push(`type: { group: () => ${ownTable(scope, scope.schema.struct(field.typeId))} }`, "at: 0");
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
	if (typeof value.value === "bigint") return hexBigint(scope.out, value.value);
	return typeof value.value === "number" ? numberLiteral(scope.out, value.value) : String(value.value as boolean);
}

function fieldType(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "list":
			return `{ list: ${fieldType(scope, type.element)} }`;
		case "enum":
			return `{ enum: () => ${scope.value(enumOf(scope, type.id), "Type")} }`;
		case "struct":
			return `{ struct: () => ${boundTable(scope, scope.schema.struct(type.id), type.brand)} }`;
		case "interface":
			return `{ interface: () => ${boundTable(scope, scope.schema.interface(type.id), type.brand)} }`;
		case "anyCapability":
			return '"capability"';
		case "parameter":
			return scope.parameterName(type.scopeId, type.index) || '"any"';
		case "methodParameter":
			return scope.implicit[type.index] ?? '"any"';
		default:
			return JSON.stringify(type.kind);
	}
}

/** `bind(Box, "text")`: a table with what a brand binds its parameters to; the table itself where it binds none. */
function boundTable(scope: Scope, node: StructNode | InterfaceNode, brand: Brand): string {
	return bound(scope, scope.value(node), namesOf(bindings(scope, node, brand, fieldType)));
}

function bound(scope: Scope, table: string, types: readonly string[]): string {
	if (types.every((each) => each === "" || each === '"any"')) return table;
	return `${scope.out.use("bind")}(${[table, ...types.map((each) => each || '"any"')].join(", ")})`;
}

/** `<string>`: the same of a plain type. */
function plainArguments(scope: Scope, node: StructNode | InterfaceNode, brand: Brand): string {
	return argumentList(namesOf(bindings(scope, node, brand, plainType)), () => anyValue(scope));
}

/** A group's type and table have the parameters of its struct as they are. */
function ownPlain(scope: Scope, group: StructNode): string {
	return scope.type(group) + argumentList(namesOf(parametersOf(scope, group)), () => anyValue(scope));
}

function ownTable(scope: Scope, group: StructNode): string {
	return bound(scope, scope.value(group), namesOf(parametersOf(scope, group)));
}

function emitPlain(scope: Scope, node: StructNode, name: string): void {
	const { out } = scope;
	const inUnion = node.fields.filter((field) => field.discriminant !== NO_DISCRIMINANT);
	const always = node.fields.filter((field) => field.discriminant === NO_DISCRIMINANT);
	out.gap();
	out.doc(node.doc);
	const declared = name + plainDeclaration(scope, namesOf(scope.parameters));
	if (inUnion.length === 0) {
		out.line(`export interface ${declared} {`);
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
		out.line(`export type ${declared} = {`);
		for (const field of always) emitProperty(scope, field);
		out.line("} & (");
		for (const member of members) out.line(`| ${member}`);
		out.line(");");
		return;
	}
	out.line(`export type ${declared} =`);
	members.forEach((member, i) => out.line(`\t| ${member}${i === members.length - 1 ? ";" : ""}`));
}

function unionType(scope: Scope, field: Field): string {
	if (field.kind === "group") return ownPlain(scope, scope.schema.struct(field.typeId));
	const plain = plainType(scope, field.type);
	return mayBeAbsent(field) ? `${plain} | null` : plain;
}

function emitProperty(scope: Scope, field: Field): void {
	scope.out.doc(field.doc);
	if (field.kind === "group")
		return scope.out.line(`${field.name}: ${ownPlain(scope, scope.schema.struct(field.typeId))};`);
	scope.out.line(`${field.name}${mayBeAbsent(field) ? "?" : ""}: ${plainType(scope, field.type)};`);
}

/** Whether null leaves nothing to show: structs and what may be one. */
function mayBeAbsent(field: SlotField): boolean {
	switch (field.type.kind) {
		case "struct":
		case "any":
		case "anyStruct":
		case "anyList":
		case "parameter":
		case "methodParameter":
			return isZero(field.defaultValue);
		default:
			return false;
	}
}

/** A type as plain objects have it. */
export function plainType(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "void":
			return "null";
		case "any":
		case "anyStruct":
		case "anyList":
			return anyValue(scope);
		case "parameter":
			return scope.parameterName(type.scopeId, type.index) || anyValue(scope);
		case "methodParameter":
			return scope.implicit[type.index] || anyValue(scope);
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
			return structType(scope, scope.schema.struct(type.id), type.brand);
		case "interface":
			return `${structType(scope, scope.schema.interface(type.id), type.brand)} | null`;
		case "anyCapability":
			return `${scope.out.useType("Capability")} | null`;
		default:
			return "number";
	}
}

function structType(scope: Scope, node: StructNode | InterfaceNode, brand: Brand): string {
	return scope.type(node) + plainArguments(scope, node, brand);
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
	scope.within(parametersOf(scope, node), [], () => {
		const own = offered(scope, node, RESERVED_METHODS).filter((each) => each.owner === node);
		emitRemote(scope, node, own);
		emitMethods(scope, node, own);
		emitInterfaceTable(scope, node, own);
	});
}

function emitInterfaceTable(scope: Scope, node: InterfaceNode, own: readonly Offered[]): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const supers = node.superclasses.map(({ id, brand }) => boundTable(scope, scope.schema.interface(id), brand));
	const types = tableDeclaration(scope, namesOf(scope.parameters));
	const methods = [...own].sort((a, b) => a.method.ordinal - b.method.ordinal).map((each) => methodTable(scope, each));
	out.gap();
	out.line(`export const ${name}: ${out.useType("InterfaceType")}<${name}, ${name}Methods> = {`);
	out.line(
		`idHigh: ${hex(high(node.id))},`,
		`idLow: ${hex(low(node.id))},`,
		`name: ${JSON.stringify(scope.names.path(node))},`,
	);
	out.line(
		`superclasses: (${needed(scope, types, supers)}) => [${supers.join(", ")}],`,
		`methods: (${needed(scope, types, methods)}) => [`,
		...methods.map((each) => `{ ${each} },`),
		"],",
		"};",
	);
}

/** A function's parameters, where what it gives names one of them. */
function needed(scope: Scope, types: string, texts: readonly string[]): string {
	return scope.parameters.some(({ name }) => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text))) ? types : "";
}

function methodTable(scope: Scope, offer: Offered): string {
	const parts = [`name: ${JSON.stringify(offer.name)}`, `ordinal: ${offer.method.ordinal}`];
	parts.push(...signature(scope, offer, []), `streaming: ${offer.streaming}`);
	// What the caller binds the method's own parameters to.
	const implicit = implicitNames(offer);
	if (implicit.length > 0) {
		const bound = signature(scope, offer, offer.implicit).join(", ");
		parts.push(`bind: (${tableDeclaration(scope, implicit)}) => ({ ${bound} })`);
	}
	return parts.join(", ");
}

function signature(
	scope: Scope,
	{ params, results, method, streaming }: Offered,
	implicit: readonly string[],
): string[] {
	return scope.within(scope.parameters, implicit, () => [
		`params: ${boundTable(scope, params, method.paramsBrand)}`,
		`results: ${streaming ? scope.out.use("StreamResult") : boundTable(scope, results, method.resultsBrand)}`,
	]);
}

function emitRemote(scope: Scope, node: InterfaceNode, own: readonly Offered[]): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const capability = out.useType("Capability");
	out.gap();
	out.doc(node.doc);
	const bases = node.superclasses.map(
		({ id, brand }) => `${out.useType("Inherited")}<${structType(scope, scope.schema.interface(id), brand)}>`,
	);
	const methods = `${name}Methods${argumentList(namesOf(scope.parameters), () => anyValue(scope))}`;
	out.line(
		`export interface ${name}${plainDeclaration(scope, namesOf(scope.parameters))} extends ${[`${capability}<${methods}>`, ...bases].join(", ")} {`,
	);
	for (const each of own) {
		scope.within(scope.parameters, each.implicit, () => {
			const params = structType(scope, each.params, each.method.paramsBrand);
			const optional = each.params.fields.length === 0 ? "?" : "";
			const results = each.streaming
				? `${out.global("Promise")}<void>`
				: `${out.useType("Answer")}<${structType(scope, each.results, each.method.resultsBrand)}>`;
			out.doc(each.method.doc);
			out.line(
				`${each.name}${plainDeclaration(scope, implicitNames(each))}(params${optional}: ${out.useType("Input")}<${params}>, options?: ${out.useType("CallOptions")}): ${results};`,
			);
		});
	}
	out.line("}");
}

function emitMethods(scope: Scope, node: InterfaceNode, own: readonly Offered[]): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const bases = node.superclasses.map(({ id, brand }) => {
		const base = scope.schema.interface(id);
		return scope.type(base, "Methods") + plainArguments(scope, base, brand);
	});
	out.gap();
	out.line(`/** What a server of \`${capitalized(name)}\` implements. */`);
	out.line(
		`export interface ${name}Methods${plainDeclaration(scope, namesOf(scope.parameters))}${bases.length > 0 ? ` extends ${bases.join(", ")}` : ""} {`,
	);
	for (const each of own) {
		const results = each.streaming
			? `void | ${out.global("Promise")}<void>`
			: `${out.useType("Result")}<${structType(scope, each.results, each.method.resultsBrand)}>`;
		const params = structType(scope, each.params, each.method.paramsBrand);
		out.line(`${each.name}(params: ${params}, context: ${out.useType("CallContext")}): ${results};`);
	}
	out.line("}");
}
