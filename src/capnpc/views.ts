import type { Brand, Node, StructNode, Type } from "./model.js";
import type { Parameter, Scope } from "./scope.js";

/** Outermost scope first; a name that is there already, as a parameter or a declaration, gets a `_`. */
export function parametersOf(scope: Scope, node: Node): readonly Parameter[] {
	const chain: Node[] = [];
	for (let at = node; at.kind !== "file"; at = scope.schema.node(at.scopeId)) chain.unshift(at);
	const found: Parameter[] = [];
	for (const each of chain) {
		each.parameters.forEach((parameter, index) => {
			let name = parameter;
			while (found.some((other) => other.name === name) || scope.out.declares(name)) name += "_";
			found.push({ scopeId: each.id, index, name });
		});
	}
	return found;
}

/** `<TextReader>`: what a brand binds the parameters of a struct to; nothing where it binds none. */
export function typeArguments(scope: Scope, node: StructNode, brand: Brand): string {
	const unbound = "AnyReader";
	const views = parametersOf(scope, node).map(({ scopeId, index }) => {
		const bound = brand.find((each) => each.scopeId === scopeId);
		if (bound === undefined) return unbound;
		if (bound.bindings === null) return scope.parameterName(scopeId, index) ?? unbound;
		const type = bound.bindings[index] ?? null;
		return type === null ? unbound : viewOf(scope, type);
	});
	if (views.every((view) => view === unbound)) return "";
	return `<${views.map((view) => (view === unbound ? scope.out.useType(unbound) : view)).join(", ")}>`;
}

/** The view by which a bound type is read. */
function viewOf(scope: Scope, type: Type): string {
	switch (type.kind) {
		case "text":
			return scope.out.useType("TextReader");
		case "data":
			return scope.out.useType("DataReader");
		case "struct": {
			const struct = scope.schema.struct(type.id);
			return scope.type(struct, "Reader") + typeArguments(scope, struct, type.brand);
		}
		case "interface":
			return scope.type(scope.schema.interface(type.id), "Client");
		case "list":
			return listView(scope, type.element, "Reader");
		case "parameter":
			return scope.parameterName(type.scopeId, type.index) ?? "AnyReader";
		default:
			return "AnyReader";
	}
}

/** Reader or builder of a list of `element`. */
export function listView(scope: Scope, element: Type, side: "Reader" | "Builder"): string {
	const of = (name: string) => scope.out.use(`${name}List${side}`);
	switch (element.kind) {
		case "list":
			return `${of("List")}<${listView(scope, element.element, side)}>`;
		case "struct":
			return `${of("Struct")}<${structView(scope, element.id, element.brand, side)}>`;
		case "enum":
			return of("Uint16");
		case "interface":
		case "anyCapability":
			return of("Cap");
		case "any":
		case "anyList":
		case "parameter":
		case "methodParameter":
			return of("Any");
		case "anyStruct":
			return `${of("Struct")}<${scope.out.use("Struct" + side)}>`;
		default:
			return of(element.kind.charAt(0).toUpperCase() + element.kind.slice(1));
	}
}

export function structView(scope: Scope, id: bigint, brand: Brand, side: "Reader" | "Builder"): string {
	const struct = scope.schema.struct(id);
	return scope.type(struct, side) + (side === "Reader" ? typeArguments(scope, struct, brand) : "");
}
