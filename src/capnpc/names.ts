import type { Field, Node, Schema, StructNode } from "./model.js";

/**
 * Endings that generated declarations add to a type's own name. A declaration of the schema that ends in one of these next
 * to one that is named like the rest would collide.
 */
const SUFFIXES = [
	"Reader",
	"Builder",
	"Which",
	"Server",
	"Client",
	"Call",
	"Request",
	"Pipeline",
	"Group",
	"Params",
	"Results",
	"Annotations",
	"Methods",
	"Name",
	"Names",
	"Type",
];

/** Words that cannot name a `const` in a module. Type names of a schema begin with a capital and need no such care. */
const RESERVED = new Set(
	(
		"arguments as async await break case catch class const continue debugger default delete do else enum eval export extends false finally for from function get if implements import in " +
		"instanceof interface let new null of package private protected public return set static super switch this throw true try type typeof undefined globalThis var void while with yield NaN Infinity"
	).split(" "),
);

export function capitalized(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1);
}

export function uncapitalized(name: string): string {
	return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `resultsSentElsewhere` → `RESULTS_SENT_ELSEWHERE`. */
export function upperSnake(name: string): string {
	return name
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
		.toUpperCase();
}

/**
 * `XLow`: an accessor of a part of field `x` is called so, after its verb; with `_` where another field is called `xLow`.
 */
export function partName(node: StructNode, field: Field, part: string): string {
	const name = capitalized(field.name) + part;
	return node.fields.some((each) => capitalized(each.name) === name) ? name + "_" : name;
}

/** `name`, with as many `_` as it takes to be none of `taken`; adds it there. */
export function free(name: string, taken: Set<string>): string {
	while (taken.has(name)) name += "_";
	taken.add(name);
	return name;
}

/** A field's name as that of a parameter. */
export function freeParameter(name: string, taken: Set<string>): string {
	return free(RESERVED.has(name) ? name + "_" : name, taken);
}

/**
 * Names of generated declarations. Nested names are put together (`Exception.Type` → `ExceptionType`), and with `_` between
 * where that could be read as another path (`A.BC` beside a type `AB`). A name depends only on its ancestors and their
 * members, never on the order or completeness of the request, so that an importing file finds the same ones.
 */
export class Names {
	readonly #schema: Schema;
	readonly #known = new Map<bigint, string>();
	/** Capitalized names of what stands in a scope. */
	readonly #nested = new Map<bigint, readonly string[]>();

	constructor(schema: Schema) {
		this.#schema = schema;
	}

	/** `FooBar`: what `FooBarReader` and the like begin with. */
	of(node: Node): string {
		let name = this.#known.get(node.id);
		if (name === undefined) {
			name = this.#make(node);
			this.#known.set(node.id, name);
		}
		return name;
	}

	/** The name of something that is made beside `node`'s declarations; with `$`, which no schema has, where the schema has such a name. */
	beside(node: Node, suffix: string): string {
		const own = capitalized(node.shortName) + suffix;
		const taken =
			this.#siblings(node).some((each) => each.startsWith(own)) ||
			node.nested.some((each) => capitalized(each.name).startsWith(suffix));
		return this.of(node) + suffix + (taken ? "$" : "");
	}

	/** Constants and annotations: `fooBar`, and `default_` for words of the language. */
	ofValue(node: Node): string {
		const name = uncapitalized(this.of(node));
		return RESERVED.has(name) ? name + "_" : name;
	}

	/** As people write it in the schema: `Foo.Bar`. */
	path(node: Node): string {
		return this.#ancestry(node)
			.map((each) => each.shortName)
			.join(".");
	}

	#ancestry(node: Node): Node[] {
		const path: Node[] = [];
		for (let at = node; at.kind !== "file"; at = this.#schema.node(at.scopeId)) path.unshift(at);
		return path;
	}

	#make(node: Node): string {
		const path = this.#ancestry(node);
		const parts = path.map((each) => this.#part(each));
		const joined = parts.join("");
		for (let depth = 0; depth < path.length - 1; depth++) {
			const rest = parts.slice(depth).join("");
			if (
				this.#siblings(path[depth]!).some((other) => other !== parts[depth] && mayCollide(other, parts[depth]!, rest))
			)
				return parts.join("_");
		}
		if (path.length > 1 && this.#isGenerated(path.at(-2)!, parts.at(-1)!)) return parts.join("_");
		return joined;
	}

	/** Whether something nested in `parent` is called like what is generated for `parent` itself. */
	#isGenerated(parent: Node, part: string): boolean {
		if (SUFFIXES.includes(part)) return true;
		return (
			parent.kind === "interface" &&
			parent.methods.some(
				(method) => part === capitalized(method.name) + "Call" || part === capitalized(method.name) + "Request",
			)
		);
	}

	#siblings(node: Node): readonly string[] {
		let siblings = this.#nested.get(node.scopeId);
		if (siblings === undefined) {
			siblings = this.#schema.node(node.scopeId).nested.map((each) => capitalized(each.name));
			this.#nested.set(node.scopeId, siblings);
		}
		return siblings;
	}

	/** The piece of a name that stands for one scope. */
	#part(node: Node): string {
		const name = capitalized(node.shortName.replace("$", ""));
		const siblings = this.#siblings(node);
		if ((node as StructNode).isGroup === true) return siblings.includes(name) ? name + "Group" : name;
		if (node.shortName.includes("$")) return siblings.includes(name) ? name + "_" : name;
		const stem = SUFFIXES.find((suffix) => name.endsWith(suffix) && siblings.includes(name.slice(0, -suffix.length)));
		// A constant `foo` beside a type `Foo` differs in case and needs nothing.
		return stem !== undefined && node.kind !== "const" && node.kind !== "annotation" ? name + "_" : name;
	}
}

/** Whether the sibling `other` could begin like the flattened name `flat` of something inside `own`. */
function mayCollide(other: string, own: string, flat: string): boolean {
	return other.length > own.length && other.startsWith(own) && (flat.startsWith(other) || other.startsWith(flat));
}
