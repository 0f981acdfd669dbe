import * as schema from "capnp-ts/src/std/schema.capnp.js";
import {
	type AnyKindName,
	type Brand,
	type BrandScope,
	type ScalarKind,
	SchemaError,
	type Type,
	type Value,
} from "./model.js";
import { halvesOf } from "./request-message.js";

/** Types and values of a request, as capnp-ts shows them. Kinds that are unknown are a SchemaError. */

export function readBrand(brand: schema.Brand): Brand {
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

export function readType(type: schema.Type): Type {
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
	return { kind: (any.isUnconstrained() ? UNCONSTRAINED[any.getUnconstrained().which()] : undefined) ?? "any" };
}

export function readValue(value: schema.Value): Value {
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
