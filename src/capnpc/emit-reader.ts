import { constantName } from "./emit-constant.js";
import { hex, hexBigint, high, isZero, low } from "./literal.js";
import { scalarGetter, whichGetter } from "./emit-scalar.js";
import { hasWholeLists } from "./emit-whole.js";
import { type Field, NO_DISCRIMINANT, type SlotField, type StructNode } from "./model.js";
import { capitalized, partName, upperSnake } from "./names.js";
import { enumOf, type Scope } from "./scope.js";
import { declaration, namesOf, parametersOf } from "./generics.js";
import { clientView, groupView, listView, structView } from "./views.js";

/** `FooReader`: getters over a struct in a message. */
export function emitReader(scope: Scope, node: StructNode): void {
	scope.within(parametersOf(scope, node), [], () => emitClass(scope, node));
}

function emitClass(scope: Scope, node: StructNode): void {
	const { out } = scope;
	const names = namesOf(scope.parameters);
	const name = scope.names.of(node);
	out.gap();
	out.doc(node.doc);
	out.line(`export class ${name}Reader${declaration(scope, names)} extends ${out.use("StructReader")} {`);
	if (names.length > 0)
		out.line("/** Never there; carries the types. */", `declare readonly types?: [${names.join(", ")}];`, "");
	if (node.discriminantCount > 0) {
		out.line(`which(): ${name}Which { ${whichGetter(node, `${name}Which`)} }`);
	}
	for (const field of node.fields) {
		out.gap();
		emitGetters(scope, node, field);
	}
	out.line("}");
}

function emitGetters(scope: Scope, node: StructNode, field: Field): void {
	const { out } = scope;
	const name = capitalized(field.name);
	out.doc(field.doc);
	if (field.kind === "group") {
		const group = groupView(scope, scope.schema.struct(field.typeId), "Reader");
		out.line(`read${name}(into: ${group}): ${group} { into.at.copyFrom(this.at); return into; }`);
	} else emitSlot(scope, node, field, name);
	if (field.discriminant !== NO_DISCRIMINANT) {
		out.line(`is${name}(): boolean { return this.uint16(${node.discriminantOffset * 2}) === ${field.discriminant}; }`);
	}
}

function emitSlot(scope: Scope, node: StructNode, field: SlotField, name: string): void {
	const { out } = scope;
	const { type, offset } = field;
	const value = field.defaultValue;
	const or = isZero(value) ? null : constantName(scope, node, field);
	// Through places: a field of a view is looked up here in one class, in the base class in all of them.
	const read = (follow: string, ...more: string[]) =>
		or === null
			? `${out.use(follow)}(${["this.at", offset, ...more, "into.at"].join(", ")}); return into;`
			: `${out.use(`${follow}Or`)}(${["this.at", offset, ...more, or, "into.at"].join(", ")}); return into;`;
	switch (type.kind) {
		case "void":
			return;
		case "enum": {
			const color = scope.type(enumOf(scope, type.id));
			out.line(`get${name}(): ${color} { ${scalarGetter(scope, field)} }`);
			return;
		}
		case "int64":
		case "uint64": {
			const mask = value.kind === "int64" || value.kind === "uint64" ? value.value : 0n;
			const signed = type.kind === "int64";
			const half = (half: string, mask: number, signed: boolean) =>
				mask === 0
					? `this.${half}(${offset * 8})`
					: signed
						? `this.${half}(${offset * 8}) ^ ${hex(mask)}`
						: `(this.${half}(${offset * 8}) ^ ${hex(mask)}) >>> 0`;
			const big = `${out.use(signed ? "bigInt64" : "bigUint64")}(this.at, ${offset * 8})`;
			out.line(`/** Throws a RangeError beyond 2^53; see the other getters. */`);
			out.line(`get${name}(): number { ${scalarGetter(scope, field)} }`);
			out.line(`get${partName(node, field, "Low")}(): number { return ${half("uint64Low", low(mask), false)}; }`);
			out.line(
				`get${partName(node, field, "High")}(): number { return ${half(signed ? "int64High" : "uint64High", high(mask), signed)}; }`,
			);
			out.line(
				`get${partName(node, field, "BigInt")}(): bigint { return ${mask === 0n ? big : `${big} ^ ${hexBigint(out, mask)}`}; }`,
			);
			return;
		}
		case "text": {
			const view = out.use("TextReader");
			out.line(
				`get${name}(): string { return ${value.kind === "text" && or !== null ? `${out.use("textOr")}(this.at, ${offset}, ${JSON.stringify(value.value)})` : `this.text(${offset})`}; }`,
			);
			out.line(`read${name}(into: ${view}): ${view} { ${read("followText")} }`);
			break;
		}
		case "data": {
			const view = out.use("DataReader");
			out.line(`read${name}(into: ${view}): ${view} { ${read("followData")} }`);
			break;
		}
		case "list": {
			const view = listView(scope, type.element, "Reader");
			const list =
				type.element.kind === "struct" && or === null
					? read("followStructList")
					: read("followList", "into.elementSize");
			const whole = type.element.kind === "struct" && hasWholeLists(scope.schema.struct(type.element.id));
			const [parameter, into] = whole ? [`<L extends ${view}>`, "L"] : ["", view];
			out.line(`read${name}${parameter}(into: ${into}): ${into} { ${list} }`);
			break;
		}
		case "struct": {
			const view = structView(scope, type.id, type.brand, "Reader");
			out.line(`read${name}(into: ${view}): ${view} { ${read("followStruct")} }`);
			break;
		}
		case "anyStruct":
			out.line(`read${name}<R extends ${out.use("StructReader")}>(into: R): R { ${read("followStruct")} }`);
			break;
		case "anyList":
			out.line(
				`read${name}<L extends ${out.useType("ListReader")}>(into: L): L { ${read("followList", "into.elementSize")} }`,
			);
			break;
		case "interface": {
			const client = clientView(scope, type.id, type.brand);
			out.line(`/** Aims \`into\` at the capability with a reference of its own: release it. */`);
			out.line(`take${name}<C extends ${client}>(into: C): C { return into.adopt(this.hook(${offset})) as C; }`);
			break;
		}
		case "anyCapability":
			out.line(`/** Aims \`into\` at the capability with a reference of its own: release it. */`);
			out.line(
				`take${name}<C extends ${out.useType("Client")}>(into: C): C { return into.adopt(this.hook(${offset})) as C; }`,
			);
			break;
		case "parameter": {
			const parameter = scope.parameterName(type.scopeId, type.index);
			out.line(
				`read${name}<Into extends ${parameter || out.useType("AnyReader")}>(into: Into): Into { return ${out.use("readView")}(this, ${offset}, into); }`,
			);
			break;
		}
		case "any":
		case "methodParameter": {
			const view = out.useType("AnyReader");
			out.line(`read${name}(into: ${view}): ${view} { ${read("aimAny")} }`);
			break;
		}
		default:
			out.line(`get${name}(): ${type.kind === "bool" ? "boolean" : "number"} { ${scalarGetter(scope, field)} }`);
			return;
	}
	out.line(`has${name}(): boolean { return !this.absent(${offset}); }`);
}

/** `FooWhich`: which member of the union is set. */
export function emitWhich(scope: Scope, node: StructNode): void {
	const { out } = scope;
	const name = scope.names.of(node) + "Which";
	const members = node.fields
		.filter((field) => field.discriminant !== NO_DISCRIMINANT)
		.sort((a, b) => a.discriminant - b.discriminant);
	out.gap();
	emitNumbers(
		scope,
		name,
		members.map((each) => ({ name: each.name, value: each.discriminant, doc: "" })),
	);
}

/** A frozen table of names and the union of their numbers. */
export function emitNumbers(
	scope: Scope,
	name: string,
	members: readonly { name: string; value: number; doc: string }[],
): void {
	const { out } = scope;
	const taken = new Set<string>();
	out.line(`export const ${name} = {`);
	for (const member of members) {
		out.doc(member.doc);
		let key = upperSnake(member.name);
		while (taken.has(key)) key += "_";
		taken.add(key);
		out.line(`${key}: ${member.value},`);
	}
	out.line("} as const;");
	out.line(`export type ${name} = (typeof ${name})[keyof typeof ${name}];`);
}
