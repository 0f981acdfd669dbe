import { float32Bits, float64Bits, hex, high, isZero, low, numberLiteral } from "./literal.js";
import type { SlotField, StructNode } from "./model.js";
import { capitalized } from "./names.js";
import { bitsOf, enumOf, type Scope } from "./scope.js";

/**
 * The one place that says how scalars are read and written. Without a default they are taken from the bytes right here: on XS
 * a call of `this.float64(8)` costs 1.4 times as much, on V8 the same. With a default, and for 64 bits, the base class does it.
 */

/** Body of the method that gives a scalar field. */
export function scalarGetter(scope: Scope, field: SlotField): string {
	const { type, offset, defaultValue } = field;
	const cast = enumCast(scope, field);
	if (!isZero(defaultValue) && (type.kind === "float32" || type.kind === "float64")) return unmaskedFloat(scope, field);
	if (!isZero(defaultValue) || type.kind === "int64" || type.kind === "uint64")
		return `return ${maskedGetter(scope, field)}${cast};`;
	if (type.kind === "bool") {
		const byte = offset >> 3;
		return `const at = this.at; return ${byte + 1} <= at.dataBytes ? (at.view.getUint8(${from(byte)}) & ${hex(1 << (offset & 7))}) !== 0 : false;`;
	}
	const bytes = bitsOf(type) / 8;
	return direct(accessorOf(type.kind), offset * bytes, bytes, cast);
}

/** A field without a default as an expression: at `data` of `view`. */
export function scalarAt(scope: Scope, field: SlotField): string {
	const { type, offset } = field;
	const bits = bitsOf(type);
	const byte = (offset * bits) >> 3;
	const at = byte === 0 ? "data" : `data + ${byte}`;
	if (type.kind === "bool") return `(view.getUint8(${at}) & ${hex(1 << (offset & 7))}) !== 0`;
	return `view.get${accessorOf(type.kind)}(${at}${bits > 8 ? ", true" : ""})${enumCast(scope, field)}`;
}

/** The same for a field of fewer than 32 bits, out of the 32 bits called `half`. */
export function scalarOf(scope: Scope, field: SlotField, half: string): string {
	const { type, offset } = field;
	const bits = bitsOf(type);
	const shift = (offset * bits) & 31;
	if (type.kind === "bool") return `(${half} & ${hex((1 << shift) >>> 0)}) !== 0`;
	const top = shift + bits === 32;
	if (type.kind === "int8" || type.kind === "int16")
		return `${top ? half : `(${half} << ${32 - shift - bits})`} >> ${32 - bits}`;
	const low = shift === 0 ? half : `${top ? "" : "("}${half} >>> ${shift}${top ? "" : ")"}`;
	const value = top ? low : `${low} & ${hex((1 << bits) - 1)}`;
	return type.kind === "enum" ? `(${value})${enumCast(scope, field)}` : value;
}

/** The same where the struct has `bytes` of data, which may be too few for it. */
export function scalarWithin(scope: Scope, field: SlotField): string {
	const end = ((field.offset + 1) * bitsOf(field.type) + 7) >> 3;
	return `${end} <= bytes ? ${scalarAt(scope, field)} : ${field.type.kind === "bool" ? "false" : `0${enumCast(scope, field)}`}`;
}

function enumCast(scope: Scope, { type }: SlotField): string {
	return type.kind === "enum" ? ` as ${scope.type(enumOf(scope, type.id))}` : "";
}

/** A float with a default: its bits are put right by a call, but it is taken from them here, lest it become an object on V8. */
function unmaskedFloat(scope: Scope, field: SlotField): string {
	const { offset, defaultValue: value } = field;
	if (value.kind !== "float32" && value.kind !== "float64") throw new Error(`${value.kind} is no float`);
	const size = value.kind === "float32" ? 4 : 8;
	const bits = size === 8 ? float64Bits(value.value) : 0n;
	const mask = size === 8 ? [low(bits), high(bits)] : [float32Bits(value.value)];
	const unmasked = `${scope.out.use(`unmasked${size * 8}`)}(${["at", offset * size, ...mask.map(hex)].join(", ")})`;
	return `const at = this.at; return ${(offset + 1) * size} <= at.dataBytes ? ${unmasked}.get${capitalized(value.kind)}(0, true) : ${numberLiteral(scope.out, value.value)};`;
}

/** Body of `which()`. */
export function whichGetter(node: StructNode, name: string): string {
	return direct("Uint16", node.discriminantOffset * 2, 2, ` as ${name}`);
}

function direct(accessor: string, offset: number, bytes: number, cast: string): string {
	const value = `${offset + bytes} <= at.dataBytes ? at.view.get${accessor}(${from(offset)}${bytes > 1 ? ", true" : ""}) : 0`;
	return `const at = this.at; return ${cast === "" ? value : `(${value})${cast}`};`;
}

/** Body of the method that sets a scalar field. */
export function scalarSetter(scope: Scope, field: SlotField): string {
	const { type, offset, defaultValue } = field;
	if (!isZero(defaultValue)) return `${maskedSetter(scope, field)};`;
	if (type.kind === "bool") {
		const bit = 1 << (offset & 7);
		return `const at = this.at; const view = at.view; const byte = ${from(offset >> 3)}; view.setUint8(byte, (view.getUint8(byte) & ${hex(0xff - bit)}) | (value ? ${hex(bit)} : 0));`;
	}
	const bytes = bitsOf(type) / 8;
	return `const at = this.at; at.view.set${accessorOf(type.kind)}(${from(offset * bytes)}, value${bytes > 1 ? ", true" : ""});`;
}

export function accessorOf(kind: string): string {
	return kind === "enum" ? "Uint16" : capitalized(kind);
}

function from(offset: number): string {
	return offset === 0 ? "at.data" : `at.data + ${offset}`;
}

/** Where there is no default the base class reads it: 64 bits. */
function maskedGetter(scope: Scope, field: SlotField): string {
	const { type, offset, defaultValue: value } = field;
	const masked = (getter: string, at: number, ...masks: string[]) =>
		`${scope.out.use(`${getter}Xor`)}(${["this.at", at, ...masks].join(", ")})`;
	switch (type.kind) {
		case "bool":
			return masked("bool", offset);
		case "enum":
			return masked("uint16", offset * 2, hex(value.kind === "enum" ? value.value : 0));
		case "int64":
		case "uint64": {
			if (isZero(value) || !(value.kind === "int64" || value.kind === "uint64"))
				return `this.${type.kind}(${offset * 8})`;
			return masked(type.kind, offset * 8, hex(low(value.value)), hex(high(value.value)));
		}
		default:
			return masked(type.kind, (offset * bitsOf(type)) / 8, String("value" in value ? (value.value as number) : 0));
	}
}

function maskedSetter(scope: Scope, field: SlotField): string {
	const { type, offset, defaultValue: value } = field;
	const put = (kind: string, at: number, ...masks: string[]) =>
		`${scope.out.use(`put${kind}Xor`)}(${["this.at", at, "value", ...masks].join(", ")})`;
	switch (value.kind) {
		case "bool":
			return put("Bool", offset);
		case "enum":
			return put("Uint16", offset * 2, hex(value.value));
		case "float32":
			return put("Float32", offset * 4, hex(float32Bits(value.value)));
		case "float64": {
			const bits = float64Bits(value.value);
			return put("Float64", offset * 8, hex(low(bits)), hex(high(bits)));
		}
		default:
			return put(
				capitalized(type.kind),
				(offset * bitsOf(type)) / 8,
				String("value" in value ? (value.value as number) : 0),
			);
	}
}
