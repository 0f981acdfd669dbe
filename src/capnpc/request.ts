import * as capnp from "capnp-ts";
import * as schema from "capnp-ts/src/std/schema.capnp.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import { StructListReader } from "../layout/list-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { MessagePool } from "../message/message-pool.js";
import { readMessage } from "../message/flat.js";
import {
	type Annotation,
	type AnyKindName,
	type Brand,
	type BrandScope,
	type Field,
	type Method,
	type Node,
	type RequestedFile,
	type ScalarKind,
	Schema,
	SchemaError,
	type Type,
	type Value,
} from "./model.js";

/** Generous: a request is our own compiler's output, not a peer's. */
const LIMITS = { segments: 1 << 16, traversalWords: 1 << 28, depth: 64 };

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
	const docs = readDocs(request);
	const nodes = new Map<bigint, Node>();
	const encoded = readMessage(flat, LIMITS).readRoot(new StructReader()).listAt(NODES, new StructListReader());
	const target = scratch(flat.length >> 3);
	request.getNodes().forEach((node, i) => {
		const read = readNode(node, docs.get(node.getId()), () => encodedNode(encoded, i, target));
		nodes.set(read.id, read);
	});
	adoptMethodStructs(nodes);
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

/** The same message with one segment, framed. */
function oneSegment(bytes: Uint8Array): Uint8Array {
	const source = readMessage(bytes, LIMITS);
	return copyOf(scratch(bytes.length >> 3), (into) => into.copy(source.rootAny(new AnyReader())));
}

/** Index of `nodes` among the pointers of a CodeGeneratorRequest. */
const NODES = 0;

/** Node `i` of a request, as the u32 halves of a message: capnp-ts cannot copy a struct out of a list. */
function encodedNode(nodes: StructListReader, i: number, target: Message): readonly number[] {
	return halves(copyOf(target, (into) => into.copyStruct(nodes.read(i, new StructReader()))));
}

/** An empty message whose first segment holds `words`. */
function scratch(words: number): Message {
	const pool = new MessagePool({ segmentWords: words + 64, messages: 1, wordsMax: 2 * (words + 64) });
	const target = pool.take();
	if (target === null) throw new Error("no room for the request");
	return target;
}

/** What `fill` makes of the root of `target`, which is emptied first, framed. */
function copyOf(target: Message, fill: (into: AnyBuilder) => void): Uint8Array {
	target.reset();
	fill(target.rootAny(new AnyBuilder()));
	return target.toBytes();
}

/** A copy of what `pointer` leads to, as the u32 halves of a one-segment message; empty for null. */
function halvesOf(pointer: capnp.Pointer): readonly number[] {
	if (capnp.Pointer.isNull(pointer)) return [];
	const message = new capnp.Message();
	message.setRoot(pointer);
	return halves(oneSegment(new Uint8Array(message.toArrayBuffer())));
}

/** The words of a framed message of one segment. */
function halves(bytes: Uint8Array): readonly number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const found: number[] = [];
	for (let at = 8; at < bytes.byteLength; at += 4) found.push(view.getUint32(at, true));
	return found;
}

interface Docs {
	readonly own: string;
	readonly members: readonly string[];
}

/** Old tools send none. */
function readDocs(request: schema.CodeGeneratorRequest): Map<bigint, Docs> {
	const docs = new Map<bigint, Docs>();
	request.getSourceInfo().forEach((info) => {
		docs.set(info.getId(), {
			own: info.getDocComment(),
			members: info.hasMembers() ? info.getMembers().map((member) => member.getDocComment()) : [],
		});
	});
	return docs;
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
		parameters: node.hasParameters() ? node.getParameters().map((each) => each.getName()) : [],
		isGeneric: node.getIsGeneric(),
		nested: node.hasNestedNodes()
			? node.getNestedNodes().map((each) => ({ name: each.getName(), id: each.getId() }))
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
				fields: inSourceOrder(struct.getFields().map((field, i) => readField(field, members[i] ?? ""))),
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
				`${base.displayName}: unknown kind of declaration (${node.which() as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
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

function inSourceOrder<T extends { readonly codeOrder: number }>(members: T[]): T[] {
	return members.sort((a, b) => a.codeOrder - b.codeOrder);
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
		name: member.getName(),
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
				`field ${base.name}: unknown kind of field (${field.which() as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
			);
	}
}

function readMethod(method: schema.Method, ordinal: number, doc: string): Method {
	return {
		...readMember(method, doc),
		ordinal,
		implicitParameters: method.hasImplicitParameters()
			? method.getImplicitParameters().map((each) => each.getName())
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

function readBrand(brand: schema.Brand): Brand {
	if (!brand.hasScopes()) return [];
	return brand.getScopes().map((scope): BrandScope => {
		const bindings = scope.isBind()
			? scope.getBind().map((each) => (each.isType() ? readType(each.getType()) : null))
			: null;
		return { scopeId: scope.getScopeId(), bindings };
	});
}

const SIMPLE: readonly (ScalarKind | "text" | "data")[] = [
	"void",
	"bool",
	"int8",
	"int16",
	"int32",
	"int64",
	"uint8",
	"uint16",
	"uint32",
	"uint64",
	"float32",
	"float64",
	"text",
	"data",
];
const UNCONSTRAINED: readonly AnyKindName[] = ["any", "anyStruct", "anyList", "anyCapability"];

function readType(type: schema.Type): Type {
	const which = type.which();
	const simple = SIMPLE[which];
	if (simple !== undefined) return { kind: simple };
	switch (which) {
		case schema.Type_Which.LIST:
			return { kind: "list", element: readType(type.getList().getElementType()) };
		case schema.Type_Which.ENUM:
			return {
				kind: "enum",
				id: type.getEnum().getTypeId(),
				brand: type.getEnum().hasBrand() ? readBrand(type.getEnum().getBrand()) : [],
			};
		case schema.Type_Which.STRUCT:
			return {
				kind: "struct",
				id: type.getStruct().getTypeId(),
				brand: type.getStruct().hasBrand() ? readBrand(type.getStruct().getBrand()) : [],
			};
		case schema.Type_Which.INTERFACE:
			return {
				kind: "interface",
				id: type.getInterface().getTypeId(),
				brand: type.getInterface().hasBrand() ? readBrand(type.getInterface().getBrand()) : [],
			};
		case schema.Type_Which.ANY_POINTER:
			return readAnyType(type.getAnyPointer());
		default:
			throw new SchemaError(
				`unknown type (${which as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
			);
	}
}

function readAnyType(any: schema.Type_AnyPointer): Type {
	if (any.isParameter())
		return {
			kind: "parameter",
			scopeId: any.getParameter().getScopeId(),
			index: any.getParameter().getParameterIndex(),
		};
	if (any.isImplicitMethodParameter())
		return { kind: "methodParameter", index: any.getImplicitMethodParameter().getParameterIndex() };
	// A kind that is not known is still a pointer.
	return { kind: UNCONSTRAINED[any.getUnconstrained().which()] ?? "any" };
}

function readValue(value: schema.Value): Value {
	switch (value.which()) {
		case schema.Value_Which.VOID:
			return { kind: "void" };
		case schema.Value_Which.BOOL:
			return { kind: "bool", value: value.getBool() };
		case schema.Value_Which.INT8:
			return { kind: "int8", value: value.getInt8() };
		case schema.Value_Which.INT16:
			return { kind: "int16", value: value.getInt16() };
		case schema.Value_Which.INT32:
			return { kind: "int32", value: value.getInt32() };
		case schema.Value_Which.INT64:
			return { kind: "int64", value: value.getInt64() };
		case schema.Value_Which.UINT8:
			return { kind: "uint8", value: value.getUint8() };
		case schema.Value_Which.UINT16:
			return { kind: "uint16", value: value.getUint16() };
		case schema.Value_Which.UINT32:
			return { kind: "uint32", value: value.getUint32() };
		case schema.Value_Which.UINT64:
			return { kind: "uint64", value: value.getUint64() };
		case schema.Value_Which.FLOAT32:
			return { kind: "float32", value: value.getFloat32() };
		case schema.Value_Which.FLOAT64:
			return { kind: "float64", value: value.getFloat64() };
		case schema.Value_Which.TEXT:
			return { kind: "text", value: value.getText() };
		case schema.Value_Which.DATA:
			return { kind: "data", value: value.getData().toUint8Array() };
		case schema.Value_Which.LIST:
			return { kind: "list", halves: halvesOf(value.getList()) };
		case schema.Value_Which.ENUM:
			return { kind: "enum", value: value.getEnum() };
		case schema.Value_Which.STRUCT:
			return { kind: "struct", halves: halvesOf(value.getStruct()) };
		case schema.Value_Which.INTERFACE:
			return { kind: "interface" };
		case schema.Value_Which.ANY_POINTER:
			return { kind: "any", halves: halvesOf(value.getAnyPointer()) };
		default:
			throw new SchemaError(
				`unknown kind of value (${value.which() as number}): this request comes from a newer Cap'n Proto than vatlet knows`,
			);
	}
}
