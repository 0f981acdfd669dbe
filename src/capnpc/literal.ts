import type { Value } from "./model.js";
import type { ModuleWriter } from "./module-writer.js";

/** A JavaScript number literal for any float, NaN and the infinities included. */
export function numberLiteral(out: ModuleWriter, value: number): string {
	if (Number.isNaN(value)) return out.global("NaN");
	if (value === Infinity) return out.global("Infinity");
	if (value === -Infinity) return `-${out.global("Infinity")}`;
	return Object.is(value, -0) ? "-0" : String(value);
}

/** Of a u32. In two parts where engines would format it as a double, which takes ten times as long. */
export function hex(value: number): string {
	if (value < 10) return String(value);
	if (value < 0x40000000) return "0x" + value.toString(16);
	return "0x" + (value >>> 16).toString(16) + (value & 0xffff).toString(16).padStart(4, "0");
}

export function hexBigint(out: ModuleWriter, value: bigint): string {
	return `${out.global("BigInt")}("${value < 0n ? value.toString() : "0x" + value.toString(16)}")`;
}

export function low(value: bigint): number {
	return Number(BigInt.asUintN(32, value));
}

export function high(value: bigint): number {
	return Number(BigInt.asUintN(32, value >> 32n));
}

export function float32Bits(value: number): number {
	const view = new DataView(new ArrayBuffer(4));
	view.setFloat32(0, value);
	return view.getUint32(0);
}

export function float64Bits(value: number): bigint {
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, value);
	return view.getBigUint64(0);
}

/** Whether a default is what zeroes on the wire mean anyway. */
export function isZero(value: Value): boolean {
	switch (value.kind) {
		case "void":
		case "interface":
			return true;
		case "bool":
			return !value.value;
		case "text":
			return value.value === "";
		case "data":
			return value.value.length === 0;
		case "list":
		case "struct":
		case "any":
			return value.halves.length === 0;
		case "float32":
		case "float64":
			return Object.is(value.value, 0);
		default:
			return Number(value.value) === 0;
	}
}
