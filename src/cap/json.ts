import { fromBase64Url, toBase64Url } from "../base/base64url.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { EnumType, FieldInfo, FieldType, StructType } from "./descriptor.js";
import { type Plain, sparseObject } from "./to-object.js";
import type { Input } from "./remote-types.js";

/**
 * JSON as Cap'n Proto's own tool writes it (`capnp convert binary:json`): 64-bit integers and floats that JSON lacks as
 * strings, Data as an array of bytes, Void as null; null pointers are left out; the annotations of `compat/json.capnp` are
 * followed. As there, what has no JSON form is an error: capabilities, and pointers of unknown type, unless they are null and
 * outside of a union.
 */

/** Allocates. Throws `Fault` on malformed data. */
export function toJson(type: StructType<unknown>, reader: StructReader): string {
	return JSON.stringify(encodeStruct(type, sparseObject(type, reader)));
}

/**
 * Fills `builder`, new and empty. Names that the schema does not have are passed over: they come from a newer one. Throws a
 * SyntaxError or TypeError that says what does not fit.
 */
export function fromJson(type: StructType<unknown>, text: string, builder: StructBuilder): void {
	type.fromObject(decodeStruct(type, JSON.parse(text)) as Input<unknown>, builder);
}

/** Without prototype: a schema may call its fields `constructor`, and JSON `__proto__`. */
function empty(): Plain {
	return Object.create(null) as Plain;
}

function encodeStruct(type: StructType<unknown>, object: Plain): unknown {
	if (isJsonValue(type)) return encodeValue(object);
	const json = empty();
	encodeFields(type, object, "", json);
	return json;
}

/** Adds the fields of `object` to `json`, with `prefix` before their names: those of flattened structs are their parent's. */
function encodeFields(type: StructType<unknown>, object: Plain, prefix: string, json: Plain): void {
	const union = type.json;
	for (const field of type.fields()) {
		if (!Object.hasOwn(object, field.name)) continue;
		const value = object[field.name];
		const inUnion = field.discriminant !== undefined;
		const name = jsonName(field);
		if (inUnion && union?.tag !== undefined) json[prefix + union.tag] = name;
		const flat = flattened(field);
		if (flat !== null) encodeFields(flat, (value ?? empty()) as Plain, prefix + field.json!.flatten!, json);
		else if (inUnion && union?.tag !== undefined && field.type === "void") continue;
		else json[prefix + ((inUnion && union?.value) || name)] = encodeField(type, field, value);
	}
}

function encodeField(type: StructType<unknown>, field: FieldInfo, value: unknown): unknown {
	return located(type, field, () => encode(field.type, value, field.json?.bytes));
}

function decodeField(type: StructType<unknown>, field: FieldInfo, json: unknown): unknown {
	return located(type, field, () => decode(field.type, json, field.json?.bytes));
}

/** What `convert` gives, its TypeErrors with the field's name before them. */
function located(type: StructType<unknown>, field: FieldInfo, convert: () => unknown): unknown {
	try {
		return convert();
	} catch (error) {
		if (error instanceof TypeError) error.message = `${type.name}.${field.name}: ${error.message}`;
		throw error;
	}
}

/** Throws for what JSON cannot show, whatever the value is. */
function refuseOpaque(type: FieldType): void {
	if (typeof type === "string" ? type === "capability" : "interface" in type)
		throw new TypeError("a capability has no JSON form");
	if (type === "any" || type === "anyStruct" || type === "anyList")
		throw new TypeError(
			"a pointer of unknown type has no JSON form; of a generic type, bind what its parameters stand for",
		);
}

function jsonName(field: FieldInfo): string {
	return field.json?.name ?? field.name;
}

/** The struct whose fields stand in their parent's place; null where the field stands for itself. */
function flattened(field: FieldInfo): StructType<unknown> | null {
	return field.json?.flatten === undefined ? null : structOf(field.type);
}

function structOf(type: FieldType): StructType<unknown> | null {
	if (typeof type === "string") return null;
	return "struct" in type ? type.struct() : "group" in type ? type.group() : null;
}

function encode(type: FieldType, value: unknown, bytes?: "base64" | "hex"): unknown {
	refuseOpaque(type);
	if (value === null) return null;
	if (typeof type === "string") {
		if (typeof value === "bigint") return String(value);
		if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
		return value instanceof Uint8Array ? encodeBytes(value, bytes) : value;
	}
	if ("list" in type) return (value as unknown[]).map((each) => encode(type.list, each));
	if ("enum" in type) return encodeEnum(type.enum(), value);
	const struct = structOf(type);
	return struct === null ? value : encodeStruct(struct, value as Plain);
}

/** A value without a name stays a number. */
function encodeEnum({ names, jsonNames }: EnumType, value: unknown): unknown {
	return jsonNames === undefined || typeof value !== "string" ? value : jsonNames[names.indexOf(value)];
}

function encodeBytes(bytes: Uint8Array, form: "base64" | "hex" | undefined): unknown {
	if (form === undefined) return Array.from(bytes);
	if (form === "hex") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
	const text = toBase64Url(bytes).replaceAll("-", "+").replaceAll("_", "/");
	return text.padEnd((text.length + 3) & ~3, "=");
}

function decodeStruct(type: StructType<unknown>, json: unknown): unknown {
	if (isJsonValue(type)) return decodeValue(json);
	if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
	return decodeFields(type, json as Plain, "").object;
}

/** `found`: whether any field of the struct, or its union's tag, is there. */
function decodeFields(type: StructType<unknown>, json: Plain, prefix: string): { object: Plain; found: boolean } {
	const object = empty();
	let found = false;
	for (const field of type.fields()) {
		if (field.discriminant !== undefined) continue;
		const flat = flattened(field);
		if (flat !== null) {
			const inner = decodeFields(flat, json, prefix + field.json!.flatten!);
			if (!inner.found) continue;
			object[field.name] = inner.object;
		} else {
			const name = prefix + jsonName(field);
			if (!Object.hasOwn(json, name)) continue;
			object[field.name] = decodeField(type, field, json[name]);
		}
		found = true;
	}
	return { object, found: decodeUnion(type, json, prefix, object) || found };
}

/** Adds the union's member to `object`: the one that the tag names; without tag the one that is there, of several the last. */
function decodeUnion(type: StructType<unknown>, json: Plain, prefix: string, object: Plain): boolean {
	if (type.discriminantAt < 0) return false;
	const members = type.fields().filter((field) => field.discriminant !== undefined);
	const { tag, value } = type.json ?? {};
	if (tag !== undefined && Object.hasOwn(json, prefix + tag)) {
		const chosen = members.find((field) => jsonName(field) === json[prefix + tag]);
		if (chosen !== undefined)
			object[chosen.name] = decodeMember(type, chosen, json, prefix, prefix + (value ?? jsonName(chosen)));
		return true;
	}
	if (value !== undefined) return false;
	const byName = new Map(
		members.filter((field) => flattened(field) === null).map((field) => [prefix + jsonName(field), field]),
	);
	const name = Object.keys(json).findLast((each) => byName.has(each));
	if (name === undefined) return false;
	const chosen = byName.get(name)!;
	object[chosen.name] = decodeMember(type, chosen, json, prefix, name);
	return true;
}

function decodeMember(type: StructType<unknown>, field: FieldInfo, json: Plain, prefix: string, name: string): unknown {
	const flat = flattened(field);
	if (flat !== null) return decodeFields(flat, json, prefix + field.json!.flatten!).object;
	return Object.hasOwn(json, name) ? decodeField(type, field, json[name]) : initial(field);
}

/** What a member of a union is when only its name is given. */
function initial(field: FieldInfo): unknown {
	const { type } = field;
	if (typeof type === "object") {
		if ("enum" in type) return type.enum().names[Number(field.default ?? 0)] ?? Number(field.default ?? 0);
		return "group" in type ? {} : null;
	}
	if (type === "bool") return field.default ?? false;
	return /^u?int|^float/.test(type) ? (field.default ?? 0) : null;
}

function decode(type: FieldType, json: unknown, bytes?: "base64" | "hex"): unknown {
	refuseOpaque(type);
	if (json === null) return type === "float32" || type === "float64" ? NaN : null;
	if (typeof type === "string") {
		if (type === "void") return null;
		if (type === "data") return decodeBytes(json, bytes);
		return typeof json === "string" && type !== "text" ? decodeNumber(type, json) : json;
	}
	if ("list" in type) return Array.isArray(json) ? json.map((each) => decode(type.list, each)) : json;
	if ("enum" in type) return decodeEnum(type.enum(), json);
	const struct = structOf(type);
	return struct === null ? json : decodeStruct(struct, json);
}

function decodeNumber(type: string, text: string): unknown {
	if (type.startsWith("float")) return Number(text);
	return /^-?\d+$/.test(text) ? BigInt(text) : text;
}

function decodeEnum({ names, jsonNames }: EnumType, json: unknown): unknown {
	if (typeof json !== "string" || jsonNames === undefined) return json;
	const index = jsonNames.indexOf(json);
	if (index < 0) throw new TypeError(`one of ${jsonNames.join(", ")} is needed, not ${JSON.stringify(json)}`);
	return names[index];
}

function decodeBytes(json: unknown, form: "base64" | "hex" | undefined): unknown {
	if (form === undefined) return Array.isArray(json) ? Uint8Array.from(json as number[]) : json;
	if (typeof json !== "string") return json;
	if (form === "hex") {
		if (!/^([0-9a-f]{2})*$/i.test(json)) throw new TypeError(`${JSON.stringify(json)} is not hexadecimal`);
		return Uint8Array.from(json.match(/../g) ?? [], (digits) => parseInt(digits, 16));
	}
	const bytes = /[-_]/.test(json) ? null : fromBase64Url(json.replaceAll("+", "-").replaceAll("/", "_"));
	if (bytes === null) throw new TypeError(`${JSON.stringify(json)} is not base64`);
	return bytes;
}

/** `Value` of compat/json.capnp: it stands for any JSON, and is written as that. */
function isJsonValue(type: StructType<unknown>): boolean {
	return type.idHigh === 0xa3fa7845 && type.idLow === 0xf919dd83;
}

function encodeValue(value: Plain): unknown {
	if (Object.hasOwn(value, "array")) return (value["array"] as Plain[]).map(encodeValue);
	if (Object.hasOwn(value, "object")) {
		const json = empty();
		for (const each of value["object"] as { name?: string; value?: Plain }[])
			json[each.name ?? ""] = each.value === undefined ? null : encodeValue(each.value);
		return json;
	}
	if (Object.hasOwn(value, "call")) throw new TypeError("a call in a JSON value is no JSON");
	return value["boolean"] ?? value["number"] ?? value["string"] ?? null;
}

function decodeValue(json: unknown): Plain {
	if (json === null) return { null: null };
	if (Array.isArray(json)) return { array: json.map(decodeValue) };
	if (typeof json !== "object") return { [typeof json]: json };
	return { object: Object.entries(json).map(([name, value]) => ({ name, value: decodeValue(value) })) };
}
