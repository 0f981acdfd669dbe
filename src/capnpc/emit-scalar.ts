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
	const cast = type.kind === "enum" ? ` as ${scope.type(enumOf(scope, type.id))}` : "";
	if (!isZero(defaultValue) && (type.kind === "float32" || type.kind === "float64")) return unmaskedFloat(scope, field);
	if (!isZero(defaultValue) || type.kind === "int64" || type.kind === "uint64")
		return `return ${maskedGetter(field)}${cast};`;
	if (type.kind === "bool") {
		const byte = offset >> 3;
		return `const at = this.at; return ${byte + 1} <= at.dataBytes ? (at.view.getUint8(${from(byte)}) & ${hex(1 << (offset & 7))}) !== 0 : false;`;
	}
	const bytes = bitsOf(type) / 8;
	return direct(accessorOf(type.kind), offset * bytes, bytes, cast);
}

/** A field without a default as an expression: at `data` of `view`, a struct with `bytes` of data. */
export function scalarAt(scope: Scope, { type, offset }: SlotField): string {
	const cast = type.kind === "enum" ? ` as ${scope.type(enumOf(scope, type.id))}` : "";
	const bits = bitsOf(type);
	const byte = (offset * bits) >> 3;
	const at = byte === 0 ? "data" : `data + ${byte}`;
	if (type.kind === "bool")
		return `${byte + 1} <= bytes ? (view.getUint8(${at}) & ${hex(1 << (offset & 7))}) !== 0 : false`;
	const value = `${byte + bits / 8} <= bytes ? view.get${accessorOf(type.kind)}(${at}${bits > 8 ? ", true" : ""}) : 0`;
	return cast === "" ? value : `(${value})${cast}`;
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
export function scalarSetter(field: SlotField): string {
	const { type, offset, defaultValue } = field;
	if (!isZero(defaultValue)) return `${maskedSetter(field)};`;
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

function maskedGetter(field: SlotField): string {
	const { type, offset, defaultValue: value } = field;
	const zero = isZero(value);
	switch (type.kind) {
		case "bool":
			return `this.bool${zero ? "" : "Xor"}(${offset})`;
		case "enum":
			return masked("uint16", offset * 2, zero ? [] : [hex(value.kind === "enum" ? value.value : 0)]);
		case "int64":
		case "uint64":
			return masked(
				type.kind,
				offset * 8,
				(value.kind === "int64" || value.kind === "uint64") && !zero
					? [hex(low(value.value)), hex(high(value.value))]
					: [],
			);
		default: {
			const bytes = Number(/\d+/.exec(type.kind)![0]) / 8;
			return masked(type.kind, offset * bytes, !zero && "value" in value ? [String(value.value as number)] : []);
		}
	}
}

function masked(getter: string, offset: number, mask: string[]): string {
	return `this.${getter}${mask.length > 0 ? "Xor" : ""}(${[offset, ...mask].join(", ")})`;
}

function maskedSetter(field: SlotField): string {
	const { type, offset, defaultValue: value } = field;
	const zero = isZero(value);
	const put = (kind: string, bytes: number, ...mask: string[]) =>
		`this.put${kind}${mask.length > 0 ? "Xor" : ""}(${[offset * bytes, "value", ...mask].join(", ")})`;
	switch (type.kind) {
		case "bool":
			return `this.putBool${zero ? "" : "Xor"}(${offset}, value)`;
		case "enum":
			return put("Uint16", 2, ...(value.kind === "enum" && !zero ? [hex(value.value)] : []));
		case "float32":
			return put("Float32", 4, ...(value.kind === "float32" && !zero ? [hex(float32Bits(value.value))] : []));
		case "float64": {
			const bits = value.kind === "float64" ? float64Bits(value.value) : 0n;
			return put("Float64", 8, ...(zero ? [] : [hex(low(bits)), hex(high(bits))]));
		}
		default:
			return put(
				capitalized(type.kind),
				Number(/\d+/.exec(type.kind)![0]) / 8,
				...(zero || !("value" in value) ? [] : [String(value.value as number)]),
			);
	}
}
