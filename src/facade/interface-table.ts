import type { InterfaceType, MethodType } from "../cap/descriptor.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";

/** A method with the interface that it belongs to, and the views that its params and results pass through. */
export interface TableMethod {
	readonly type: MethodType;
	readonly interfaceHigh: number;
	readonly interfaceLow: number;
	readonly paramsReader: StructReader;
	readonly paramsBuilder: StructBuilder;
	readonly resultsReader: StructReader;
	readonly resultsBuilder: StructBuilder;
}

/** Everything that can be called through an interface, inherited methods included. */
export class InterfaceTable {
	readonly type: InterfaceType<unknown>;
	readonly methods: readonly TableMethod[];
	/** Of each interface in the lineage: low half of its id → high half → methods by ordinal. */
	readonly #byId = new Map<bigint, (TableMethod | undefined)[]>();

	constructor(type: InterfaceType<unknown>) {
		this.type = type;
		this.methods = this.#collect(type);
	}

	/** The methods of one interface by ordinal; undefined where it is not in the lineage. */
	of(interfaceHigh: number, interfaceLow: number): readonly (TableMethod | undefined)[] | undefined {
		return this.#byId.get(key(interfaceHigh, interfaceLow));
	}

	#collect(type: InterfaceType<unknown>): TableMethod[] {
		const id = key(type.idHigh, type.idLow);
		if (this.#byId.has(id)) return [];
		const own = type.methods().map((method) => entry(type, method));
		const byOrdinal: (TableMethod | undefined)[] = [];
		for (const method of own) byOrdinal[method.type.ordinal] = method;
		this.#byId.set(id, byOrdinal);
		return [...type.superclasses().flatMap((superclass) => this.#collect(superclass)), ...own];
	}
}

function entry(type: InterfaceType<unknown>, method: MethodType): TableMethod {
	return {
		type: method,
		interfaceHigh: type.idHigh,
		interfaceLow: type.idLow,
		paramsReader: method.params.createReader(),
		paramsBuilder: method.params.createBuilder(),
		resultsReader: method.results.createReader(),
		resultsBuilder: method.results.createBuilder(),
	};
}

function key(high: number, low: number): bigint {
	return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
