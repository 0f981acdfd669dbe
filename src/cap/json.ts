import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { FieldType, StructType } from "./descriptor.js";
import { sparseObject } from "./to-object.js";
import type { Input } from "./remote-types.js";

/**
 * JSON as Cap'n Proto's own tool writes it (`capnp convert binary:json`): 64-bit integers and floats that JSON lacks as
 * strings, Data as an array of bytes, Void as null; null pointers are left out. Capabilities have no JSON form.
 */

/** Allocates. Throws `Fault` on malformed data. */
export function toJson(type: StructType<unknown>, reader: StructReader): string {
	return JSON.stringify(encodeStruct(type, sparseObject(type, reader)));
}

/** Fills `builder`, new and empty. Throws a SyntaxError or TypeError that says what does not fit. */
export function fromJson(type: StructType<unknown>, text: string, builder: StructBuilder): void {
	type.fromObject(decodeStruct(type, JSON.parse(text)) as Input<unknown>, builder);
}

function encodeStruct(type: StructType<unknown>, object: Record<string, unknown>): Record<string, unknown> {
	const json: Record<string, unknown> = {};
	for (const field of type.fields()) {
		const value = object[field.name];
		if (value !== undefined) json[field.name] = encode(field.type, value);
	}
	return json;
}

function encode(type: FieldType, value: unknown): unknown {
	if (value === null) return null;
	if (typeof type === "string") {
		if (typeof value === "bigint") return String(value);
		if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
		return value instanceof Uint8Array ? Array.from(value) : value;
	}
	if ("list" in type) return (value as unknown[]).map((each) => encode(type.list, each));
	if ("struct" in type) return encodeStruct(type.struct(), value as Record<string, unknown>);
	if ("group" in type) return encodeStruct(type.group(), value as Record<string, unknown>);
	return value;
}

function decodeStruct(type: StructType<unknown>, json: unknown): unknown {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
	const object: Record<string, unknown> = { ...json };
	for (const field of type.fields()) {
		if (object[field.name] !== undefined) object[field.name] = decode(field.type, object[field.name]);
	}
	return object;
}

function decode(type: FieldType, json: unknown): unknown {
	if (json === null) return null;
	if (typeof type === "string") {
		if (type === "int64" || type === "uint64") return typeof json === "string" ? BigInt(json) : json;
		if (type === "float32" || type === "float64") return typeof json === "string" ? Number(json) : json;
		return type === "data" && Array.isArray(json) ? Uint8Array.from(json as number[]) : json;
	}
	if ("list" in type) return Array.isArray(json) ? json.map((each) => decode(type.list, each)) : json;
	if ("struct" in type) return decodeStruct(type.struct(), json);
	return "group" in type ? decodeStruct(type.group(), json) : json;
}
