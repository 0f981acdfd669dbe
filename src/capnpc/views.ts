import { argumentList, bindings, namesOf, parametersOf } from "./generics.js";
import type { Brand, Node, StructNode, Type } from "./model.js";
import type { Parameter, Scope } from "./scope.js";

/** `<TextReader>`: what a brand binds the parameters of a struct or interface to; nothing where it binds none. */
export function typeArguments(scope: Scope, node: Node, brand: Brand): string {
	return viewArguments(scope, viewBindings(scope, node, brand));
}

export function viewBindings(scope: Scope, node: Node, brand: Brand): readonly Parameter[] {
	return bindings(scope, node, brand, viewOf);
}

/** The same of parameters that are bound already. */
export function viewArguments(scope: Scope, parameters: readonly Parameter[]): string {
	return argumentList(namesOf(parameters), () => scope.out.useType("AnyReader"));
}

/** The view by which a bound type is read; "" where any pointer may be. */
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
			return clientView(scope, type.id, type.brand);
		case "list":
			return listView(scope, type.element, "Reader");
		case "parameter":
			return scope.parameterName(type.scopeId, type.index);
		case "methodParameter":
			return scope.implicit[type.index] ?? "";
		case "anyStruct":
			return scope.out.useType("StructReader");
		case "anyList":
			return scope.out.useType("ListReader");
		case "anyCapability":
			return scope.out.useType("Client");
		default:
			return "";
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

/** A group has its struct's type parameters as they are. */
export function groupView(scope: Scope, group: StructNode, side: "Reader" | "Builder"): string {
	return scope.type(group, side) + viewArguments(scope, parametersOf(scope, group));
}

export function structView(scope: Scope, id: bigint, brand: Brand, side: "Reader" | "Builder"): string {
	const struct = scope.schema.struct(id);
	return scope.type(struct, side) + typeArguments(scope, struct, brand);
}

export function clientView(scope: Scope, id: bigint, brand: Brand): string {
	const node = scope.schema.interface(id);
	return scope.type(node, "Client") + typeArguments(scope, node, brand);
}
