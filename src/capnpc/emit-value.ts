import { constantMessage } from "./emit-constant.js";
import { hex, hexBigint, high, low, numberLiteral } from "./literal.js";
import type { Annotation, AnnotationNode, ConstNode, Node, Type, Value } from "./model.js";
import { enumOf, type Scope } from "./scope.js";
import { listView, structView } from "./views.js";

/** `const` declarations: numbers and strings as they are, what stands behind pointers as readers over words in the module. */
export function emitConst(scope: Scope, node: ConstNode): void {
	const { out } = scope;
	const name = scope.names.ofValue(node);
	out.gap();
	out.doc(node.doc);
	const { type } = node;
	const declare = (kind: string, value: string) =>
		out.line(`export const ${name}${kind === "" ? "" : `: ${kind}`} = ${value};`);
	switch (type.kind) {
		case "enum": {
			const kind = scope.type(enumOf(scope, type.id));
			return declare(kind, `${node.value.kind === "enum" ? node.value.value : 0} as ${kind}`);
		}
		case "struct": {
			const reader = structView(scope, type.id, type.brand, "Reader");
			return declare(
				reader,
				`/* @__PURE__ */ ${out.use("constantStruct")}(/* @__PURE__ */ new ${reader}(), ${constantMessage(scope, node.value)})`,
			);
		}
		case "list": {
			const reader = listView(scope, type.element, "Reader");
			return declare(
				reader,
				`/* @__PURE__ */ ${out.use("constantList")}(/* @__PURE__ */ new ${reader}(), ${constantMessage(scope, node.value)})`,
			);
		}
		default:
			return declare("", literal(scope, node.value));
	}
}

/** A value that needs no type to be written down: structs, lists and pointers as AnyReader. */
function literal(scope: Scope, value: Value): string {
	const { out } = scope;
	switch (value.kind) {
		case "void":
		case "interface":
			return "null";
		case "bool":
			return String(value.value);
		case "int64":
		case "uint64":
			return `/* @__PURE__ */ ${hexBigint(out, value.value)}`;
		case "text":
			return JSON.stringify(value.value);
		case "data": {
			const reader = out.use("DataReader");
			return `/* @__PURE__ */ ${out.use("constantData")}(/* @__PURE__ */ new ${reader}(), ${constantMessage(scope, value)})`;
		}
		case "list":
		case "struct":
		case "any":
			return `/* @__PURE__ */ ${out.use("constantAny")}(${constantMessage(scope, value)})`;
		default:
			return numberLiteral(out, value.value);
	}
}

/** An annotation's declaration, by which programs ask for its values. */
export function emitAnnotationType(scope: Scope, node: AnnotationNode): void {
	const { out } = scope;
	out.gap();
	out.doc(node.doc);
	const kind = `${out.useType("AnnotationType")}<${valueType(scope, node.type)}>`;
	const id = `idHigh: ${hex(high(node.id))}, idLow: ${hex(low(node.id))}`;
	out.line(
		`export const ${scope.names.ofValue(node)}: ${kind} = { ${id}, name: ${JSON.stringify(scope.names.path(node))} };`,
	);
}

function valueType(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "void":
		case "interface":
			return "null";
		case "bool":
			return "boolean";
		case "int64":
		case "uint64":
			return "bigint";
		case "text":
			return "string";
		case "data":
			return scope.out.use("DataReader");
		case "enum":
			return scope.type(enumOf(scope, type.id));
		case "list":
		case "struct":
		case "any":
		case "anyStruct":
		case "anyList":
		case "anyCapability":
		case "parameter":
		case "methodParameter":
			return scope.out.useType("AnyReader");
		default:
			return "number";
	}
}

/** What is annotated in a declaration; nothing where nothing is. */
export function emitAnnotations(scope: Scope, node: Node, name: string): void {
	const members = membersOf(node).filter((each) => each.annotations.length > 0);
	if (node.annotations.length === 0 && members.length === 0) return;
	const { out } = scope;
	out.gap();
	out.line(
		`export const ${name}: ${out.useType("Annotations")} = {`,
		`own: ${values(scope, node.annotations)},`,
		"members: {",
	);
	for (const member of members) out.line(`${member.name}: ${values(scope, member.annotations)},`);
	out.line("},", "};");
}

function membersOf(node: Node): readonly { readonly name: string; readonly annotations: readonly Annotation[] }[] {
	switch (node.kind) {
		case "struct":
			return node.fields;
		case "enum":
			return node.enumerants;
		case "interface":
			return node.methods;
		default:
			return [];
	}
}

function values(scope: Scope, annotations: readonly Annotation[]): string {
	if (annotations.length === 0) return "{}";
	const items = annotations.map(
		(each) => `${JSON.stringify(each.id.toString(16).padStart(16, "0"))}: ${literal(scope, each.value)}`,
	);
	return `{ ${items.join(", ")} }`;
}
