import { sizeOf } from "./emit-builder.js";
import { hex, high, low } from "./literal.js";
import { lineage, methodClass, methodName, offered, type Offered, RESERVED_METHODS } from "./methods.js";
import type { InterfaceNode, StructNode } from "./model.js";
import { capitalized } from "./names.js";
import type { Scope } from "./scope.js";

/** The device side of an interface: calls and the server on one side, requests and the client on the other. */
export function emitInterface(scope: Scope, node: InterfaceNode): void {
	const own = offered(scope, node, RESERVED_METHODS).filter((each) => each.owner === node);
	for (const each of own) emitCall(scope, each);
	emitServer(scope, node);
	for (const each of own) emitRequest(scope, each);
	emitClient(scope, node);
}

/** `ThermostatReadCall`: what a server's method is given. */
function emitCall(scope: Scope, offer: Offered): void {
	const { out } = scope;
	const name = methodName(scope, offer.owner, offer.method) + "Call";
	const params = scope.value(offer.params, "Reader");
	const results = offer.streaming ? out.use("StructBuilder") : scope.value(offer.results, "Builder");
	const size = offer.streaming ? "0, 0" : sizeOf(scope, offer.results.id);
	out.gap();
	out.line(`export class ${name} extends ${out.use("MethodCall")}<${params}, ${results}> {`);
	out.line(
		`constructor(home: ${out.useType("FreeCalls")}<${name}>) { super(home, new ${params}(), new ${results}(), ${size}); }`,
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
	out.line(`export abstract class ${scope.names.of(node)}Server extends ${out.use("Server")} {`);
	for (const each of methods)
		out.line(`readonly #${each.name} = new ${out.use("FreeCalls")}<${methodClass(scope, each, "Call")}>();`);
	for (const each of methods) {
		out.gap();
		out.doc(each.method.doc);
		out.line(`abstract ${each.name}(call: ${methodClass(scope, each, "Call")}): void;`);
	}
	const unused = methods.length > 0 ? "" : "_";
	out.gap();
	out.line(
		`override dispatch(${unused}call: ${out.useType("ServerCall")}, interfaceHigh: number, interfaceLow: number, ${unused}methodId: number): number {`,
	);
	for (const owner of lineage(scope, node).reverse()) {
		out.line(`if (interfaceHigh === ${hex(high(owner.id))} && interfaceLow === ${hex(low(owner.id))}) {`);
		const here = methods.filter((each) => each.owner === owner).sort((a, b) => a.method.ordinal - b.method.ordinal);
		if (here.length > 0) {
			out.line("switch (methodId) {");
			for (const each of here) {
				const call = methodClass(scope, each, "Call");
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
	const paths = capabilityPaths(scope, offer.results, []);
	out.gap();
	out.line(`export class ${methodName(scope, offer.owner, offer.method)}Request extends ${out.use("Request")} {`);
	out.line(`readonly params = new ${scope.value(offer.params, "Builder")}();`);
	if (paths.length > 0) out.line(`readonly #path = new ${out.use("PipelinePath")}();`);
	for (const path of paths) {
		const client =
			path.interfaceId === null
				? out.useType("Client")
				: scope.type(scope.schema.interface(path.interfaceId), "Client");
		const fields = path.indexes.map((index) => `.field(${index})`).join("");
		out.gap();
		out.line(
			`/** Aims \`into\` at the capability that \`call\` will return, with a reference of its own: release it. */`,
		);
		out.line(
			`take${path.name}<C extends ${client}>(call: ${out.useType("Call")}, into: C): C { return into.aim(this.#path.of(call)${fields}.take()); }`,
		);
	}
	out.line("}");
}

interface CapabilityPath {
	readonly name: string;
	readonly indexes: readonly number[];
	readonly interfaceId: bigint | null;
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
		if (field.type.kind === "interface") return [{ name, indexes: path, interfaceId: field.type.id }];
		if (field.type.kind === "anyCapability") return [{ name, indexes: path, interfaceId: null }];
		return field.type.kind === "struct"
			? capabilityPaths(scope, scope.schema.struct(field.type.id), deeper, name, path)
			: [];
	});
}

/** `ThermostatClient`: a reference whose methods can be called. */
function emitClient(scope: Scope, node: InterfaceNode): void {
	const { out } = scope;
	const first = node.superclasses[0];
	const base = first === undefined ? null : scope.schema.interface(first.id);
	const inherited = base === null ? [] : lineage(scope, base);
	const methods = offered(scope, node, RESERVED_METHODS).filter((each) => !inherited.includes(each.owner));
	out.gap();
	out.doc(node.doc);
	out.line(
		`export class ${scope.names.of(node)}Client extends ${base === null ? out.use("Client") : scope.value(base, "Client")} {`,
	);
	for (const each of methods) out.line(`#${each.name}: ${methodClass(scope, each, "Request")} | null = null;`);
	for (const each of methods) {
		const request = methodClass(scope, each, "Request");
		out.gap();
		out.doc(each.method.doc);
		out.line(`start${capitalized(each.name)}(): ${request} {`);
		out.line(`const request = (this.#${each.name} ??= new ${request}());`);
		const id = `${hex(high(each.owner.id))}, ${hex(low(each.owner.id))}, ${each.method.ordinal}`;
		out.line(`return this.begin(request, request.params, ${id}, ${sizeOf(scope, each.params.id)});`, "}");
	}
	out.line("}");
}
