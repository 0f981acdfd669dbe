import type { Brand, Method, Node, Type } from "./model.js";
import type { Parameter, Scope } from "./scope.js";

/**
 * Type parameters of the schema. One name stands for a parameter in every class, type and table: for a reader in views, for a
 * plain type in plain objects, for a `FieldType` in tables.
 */

/**
 * The parameters that a declaration makes use of, its own and those of the scopes around it, outermost first: what it does not
 * use is not among the parameters of its classes. A name that is there already gets a `_`.
 */
export function parametersOf(scope: Scope, node: Node): readonly Parameter[] {
	if (!node.isGeneric) return [];
	let found = scope.known.get(node.id);
	if (found === undefined) {
		// Until it is known, all: a declaration that leads back to itself uses what it passes on.
		const declared = declaredParameters(scope, node);
		scope.known.set(node.id, declared);
		found = declared.filter((each) => usesParameter(scope, node, each));
		scope.known.set(node.id, found);
	}
	return found;
}

function declaredParameters(scope: Scope, node: Node): readonly Parameter[] {
	const chain: Node[] = [];
	for (let at = node; at.kind !== "file"; at = scope.schema.node(at.scopeId)) chain.unshift(at);
	const found: Parameter[] = [];
	for (const each of chain)
		each.parameters.forEach((parameter, index) => {
			found.push({ scopeId: each.id, index, name: freeName(scope, parameter, found) });
		});
	return found;
}

/** Whether a type is the parameter that is looked for. */
type Wanted = (type: Type) => boolean;

function usesParameter(scope: Scope, node: Node, { scopeId, index }: Parameter): boolean {
	const wanted: Wanted = (type) => type.kind === "parameter" && type.scopeId === scopeId && type.index === index;
	if (node.kind === "struct") {
		return node.fields.some((field) => {
			if (field.kind === "slot") return typeUses(scope, field.type, wanted);
			const group = parametersOf(scope, scope.schema.struct(field.typeId));
			return group.some((each) => each.scopeId === scopeId && each.index === index);
		});
	}
	if (node.kind !== "interface") return false;
	return (
		node.superclasses.some(({ id, brand }) => brandUses(scope, scope.schema.interface(id), brand, wanted)) ||
		node.methods.some((method) => methodUses(scope, method, wanted))
	);
}

function methodUses(scope: Scope, method: Method, wanted: Wanted): boolean {
	const { schema } = scope;
	return (
		brandUses(scope, schema.struct(method.paramsId), method.paramsBrand, wanted) ||
		brandUses(scope, schema.struct(method.resultsId), method.resultsBrand, wanted)
	);
}

function typeUses(scope: Scope, type: Type, wanted: Wanted): boolean {
	switch (type.kind) {
		case "list":
			return typeUses(scope, type.element, wanted);
		case "struct":
		case "interface":
			return brandUses(scope, scope.schema.node(type.id), type.brand, wanted);
		default:
			return wanted(type);
	}
}

function brandUses(scope: Scope, node: Node, brand: Brand, wanted: Wanted): boolean {
	return parametersOf(scope, node).some(({ scopeId, index }) => {
		const bound = brand.find((each) => each.scopeId === scopeId);
		if (bound === undefined) return false;
		if (bound.bindings === null) return wanted({ kind: "parameter", scopeId, index });
		const type = bound.bindings[index] ?? null;
		return type !== null && typeUses(scope, type, wanted);
	});
}

/** What a method's own parameters are called beside those of its interface; "" for one that it does not use. */
export function implicitOf(scope: Scope, method: Method, others: readonly Parameter[]): readonly string[] {
	const found: Parameter[] = [...others];
	return method.implicitParameters.map((name, index) => {
		if (!methodUses(scope, method, (type) => type.kind === "methodParameter" && type.index === index)) return "";
		const free = freeName(scope, name, found);
		found.push({ scopeId: 0n, index, name: free });
		return free;
	});
}

function freeName(scope: Scope, name: string, taken: readonly Parameter[]): string {
	while (taken.some((other) => other.name === name) || scope.out.declares(name)) name += "_";
	return name;
}

/** `<T extends View = AnyReader>`: how a class of views declares its parameters. */
export function declaration(scope: Scope, names: readonly string[]): string {
	if (names.length === 0) return "";
	const view = scope.out.useType("View");
	const any = scope.out.useType("AnyReader");
	return `<${names.map((name) => `${name} extends ${view} = ${any}`).join(", ")}>`;
}

/** `<T = AnyValue>`: how a plain type declares them. */
export function plainDeclaration(scope: Scope, names: readonly string[]): string {
	return names.length === 0 ? "" : `<${names.map((name) => `${name} = ${anyValue(scope)}`).join(", ")}>`;
}

/** What plain objects have for a pointer of unknown type. */
export function anyValue(scope: Scope): string {
	return scope.out.useType("AnyValue");
}

/** `T: FieldType = "any"`: how a table's functions do. */
export function tableDeclaration(scope: Scope, names: readonly string[]): string {
	return names.map((name) => `${name}: ${scope.out.useType("FieldType")} = "any"`).join(", ");
}

export function namesOf(parameters: readonly Parameter[]): readonly string[] {
	return parameters.map((each) => each.name);
}

/** The parameters of `node` with what a brand binds them to, as `render` writes types. */
export function bindings(
	scope: Scope,
	node: Node,
	brand: Brand,
	render: (scope: Scope, type: Type) => string,
): readonly Parameter[] {
	return parametersOf(scope, node).map(({ scopeId, index }) => {
		const bound = brand.find((each) => each.scopeId === scopeId);
		let name = "";
		if (bound?.bindings === null) name = scope.parameterName(scopeId, index);
		else if (bound !== undefined) {
			const type = bound.bindings[index] ?? null;
			if (type !== null) name = render(scope, type);
		}
		return { scopeId, index, name };
	});
}

/** `<TextReader>`, with `unbound` for what nothing is bound to; nothing where nothing is bound at all. */
export function argumentList(names: readonly string[], unbound: () => string): string {
	if (names.every((name) => name === "")) return "";
	return `<${names.map((name) => name || unbound()).join(", ")}>`;
}
