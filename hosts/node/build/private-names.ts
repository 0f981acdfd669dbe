import { applyEdits, children, type Edit, type Node } from "./syntax.js";
import type { Toolchain } from "./toolchain.js";

/**
 * The same few private names in every class: each different name costs an image some 25 bytes, and a minifier gives each one of the whole
 * program its own. A class within another goes on where that stopped, since it may reach the other's.
 */
export function sharePrivateNames(code: string, parseAst: Toolchain["parseAst"]): string {
	const edits: Edit[] = [];
	const visit = (node: Node, outer: ReadonlyMap<string, string>): void => {
		const names = node.type === "ClassBody" ? withOwn(node, outer) : outer;
		if (node.type === "PrivateIdentifier")
			edits.push({ start: node.start, end: node.end, text: names.get(String(node["name"]))! });
		for (const child of children(node)) visit(child, names);
	};
	visit(parseAst(code) as unknown as Node, new Map());
	return applyEdits(code, edits);
}

/** A getter and a setter are one name. */
function withOwn(body: Node, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	const names = new Map(outer);
	const own = new Set<string>();
	for (const member of body["body"] as Node[]) {
		const key = member["key"] as Node | undefined;
		if (key?.type === "PrivateIdentifier") own.add(String(key["name"]));
	}
	let next = new Set(outer.values()).size;
	for (const name of own) names.set(name, `#${letters(next++)}`);
	return names;
}

function letters(index: number): string {
	const letter = String.fromCharCode(97 + (index % 26));
	return index < 26 ? letter : letters(Math.floor(index / 26) - 1) + letter;
}
