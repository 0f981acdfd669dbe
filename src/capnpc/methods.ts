import type { InterfaceNode, Method, StructNode } from "./model.js";
import { capitalized } from "./names.js";
import type { Scope } from "./scope.js";

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
}

/** The interface's ancestors, each once, supers before what extends them, itself last. */
export function lineage(scope: Scope, node: InterfaceNode): InterfaceNode[] {
	const found: InterfaceNode[] = [];
	const visit = (each: InterfaceNode): void => {
		if (found.includes(each)) return;
		for (const { id } of each.superclasses) visit(scope.schema.interface(id));
		found.push(each);
	};
	visit(node);
	return found;
}

/**
 * All methods, inherited ones first. Of several of one name the first keeps it, the others get their interface's name behind
 * it. `reserved`: names that the generated class has from elsewhere; a method of such a name gets a `_`.
 */
export function offered(scope: Scope, node: InterfaceNode, reserved: readonly string[] = []): Offered[] {
	const taken = new Set(reserved);
	const methods: Offered[] = [];
	for (const owner of lineage(scope, node)) {
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
