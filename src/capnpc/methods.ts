import type { InterfaceNode, Method, StructNode } from "./model.js";
import { capitalized } from "./names.js";
import { implicitOf, parametersOf } from "./generics.js";
import type { Parameter, Scope } from "./scope.js";
import { viewArguments, viewBindings } from "./views.js";

/** Result type of `-> stream`, as `stream.capnp` has it. */
const STREAM_RESULT = 0x995f9a3377c0b16en;

/**
 * Names that classes and objects of an interface have already: `Server`'s and `Capability`'s members, what every object has,
 * and `then`, which would make a promise of it. A method of such a name is called `name_`.
 */
export const RESERVED_METHODS = [
	"hook",
	"dispatch",
	"released",
	"release",
	"as",
	"whenResolved",
	"whenBroken",
	"whenDone",
	"same",
	"then",
	"constructor",
	"toString",
	"valueOf",
	"toLocaleString",
	"hasOwnProperty",
	"isPrototypeOf",
	"propertyIsEnumerable",
];

/** The method's own type parameters that it uses. */
export function implicitNames(offer: Offered): readonly string[] {
	return offer.implicit.filter((name) => name !== "");
}

/** A method as one interface offers it: its own or an inherited one. */
export interface Offered {
	/** Where the method is declared. */
	readonly owner: InterfaceNode;
	readonly method: Method;
	/** What it is called in generated code. */
	readonly name: string;
	readonly params: StructNode;
	readonly results: StructNode;
	readonly streaming: boolean;
	/** The owner's type parameters, with what the interface binds them to. */
	readonly parameters: readonly Parameter[];
	/** What the method's own type parameters are called; "" for one that it does not use. */
	readonly implicit: readonly string[];
}

export interface Ancestor {
	readonly node: InterfaceNode;
	readonly parameters: readonly Parameter[];
}

/**
 * The interface's ancestors, each once, supers before what extends them, itself last. Of one that is inherited twice the
 * first brand counts.
 */
export function lineage(scope: Scope, node: InterfaceNode): Ancestor[] {
	const found: Ancestor[] = [];
	const visit = (each: InterfaceNode, parameters: readonly Parameter[]): void => {
		if (found.some((other) => other.node === each)) return;
		for (const { id, brand } of each.superclasses) {
			const base = scope.schema.interface(id);
			visit(
				base,
				scope.within(parameters, [], () => viewBindings(scope, base, brand)),
			);
		}
		found.push({ node: each, parameters });
	};
	visit(node, parametersOf(scope, node));
	return found;
}

/**
 * All methods, inherited ones first. Of several of one name the first keeps it, the others get their interface's name behind
 * it. `reserved`: names that the generated class has from elsewhere; a method of such a name gets a `_`.
 */
export function offered(scope: Scope, node: InterfaceNode, reserved: readonly string[] = []): Offered[] {
	const taken = new Set(reserved);
	const methods: Offered[] = [];
	for (const { node: owner, parameters } of lineage(scope, node)) {
		for (const method of [...owner.methods].sort((a, b) => a.codeOrder - b.codeOrder)) {
			let name = reserved.includes(method.name) ? method.name + "_" : method.name;
			if (taken.has(name)) name = `${method.name}_${scope.names.of(owner)}`;
			while (taken.has(name)) name += "_";
			taken.add(name);
			const streaming = method.resultsId === STREAM_RESULT;
			methods.push({
				owner,
				method,
				name,
				params: scope.schema.struct(method.paramsId),
				results: scope.schema.struct(method.resultsId),
				streaming,
				parameters,
				implicit: implicitOf(scope, method, parametersOf(scope, owner)),
			});
		}
	}
	return methods;
}

/** `ThermostatRead`: what the classes of one method begin with. */
export function methodName(scope: Scope, owner: InterfaceNode, method: Method): string {
	return scope.names.of(owner) + capitalized(method.name);
}

/** The name of a method's generated class, imported if its interface is from elsewhere. */
export function methodClass(scope: Scope, { owner, method }: Offered, suffix: string): string {
	const name = methodName(scope, owner, method) + suffix;
	return scope.isLocal(owner) ? name : scope.importFrom(owner, name);
}

/** The same with what the interface binds its parameters to. The method's own are left open. */
export function methodType(scope: Scope, offer: Offered, suffix: string): string {
	return methodClass(scope, offer, suffix) + viewArguments(scope, offer.parameters);
}
