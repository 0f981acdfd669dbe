/**
 * The scope of modules that the SDK preloads: its linker wants `const` alone there, and objects that nobody can change, down to the last
 * (`documentation/xs/preload.md` of the SDK). Literals can be frozen where they stand; what else could change is named.
 */
import { applyEdits, type Edit, type Node } from "./syntax.js";
import type { Toolchain } from "./toolchain.js";

type ParseAst = Toolchain["parseAst"];

/** Freezes every literal object and list of the module's scope, and those within them. */
export function freezeScope(code: string, parseAst: ParseAst): string {
	const edits: Edit[] = [];
	const insert = (at: number, text: string): void => void edits.push({ start: at, end: at, text });
	const freeze = (node: Node | null, frozen: boolean): void => {
		const inside = frozenArgument(node);
		if (inside !== null) return freeze(inside, true);
		if (node === null || !isLiteral(node)) return;
		if (!frozen) insert(node.start, "Object.freeze(");
		for (const part of parts(node)) freeze(part, false);
		if (!frozen) insert(node.end, ")");
	};
	for (const { value } of scopeValues(code, parseAst)) freeze(value, false);
	return applyEdits(code, edits);
}

/** What of the module's scope could be changed, each as a piece of its text. */
export function mutableScope(code: string, parseAst: ParseAst): string[] {
	const found: string[] = [];
	const name = (node: Node): void => void found.push(code.slice(node.start, Math.min(node.end, node.start + 60)));
	const check = (node: Node | null, frozen: boolean): void => {
		const inside = frozenArgument(node);
		if (inside !== null) return check(inside, true);
		if (node === null) return;
		if (node.type === "NewExpression" && !frozen && !isEmptyBuffer(node)) name(node);
		if (!isLiteral(node)) return;
		if (!frozen) name(node);
		for (const part of parts(node)) check(part, false);
	};
	for (const { declaration, value } of scopeValues(code, parseAst)) {
		if (declaration["kind"] === "let" || declaration["kind"] === "var") name(declaration);
		check(value, false);
	}
	return found;
}

/** The values of the module's variables and of its classes' static properties. */
function scopeValues(code: string, parseAst: ParseAst): { declaration: Node; value: Node | null }[] {
	const values: { declaration: Node; value: Node | null }[] = [];
	for (const statement of (parseAst(code) as unknown as { body: Node[] }).body) {
		const declaration = (statement["declaration"] as Node | null | undefined) ?? statement;
		if (declaration.type === "VariableDeclaration")
			for (const one of declaration["declarations"] as Node[])
				values.push({ declaration, value: one["init"] as Node | null });
		if (declaration.type !== "ClassDeclaration") continue;
		for (const member of (declaration["body"] as Node)["body"] as Node[])
			if (member.type === "PropertyDefinition" && member["static"])
				values.push({ declaration: member, value: member["value"] as Node | null });
	}
	return values;
}

function isLiteral(node: Node): boolean {
	return node.type === "ObjectExpression" || node.type === "ArrayExpression";
}

function parts(literal: Node): Node[] {
	if (literal.type === "ArrayExpression")
		return (literal["elements"] as (Node | null)[]).filter((part) => part !== null);
	return (literal["properties"] as Node[]).flatMap((property) =>
		property.type === "Property" ? [property["value"] as Node] : [],
	);
}

/** What a call of Object.freeze is given; null for anything else. */
function frozenArgument(node: Node | null): Node | null {
	if (node?.type !== "CallExpression") return null;
	const callee = node["callee"] as Node;
	const isFreeze =
		callee.type === "MemberExpression" &&
		(callee["object"] as Node)["name"] === "Object" &&
		(callee["property"] as Node)["name"] === "freeze";
	return isFreeze ? ((node["arguments"] as Node[])[0] ?? null) : null;
}

/** Nothing in it could be written: `new Uint8Array(0)`, `new DataView(new ArrayBuffer(0))`. */
function isEmptyBuffer(node: Node): boolean {
	const [length, ...rest] = node["arguments"] as Node[];
	if (
		length === undefined ||
		rest.length > 0 ||
		!/(Array|ArrayBuffer|DataView)$/.test(String((node["callee"] as Node)["name"]))
	)
		return false;
	return length.type === "NewExpression" ? isEmptyBuffer(length) : length["value"] === 0;
}
