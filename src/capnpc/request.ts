import * as capnp from "capnp-ts";
import * as schema from "capnp-ts/src/std/schema.capnp.js";
import {
	type Annotation,
	type Brand,
	type Field,
	type Method,
	type Node,
	type RequestedFile,
	Schema,
	SchemaError,
	type Type,
} from "./model.js";
import { type Docs, encodedNode, nodesOf, oneSegment, readDocs, scratch, viewOf } from "./request-message.js";
import { readBrand, readType, readValue } from "./request-types.js";

/**
 * Reads what `capnp compile -o` hands to a plug-in: one framed `CodeGeneratorRequest`. capnp-ts reads it; because that misses
 * texts behind double-far pointers, which the tool writes in long requests, the message is copied into one segment first.
 * Throws SchemaError on anything that is not such a request.
 */
export function readRequest(bytes: Uint8Array): Schema {
	if (bytes.length === 0)
		throw new SchemaError(
			"no request on standard input: run this as a plug-in, `capnp compile -ovatlet:DIR FILE.capnp`",
		);
	let flat: Uint8Array;
	try {
		flat = oneSegment(bytes);
	} catch (error) {
		throw new SchemaError(`standard input is not a CodeGeneratorRequest: ${(error as Error).message}`);
	}
	neverResize();
	const request = new capnp.Message(flat, false).getRoot(schema.CodeGeneratorRequest);
	const view = viewOf(flat);
	const docs = readDocs(view);
	const nodes = new Map<bigint, Node>();
	const encoded = nodesOf(view);
	const target = scratch(flat.length >> 3);
	request.getNodes().forEach((node, i) => {
		const read = () => readNode(node, docs.get(node.getId()), () => encodedNode(encoded, i, target));
		nodes.set(
			node.getId(),
			located(() => node.getDisplayName(), read),
		);
	});
	adoptMethodStructs(nodes);
	refuseCircles(nodes);
	const files = request.getRequestedFiles().map(readFile);
	if (files.length === 0) throw new SchemaError("the request names no file to compile");
	return new Schema(files, nodes);
}

/**
 * capnp-ts moves structs of an older schema than its own to a new place while reading them, and damages lists by that. The
 * fields that only newer tools send are not read here, so its classes may believe that every struct is large enough.
 */
function neverResize(): void {
	for (const each of Object.values(schema)) {
		const description = (each as { _capnp?: { size?: capnp.ObjectSize } })._capnp;
		if (description?.size !== undefined) Object.assign(description.size, { dataByteLength: 0, pointerLength: 0 });
	}
}

function readFile(file: schema.CodeGeneratorRequest_RequestedFile): RequestedFile {
	return {
		id: file.getId(),
		filename: file.getFilename(),
		imports: file.getImports().map((each) => ({ id: each.getId(), name: each.getName() })),
	};
}

function readNode(node: schema.Node, docs: Docs | undefined, encoded: () => readonly number[]): Node {
	const base = {
		id: node.getId(),
		displayName: node.getDisplayName(),
		shortName: node.getDisplayName().slice(node.getDisplayNamePrefixLength()),
		scopeId: node.getScopeId(),
		parameters: node.hasParameters() ? node.getParameters().map((each) => identifier(each.getName())) : [],
		isGeneric: node.getIsGeneric(),
		nested: node.hasNestedNodes()
			? node.getNestedNodes().map((each) => ({ name: identifier(each.getName()), id: each.getId() }))
			: [],
		annotations: readAnnotations(node),
		doc: docs?.own ?? "",
		encoded,
	};
	const members = docs?.members ?? [];
	switch (node.which()) {
		case schema.Node_Which.FILE:
			return { ...base, kind: "file" };
		case schema.Node_Which.STRUCT: {
			const struct = node.getStruct();
			return {
				...base,
				kind: "struct",
				dataWords: struct.getDataWordCount(),
				pointerCount: struct.getPointerCount(),
				isGroup: struct.getIsGroup(),
				discriminantCount: struct.getDiscriminantCount(),
				discriminantOffset: struct.getDiscriminantOffset(),
				fields: inSourceOrder(
					struct.getFields().map((field, i) =>
						located(
							() => `field ${field.getName()}`,
							() => readField(field, members[i] ?? ""),
						),
					),
				),
			};
		}
		case schema.Node_Which.ENUM:
			return {
				...base,
				kind: "enum",
				enumerants: node
					.getEnum()
					.getEnumerants()
					.map((each, i) => readMember(each, members[i] ?? "")),
			};
		case schema.Node_Which.INTERFACE:
			return {
				...base,
				kind: "interface",
				methods: node
					.getInterface()
					.getMethods()
					.map((each, i) => readMethod(each, i, members[i] ?? "")),
				superclasses: node
					.getInterface()
					.getSuperclasses()
					.map((each) => ({ id: each.getId(), brand: each.hasBrand() ? readBrand(each.getBrand()) : [] })),
			};
		case schema.Node_Which.CONST:
			return {
				...base,
				kind: "const",
				type: readType(node.getConst().getType()),
				value: readValue(node.getConst().getValue()),
			};
		case schema.Node_Which.ANNOTATION:
			return { ...base, kind: "annotation", type: readType(node.getAnnotation().getType()) };
		default:
			throw new SchemaError(
				`unknown kind of declaration (${node.which() as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
			);
	}
}

/**
 * The structs of a method's parentheses belong to the method's interface: the tool gives them no scope. Their own type
 * parameters are the method's, one by one, of which it sends no brand either.
 */
function adoptMethodStructs(nodes: Map<bigint, Node>): void {
	for (const node of Array.from(nodes.values())) {
		if (node.kind !== "interface") continue;
		const adopt = (id: bigint, brand: Brand): Brand => {
			const struct = nodes.get(id);
			if (struct?.kind !== "struct" || !struct.shortName.includes("$")) return brand;
			if (struct.scopeId === 0n) nodes.set(id, { ...struct, scopeId: node.id });
			if (struct.parameters.length === 0) return brand;
			const bindings = struct.parameters.map((_, index): Type => ({ kind: "methodParameter", index }));
			return [...brand, { scopeId: id, bindings }];
		};
		const methods = node.methods.map((method) => ({
			...method,
			paramsBrand: adopt(method.paramsId, method.paramsBrand),
			resultsBrand: adopt(method.resultsId, method.resultsBrand),
		}));
		nodes.set(node.id, { ...node, methods });
	}
}

/** Damaged requests only: whoever looks for a declaration's file would never come to one. */
function refuseCircles(nodes: ReadonlyMap<bigint, Node>): void {
	const inFile = new Set<bigint>();
	for (const node of nodes.values()) {
		const path = new Set<bigint>();
		for (let at: Node | undefined = node; at !== undefined && !inFile.has(at.id); at = nodes.get(at.scopeId)) {
			if (path.has(at.id)) throw new SchemaError(`${node.displayName} stands within itself: the request is damaged`);
			path.add(at.id);
			if (at.kind === "file") break;
		}
		for (const id of path) inFile.add(id);
	}
}

function inSourceOrder<T extends { readonly codeOrder: number }>(members: T[]): T[] {
	return members.sort((a, b) => a.codeOrder - b.codeOrder);
}

/** What `read` gives; where it refuses, the message says where that was. */
function located<T>(where: () => string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof SchemaError) error.message = `${where().replace(/\p{Cc}/gu, "?")}: ${error.message}`;
		throw error;
	}
}

/** Names end up in a program as they are: nothing else may come in that way. */
function identifier(name: string): string {
	if (!/^[A-Za-z]\w*$/.test(name))
		throw new SchemaError(`${JSON.stringify(name)} cannot name anything: the request is damaged`);
	return name;
}

interface Annotated {
	hasAnnotations(): boolean;
	getAnnotations(): capnp.List<schema.Annotation>;
}

interface SchemaMember extends Annotated {
	getName(): string;
	getCodeOrder(): number;
}

function readMember(member: SchemaMember, doc: string) {
	return {
		name: identifier(member.getName()),
		codeOrder: member.getCodeOrder(),
		annotations: readAnnotations(member),
		doc,
	};
}

function readField(field: schema.Field, doc: string): Field {
	const base = { ...readMember(field, doc), discriminant: field.getDiscriminantValue() };
	switch (field.which()) {
		case schema.Field_Which.GROUP:
			return { ...base, kind: "group", typeId: field.getGroup().getTypeId() };
		case schema.Field_Which.SLOT: {
			const slot = field.getSlot();
			return {
				...base,
				kind: "slot",
				offset: slot.getOffset(),
				type: readType(slot.getType()),
				defaultValue: readValue(slot.getDefaultValue()),
			};
		}
		default:
			throw new SchemaError(
				`unknown kind of field (${field.which() as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
			);
	}
}

function readMethod(method: schema.Method, ordinal: number, doc: string): Method {
	return {
		...readMember(method, doc),
		ordinal,
		implicitParameters: method.hasImplicitParameters()
			? method.getImplicitParameters().map((each) => identifier(each.getName()))
			: [],
		paramsId: method.getParamStructType(),
		paramsBrand: method.hasParamBrand() ? readBrand(method.getParamBrand()) : [],
		resultsId: method.getResultStructType(),
		resultsBrand: method.hasResultBrand() ? readBrand(method.getResultBrand()) : [],
	};
}

function readAnnotations(of: Annotated): readonly Annotation[] {
	if (!of.hasAnnotations()) return [];
	return of.getAnnotations().map((each) => ({ id: each.getId(), value: readValue(each.getValue()) }));
}
