import { constantName } from "./emit-constant.js";
import { emitSetAll, hasWholeLists } from "./emit-whole.js";
import { hex, hexBigint, high, isZero, low } from "./literal.js";
import { scalarSetter, whichGetter } from "./emit-scalar.js";
import { type Field, NO_DISCRIMINANT, type SlotField, type StructNode } from "./model.js";
import { capitalized, partName } from "./names.js";
import { bitsOf, enumOf, isPointer, type Scope } from "./scope.js";
import { declaration, namesOf, parametersOf } from "./generics.js";
import { groupView, listView, structView, viewArguments } from "./views.js";

/** `FooBuilder`: setters over a struct that is being built. `asReader` gives the getters. */
export function emitBuilder(scope: Scope, node: StructNode): void {
	scope.within(parametersOf(scope, node), [], () => emitClass(scope, node));
}

function emitClass(scope: Scope, node: StructNode): void {
	const { out } = scope;
	const name = scope.names.of(node);
	const generics = declaration(scope, namesOf(scope.parameters));
	const reader = `${name}Reader${viewArguments(scope, scope.parameters)}`;
	out.gap();
	out.doc(node.doc);
	out.line(`export class ${name}Builder${generics} extends ${out.use("StructBuilder")}<${reader}> {`);
	if (!node.isGroup) {
		out.line(
			`static readonly dataWords: number = ${node.dataWords};`,
			`static readonly pointerCount: number = ${node.pointerCount};`,
			"",
		);
	}
	if (node.discriminantCount > 0) out.line(`which(): ${name}Which { ${whichGetter(node, `${name}Which`)} }`);
	for (const field of node.fields) {
		out.gap();
		out.doc(field.doc);
		if (field.kind === "group") emitGroup(scope, node, field);
		else emitSetters(scope, node, field);
	}
	emitSetAll(scope, node);
	out.line("}");
}

/** Statement that makes `field` the member of its union that is set; "" outside unions. */
function select(node: StructNode, field: Field): string {
	return field.discriminant === NO_DISCRIMINANT
		? ""
		: `this.putUint16(${node.discriminantOffset * 2}, ${field.discriminant}); `;
}

function emitGroup(scope: Scope, node: StructNode, field: Field & { kind: "group" }): void {
	const { out } = scope;
	const name = capitalized(field.name);
	const group = scope.schema.struct(field.typeId);
	const view = groupView(scope, group, "Builder");
	out.line(`edit${name}(into: ${view}): ${view} { into.at.copyFrom(this.at); return into; }`);
	out.line(`/** Sets the whole group back to its defaults. */`);
	out.line(`init${name}(into: ${view}): ${view} {`);
	const chosen = select(node, field).trim();
	if (chosen !== "") out.line(chosen);
	out.line(...zeroing(scope, group), "into.at.copyFrom(this.at);", "return into;", "}");
}

/** Statements that make every bit and pointer of a group zero. */
function zeroing(scope: Scope, group: StructNode): string[] {
	const statements = new Set<string>();
	if (group.discriminantCount > 0) statements.add(`this.putUint16(${group.discriminantOffset * 2}, 0);`);
	for (const field of group.fields) {
		if (field.kind === "group")
			for (const each of zeroing(scope, scope.schema.struct(field.typeId))) statements.add(each);
		else if (isPointer(field.type)) statements.add(`this.erase(${field.offset});`);
		else {
			const bits = bitsOf(field.type);
			if (bits === 1) statements.add(`this.putBool(${field.offset}, false);`);
			else if (bits === 64) statements.add(`this.putUint64Halves(${field.offset * 8}, 0, 0);`);
			else if (bits > 0) statements.add(`this.putUint${bits}(${(field.offset * bits) / 8}, 0);`);
		}
	}
	return [...statements];
}

function emitSetters(scope: Scope, node: StructNode, field: SlotField): void {
	const { out } = scope;
	const name = capitalized(field.name);
	const { type, offset } = field;
	const chosen = select(node, field);
	const method = (signature: string, ...statements: string[]) =>
		out.line(`${signature} { ${chosen}${statements.join(" ")} }`.replace("{  }", "{}").replace("  }", " }"));
	// What another member of the union left there must not be taken for this one's.
	const reused =
		chosen === ""
			? []
			: [`if (this.uint16(${node.discriminantOffset * 2}) !== ${field.discriminant}) this.erase(${offset});`];
	const editor = (signature: string, ...statements: string[]) =>
		out.line(`${signature} { ${[...reused, chosen.trim(), ...statements].filter((each) => each !== "").join(" ")} }`);
	const or = isZero(field.defaultValue) ? null : constantName(scope, node, field);
	switch (type.kind) {
		case "void":
			if (chosen !== "") method(`set${name}(): void`);
			return;
		case "int64":
		case "uint64":
			emitWideSetters(scope, node, field, method);
			return;
		case "text": {
			method(`set${name}(value: string): void`, `${out.use("setText")}(this.at, ${offset}, value);`);
			const view = out.useType("TextBuilder");
			method(
				`init${name}(lengthBytes: number, into: ${view}): ${view}`,
				`${out.use("initBlob")}(this.at, ${offset}, lengthBytes, true, into.at);`,
				"return into;",
			);
			method(
				`copy${name}(value: ${out.useType("TextReader")}): void`,
				`${out.use("copyBlob")}(value.at, true, this.at, ${offset});`,
			);
			break;
		}
		case "data": {
			const view = out.useType("DataBuilder");
			method(
				`set${name}(bytes: ${out.global("Uint8Array")}, offset?: number, length?: number): void`,
				`${out.use("setData")}(this.at, ${offset}, bytes, offset, length);`,
			);
			method(
				`init${name}(length: number, into: ${view}): ${view}`,
				`${out.use("initBlob")}(this.at, ${offset}, length, false, into.at);`,
				"return into;",
			);
			method(
				`copy${name}(value: ${out.useType("DataReader")}): void`,
				`${out.use("copyBlob")}(value.at, false, this.at, ${offset});`,
			);
			break;
		}
		case "list": {
			const view = listView(scope, type.element, "Builder");
			const reader = listView(scope, type.element, "Reader");
			const struct = type.element.kind === "struct" ? sizeOf(scope, type.element.id) : null;
			const whole = type.element.kind === "struct" && hasWholeLists(scope.schema.struct(type.element.id));
			const [parameter, into] = whole ? [`<L extends ${view}>`, "L"] : ["", view];
			method(
				`init${name}${parameter}(length: number, into: ${into}): ${into}`,
				struct === null
					? `${out.use("initList")}(this.at, ${offset}, into.elementSize, length, into.at);`
					: `${out.use("initStructList")}(this.at, ${offset}, length, ${struct}, into.at);`,
				"return into;",
			);
			const edit =
				struct === null
					? `return this.listFor(${offset}, into);`
					: `${out.use("editStructList")}(this.at, ${offset}, ${struct}, into.at); return into;`;
			editor(`edit${name}${parameter}(into: ${into}): ${into}`, ...fromDefault(scope, field, or), edit);
			method(
				`copy${name}(value: ${reader}): void`,
				`${out.use("copyList")}(value.at, value.elementSize, this.at, ${offset});`,
			);
			break;
		}
		case "struct": {
			const view = structView(scope, type.id, type.brand, "Builder");
			const reader = structView(scope, type.id, type.brand, "Reader");
			const size = sizeOf(scope, type.id);
			method(
				`init${name}(into: ${view}): ${view}`,
				`${out.use("initStruct")}(this.at, ${offset}, ${size}, into.at);`,
				"return into;",
			);
			editor(
				`edit${name}(into: ${view}): ${view}`,
				...fromDefault(scope, field, or),
				`${out.use("editStruct")}(this.at, ${offset}, ${size}, into.at);`,
				"return into;",
			);
			method(`copy${name}(value: ${reader}): void`, `${out.use("copyStruct")}(value.at, this.at, ${offset});`);
			break;
		}
		case "anyStruct": {
			const view = out.use("StructBuilder");
			method(
				`init${name}<B extends ${view}>(dataWords: number, pointerCount: number, into: B): B`,
				`return this.newStruct(${offset}, dataWords, pointerCount, into);`,
			);
			editor(
				`edit${name}<B extends ${view}>(dataWords: number, pointerCount: number, into: B): B`,
				`${out.use("editStruct")}(this.at, ${offset}, dataWords, pointerCount, into.at);`,
				"return into;",
			);
			method(
				`copy${name}(value: ${out.use("StructReader")}): void`,
				`${out.use("copyStruct")}(value.at, this.at, ${offset});`,
			);
			break;
		}
		case "anyList": {
			const view = out.useType("ListBuilder");
			method(
				`init${name}<L extends ${view}>(length: number, into: L): L`,
				`return this.newList(${offset}, length, into);`,
			);
			editor(`edit${name}<L extends ${view}>(into: L): L`, `return this.listFor(${offset}, into);`);
			method(
				`copy${name}(value: ${out.useType("ListReader")}): void`,
				`${out.use("copyList")}(value.at, value.elementSize, this.at, ${offset});`,
			);
			break;
		}
		case "interface":
		case "anyCapability": {
			const holder = `${out.useType("Client")} | ${out.useType("Server")} | null`;
			out.line(`/** Adds a reference of its own. */`);
			method(`set${name}(value: ${holder}): void`, `this.putHook(${offset}, value === null ? null : value.hook);`);
			break;
		}
		case "parameter":
			emitParameterSetters(scope, field, name, scope.parameterName(type.scopeId, type.index), method, editor);
			break;
		case "any":
		case "methodParameter": {
			const view = out.useType("AnyBuilder");
			editor(`edit${name}(into: ${view}): ${view}`, `return this.anyFor(${offset}, into);`);
			method(`init${name}(into: ${view}): ${view}`, `this.erase(${offset});`, `return this.anyFor(${offset}, into);`);
			method(`copy${name}(value: ${out.useType("AnyReader")}): void`, `this.putAny(${offset}, value);`);
			break;
		}
		default: {
			const kind =
				type.kind === "bool" ? "boolean" : type.kind === "enum" ? scope.type(enumOf(scope, type.id)) : "number";
			method(`set${name}(value: ${kind}): void`, scalarSetter(scope, field));
			return;
		}
	}
	method(`clear${name}(): void`, `this.erase(${offset});`);
	if (type.kind !== "interface" && type.kind !== "anyCapability" && scope.options.orphans) {
		const orphan = out.useType("Orphan");
		method(`adopt${name}(orphan: ${orphan}): void`, `this.adopt(${offset}, orphan);`);
		out.line(`disown${name}(into: ${orphan}): ${orphan} { return this.disown(${offset}, into); }`);
	}
}

type Writer = (signature: string, ...statements: string[]) => void;

/** A field of a parameter's type: which builders and values fit depends on what is bound to it. */
function emitParameterSetters(
	scope: Scope,
	{ offset }: SlotField,
	name: string,
	parameter: string,
	method: Writer,
	editor: Writer,
): void {
	const { out } = scope;
	const view = parameter || out.useType("AnyReader");
	const into = `<B extends ${out.useType("BuilderOf")}<${view}>>(into: B`;
	const element = `element?: ${out.useType("StructSize")}`;
	out.line(
		`/** Of a list \`length\` elements, of text or data bytes; of a list of structs \`element\` is their builder's class. */`,
	);
	method(
		`init${name}${into}, length = 0, ${element}): B`,
		`return ${out.use("initView")}(this, ${offset}, into, length, element);`,
	);
	editor(`edit${name}${into}, ${element}): B`, `return ${out.use("editView")}(this, ${offset}, into, element);`);
	method(`copy${name}(value: ${view}): void`, `${out.use("copyView")}(this, ${offset}, value);`);
	out.line(`/** A text, bytes, or a capability, which gets a reference of its own. */`);
	method(
		`set${name}(value: ${out.useType("ValueOf")}<${view}>): void`,
		`${out.use("putView")}(this, ${offset}, value);`,
	);
}

/** A null pointer stands for its default: editing it begins with a copy of that. */
function fromDefault({ out }: Scope, field: SlotField, constant: string | null): string[] {
	return constant === null ? [] : [`${out.use("fillFrom")}(${constant}, this.at, ${field.offset}, into.at);`];
}

/** `dataWords, pointerCount` of a struct; of another file's through its builder, which may be recompiled on its own. */
export function sizeOf(scope: Scope, id: bigint): string {
	const struct = scope.schema.struct(id);
	if (scope.isLocal(struct)) return `${struct.dataWords}, ${struct.pointerCount}`;
	const builder = scope.value(struct, "Builder");
	return `${builder}.dataWords, ${builder}.pointerCount`;
}

function emitWideSetters(scope: Scope, node: StructNode, field: SlotField, method: Writer): void {
	const name = capitalized(field.name);
	const at = field.offset * 8;
	const value = field.defaultValue;
	const mask = value.kind === "int64" || value.kind === "uint64" ? value.value : 0n;
	const kind = field.type.kind === "int64" ? "Int64" : "Uint64";
	const xor = (expression: string, mask: number) => (mask === 0 ? expression : `${expression} ^ ${hex(mask)}`);
	method(
		`set${name}(value: number): void`,
		mask === 0n
			? `this.put${kind}(${at}, value);`
			: `${scope.out.use("put64Xor")}(this.at, ${at}, value, ${hex(low(mask))}, ${hex(high(mask))});`,
	);
	method(
		`set${partName(node, field, "Halves")}(low: number, high: number): void`,
		`this.putUint64Halves(${at}, ${xor("low", low(mask))}, ${xor("high", high(mask))});`,
	);
	method(
		`set${partName(node, field, "BigInt")}(value: bigint): void`,
		mask === 0n
			? `${scope.out.use(`putBig${kind}`)}(this.at, ${at}, value);`
			: `${scope.out.use(`putBig${kind}`)}(this.at, ${at}, value ^ ${hexBigint(scope.out, mask)});`,
	);
}
