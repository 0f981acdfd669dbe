import { sizeOf } from "./emit-builder.js";
import { hex, high, low } from "./literal.js";
import { declaration, namesOf, parametersOf } from "./generics.js";
import {
	implicitNames,
	lineage,
	methodClass,
	methodName,
	methodType,
	offered,
	type Offered,
	RESERVED_METHODS,
} from "./methods.js";
import type { InterfaceNode, StructNode } from "./model.js";
import { capitalized } from "./names.js";
import type { Scope } from "./scope.js";
import { clientView, typeArguments, viewArguments, viewBindings } from "./views.js";

/** The device side of an interface: calls and the server on one side, requests and the client on the other. */
export function emitInterface(scope: Scope, node: InterfaceNode): void {
	scope.within(parametersOf(scope, node), [], () => emitClasses(scope, node));
}

function emitClasses(scope: Scope, node: InterfaceNode): void {
	const own = offered(scope, node, RESERVED_METHODS).filter((each) => each.owner === node);
	for (const each of own) scope.within(scope.parameters, each.implicit, () => emitCall(scope, each));
	emitServer(scope, node);
	for (const each of own) scope.within(scope.parameters, each.implicit, () => emitRequest(scope, each));
	emitClient(scope, node);
}

/** `ThermostatReadCall`: what a server's method is given. */
function emitCall(scope: Scope, offer: Offered): void {
	const { out } = scope;
	const name = methodName(scope, offer.owner, offer.method) + "Call";
	const names = [...namesOf(scope.parameters), ...implicitNames(offer)];
	const own = name + (names.length > 0 ? `<${names.join(", ")}>` : "");
	const { method } = offer;
	const params = scope.value(offer.params, "Reader") + typeArguments(scope, offer.params, method.paramsBrand);
	const results = offer.streaming
		? out.use("StructBuilder")
		: scope.value(offer.results, "Builder") + typeArguments(scope, offer.results, method.resultsBrand);
	const size = offer.streaming ? "0, 0" : sizeOf(scope, offer.results.id);
	out.gap();
	out.line(
		`export class ${name}${declaration(scope, names)} extends ${out.use("MethodCall")}<${params}, ${results}> {`,
	);
	out.line(
		`constructor(home: ${out.useType("FreeCalls")}<${own}>) { super(home, new ${params}(), new ${results}(), ${size}); }`,
		"}",
	);
}

/** `ThermostatServer`: one method to implement for each of the interface, inherited ones included. */
function emitServer(scope: Scope, node: InterfaceNode): void {
	const { out } = scope;
	const methods = offered(scope, node, RESERVED_METHODS);
	const result = out.use("DispatchResult");
	out.gap();
	out.doc(node.doc);
	const generics = declaration(scope, namesOf(scope.parameters));
	out.line(`export abstract class ${scope.names.of(node)}Server${generics} extends ${out.use("Server")} {`);
	for (const each of methods)
		out.line(`readonly #${each.name} = new ${out.use("FreeCalls")}<${methodType(scope, each, "Call")}>();`);
	for (const each of methods) {
		out.gap();
		out.doc(each.method.doc);
		out.line(`abstract ${each.name}(call: ${methodType(scope, each, "Call")}): void;`);
	}
	const unused = methods.length > 0 ? "" : "_";
	out.gap();
	out.line(
		`override dispatch(${unused}call: ${out.useType("ServerCall")}, interfaceHigh: number, interfaceLow: number, ${unused}methodId: number): number {`,
	);
	for (const { node: owner } of lineage(scope, node).reverse()) {
		out.line(`if (interfaceHigh === ${hex(high(owner.id))} && interfaceLow === ${hex(low(owner.id))}) {`);
		const here = methods.filter((each) => each.owner === owner).sort((a, b) => a.method.ordinal - b.method.ordinal);
		if (here.length > 0) {
			out.line("switch (methodId) {");
			for (const each of here) {
				const call = methodType(scope, each, "Call");
				out.line(
					`case ${each.method.ordinal}: this.${each.name}((this.#${each.name}.take() ?? new ${call}(this.#${each.name})).begin(call)); return ${result}.DONE;`,
				);
			}
			out.line("}");
		}
		out.line(`return ${result}.UNKNOWN_METHOD;`, "}");
	}
	out.line(`return ${result}.UNKNOWN_INTERFACE;`, "}", "}");
}

/** `ThermostatReadRequest`: a call being built, and the way to capabilities in its results before they are there. */
function emitRequest(scope: Scope, offer: Offered): void {
	const { out } = scope;
	const { method } = offer;
	const generics = declaration(scope, [...namesOf(scope.parameters), ...implicitNames(offer)]);
	const params = scope.value(offer.params, "Builder") + typeArguments(scope, offer.params, method.paramsBrand);
	const results = viewBindings(scope, offer.results, method.resultsBrand);
	const paths = scope.within(results, [], () => capabilityPaths(scope, offer.results, []));
	out.gap();
	out.line(`export class ${methodName(scope, offer.owner, method)}Request${generics} extends ${out.use("Request")} {`);
	out.line(`readonly params = new ${params}();`);
	if (generics !== "" && !offer.streaming) {
		const reader = scope.value(offer.results, "Reader") + viewArguments(scope, results);
		out.line("/** Never there; carries the type of the results. */", `declare readonly results?: ${reader};`);
	}
	if (paths.length > 0) out.line(`readonly #path = new ${out.use("PipelinePath")}();`);
	for (const path of paths) {
		const fields = path.indexes.map((index) => `.field(${index})`).join("");
		out.gap();
		out.line(
			`/** Aims \`into\` at the capability that \`call\` will return, with a reference of its own: release it. */`,
		);
		out.line(
			`take${path.name}<C extends ${path.client}>(call: ${out.useType("Call")}, into: C): C { return into.aim(this.#path.of(call)${fields}.take()); }`,
		);
	}
	out.line("}");
}

interface CapabilityPath {
	readonly name: string;
	readonly indexes: readonly number[];
	/** The class of clients that fit. */
	readonly client: string;
}

/** Nested structs that are looked into for capabilities. */
const PATH_DEPTH_MAX = 3;

/** The capabilities that can be reached through structs, not through lists. A recursive struct is entered once. */
function capabilityPaths(
	scope: Scope,
	node: StructNode,
	entered: readonly bigint[],
	prefix = "",
	indexes: readonly number[] = [],
): CapabilityPath[] {
	if (entered.includes(node.id) || indexes.length > PATH_DEPTH_MAX) return [];
	const deeper = [...entered, node.id];
	return node.fields.flatMap((field) => {
		const name = prefix + capitalized(field.name);
		if (field.kind === "group") return capabilityPaths(scope, scope.schema.struct(field.typeId), deeper, name, indexes);
		const path = [...indexes, field.offset];
		if (field.type.kind === "interface")
			return [{ name, indexes: path, client: clientView(scope, field.type.id, field.type.brand) }];
		if (field.type.kind === "anyCapability") return [{ name, indexes: path, client: scope.out.useType("Client") }];
		if (field.type.kind !== "struct") return [];
		const struct = scope.schema.struct(field.type.id);
		return scope.within(viewBindings(scope, struct, field.type.brand), [], () =>
			capabilityPaths(scope, struct, deeper, name, path),
		);
	});
}

/** `ThermostatClient`: a reference whose methods can be called. */
function emitClient(scope: Scope, node: InterfaceNode): void {
	const { out } = scope;
	const first = node.superclasses[0];
	const base = first === undefined ? null : scope.schema.interface(first.id);
	const inherited = base === null ? [] : lineage(scope, base).map((each) => each.node);
	const methods = offered(scope, node, RESERVED_METHODS).filter((each) => !inherited.includes(each.owner));
	const generics = declaration(scope, namesOf(scope.parameters));
	const parent =
		base === null ? out.use("Client") : scope.value(base, "Client") + typeArguments(scope, base, first!.brand);
	out.gap();
	out.doc(node.doc);
	out.line(`export class ${scope.names.of(node)}Client${generics} extends ${parent} {`);
	for (const each of methods) out.line(`#${each.name}: ${methodType(scope, each, "Request")} | null = null;`);
	for (const each of methods) emitStart(scope, each);
	out.line("}");
}

/** `startRead()`: begins a call. With parameters of the method's own they are the caller's to say. */
function emitStart(scope: Scope, offer: Offered): void {
	const { out } = scope;
	const { name, method, owner } = offer;
	const implicit = implicitNames(offer);
	const request = methodType(scope, offer, "Request");
	const bound = [...offer.parameters.map((each) => each.name || out.useType("AnyReader")), ...implicit];
	const given = implicit.length === 0 ? request : `${methodClass(scope, offer, "Request")}<${bound.join(", ")}>`;
	const id = `${hex(high(owner.id))}, ${hex(low(owner.id))}, ${method.ordinal}`;
	out.gap();
	out.doc(method.doc);
	out.line(`start${capitalized(name)}${declaration(scope, implicit)}(): ${given} {`);
	const begin = `this.begin(request, request.params, ${id}, ${sizeOf(scope, offer.params.id)})`;
	out.line(
		`const request = (this.#${name} ??= new ${request}());`,
		`return ${begin}${given === request ? "" : ` as unknown as ${given}`};`,
		"}",
	);
}
