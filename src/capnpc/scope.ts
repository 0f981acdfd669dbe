import { posix } from "node:path";
import { type EnumNode, type Node, type RequestedFile, type Schema, SchemaError, type Type } from "./model.js";
import type { ModuleWriter } from "./module-writer.js";
import type { Names } from "./names.js";

/** A type parameter in force in a declaration: its own or a surrounding scope's. */
export interface Parameter {
	readonly scopeId: bigint;
	readonly index: number;
	/** What stands for it in TypeScript; "" where nothing is bound to it. */
	readonly name: string;
}

export interface Options {
	/** Emit `adopt…` and `disown…` (default true). */
	readonly orphans: boolean;
	/** Emit the plain-object side (default true). */
	readonly objects: boolean;
	/** Emit `NAME.capnp.schema.ts` with the schema nodes (default true). */
	readonly schema: boolean;
}

/** What emitters share while one file is written: the schema, the names, and where to import from. */
export class Scope {
	readonly schema: Schema;
	readonly names: Names;
	readonly file: RequestedFile;
	readonly out: ModuleWriter;
	readonly options: Options;

	constructor(schema: Schema, names: Names, file: RequestedFile, out: ModuleWriter, options: Options) {
		this.schema = schema;
		this.names = names;
		this.file = file;
		this.out = out;
		this.options = options;
	}

	/** The type parameters of each declaration that was asked for. */
	readonly known = new Map<bigint, readonly Parameter[]>();

	/** The type parameters of the class that is being written. */
	parameters: readonly Parameter[] = [];
	/** Those of the method that is being written. */
	implicit: readonly string[] = [];

	/** What stands for a type parameter where this is written; "" where nothing does. */
	parameterName(scopeId: bigint, index: number): string {
		return this.parameters.find((each) => each.scopeId === scopeId && each.index === index)?.name ?? "";
	}

	/** What `write` gives with those type parameters in force. */
	within<T>(parameters: readonly Parameter[], implicit: readonly string[], write: () => T): T {
		const outer = [this.parameters, this.implicit] as const;
		this.parameters = parameters;
		this.implicit = implicit;
		try {
			return write();
		} finally {
			[this.parameters, this.implicit] = outer;
		}
	}

	isLocal(node: Node): boolean {
		return this.schema.fileOf(node) === this.file.id;
	}

	/** The name of `node`'s declaration with that suffix, imported if it is from elsewhere. */
	value(node: Node, suffix = ""): string {
		const name = this.names.of(node) + suffix;
		return this.isLocal(node) ? name : this.out.use(name, this.#moduleOf(node));
	}

	type(node: Node, suffix = ""): string {
		const name = this.names.of(node) + suffix;
		return this.isLocal(node) ? name : this.out.useType(name, this.#moduleOf(node));
	}

	/** A declaration of that name beside `node`'s, which is from elsewhere. */
	importFrom(node: Node, name: string): string {
		return this.out.use(name, this.#moduleOf(node));
	}

	/** How this file's module imports the one that is made from the file of `node`. */
	#moduleOf(node: Node): string {
		const id = this.schema.fileOf(node);
		const imported = this.file.imports.find((each) => each.id === id)?.name ?? this.schema.node(id).displayName;
		const requested = this.schema.files.find((each) => each.id === id);
		if (requested !== undefined) return relativeModule(this.file.filename, requested.filename);
		if (imported.startsWith("/")) return relativeModule(this.file.filename, imported.slice(1));
		return relativeModule(this.file.filename, posix.join(posix.dirname(this.file.filename), imported));
	}
}

/** Both are schema files, relative to the output folder. */
function relativeModule(from: string, to: string): string {
	const path = posix.relative(posix.dirname(from), to);
	return (path.startsWith(".") ? path : "./" + path) + ".js";
}

export function enumOf(scope: Scope, id: bigint): EnumNode {
	const node = scope.schema.node(id);
	if (node.kind !== "enum") throw new SchemaError(`${node.displayName} is not an enum`);
	return node;
}

/** Whether a value of the type is behind a pointer. */
export function isPointer(type: Type): boolean {
	switch (type.kind) {
		case "text":
		case "data":
		case "list":
		case "struct":
		case "interface":
		case "any":
		case "anyStruct":
		case "anyList":
		case "anyCapability":
		case "parameter":
		case "methodParameter":
			return true;
		default:
			return false;
	}
}

const BITS: Partial<Record<Type["kind"], number>> = {
	bool: 1,
	int8: 8,
	uint8: 8,
	int16: 16,
	uint16: 16,
	enum: 16,
	int32: 32,
	uint32: 32,
	float32: 32,
	int64: 64,
	uint64: 64,
	float64: 64,
};

/** Size in the data section; 0 for Void and pointers. */
export function bitsOf(type: Type): number {
	return BITS[type.kind] ?? 0;
}
