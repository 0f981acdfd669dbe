import type { BundledModule } from "./bundle.js";
import { children, type Node } from "./syntax.js";
import type { Toolchain } from "./toolchain.js";

/**
 * Names of the functions that are declared at the top of a module, do not say `this`, and are never mentioned but to be called, in their
 * own module or in another: nobody misses what they have for being constructed.
 */
export function plainFunctions(modules: readonly BundledModule[], parseAst: Toolchain["parseAst"]): Set<string> {
	const programs = modules.map(({ code }) => parseAst(code) as unknown as Node);
	const declared = new Set(programs.flatMap(declaredIn));
	const names = new Set([...declared].filter((node) => children(node).every(saysNoThis)).map((node) => idOf(node)));
	const exported = new Map(programs.flatMap((program) => specifiers(program, "Export", "exported", "local")));
	for (const program of programs) {
		const imported = new Map(specifiers(program, "Import", "local", "imported"));
		const mention = (name: string): void => {
			const there = imported.get(name);
			names.delete(there === undefined ? name : (exported.get(there) ?? there));
		};
		visit(program, declared, mention);
	}
	return names;
}

function declaredIn(program: Node): Node[] {
	return (program["body"] as Node[])
		.map((node) => (node.type === "ExportNamedDeclaration" ? ((node["declaration"] as Node | null) ?? node) : node))
		.filter((node) => node.type === "FunctionDeclaration" && !node["async"] && !node["generator"]);
}

/** What is called one name inside and another outside. */
function specifiers(program: Node, kind: string, from: string, to: string): [string, string][] {
	const list = (program["body"] as Node[])
		.filter(({ type }) => type.startsWith(kind))
		.flatMap((node) => (node["specifiers"] as Node[] | undefined) ?? [])
		.filter((node) => node[from] && node[to]);
	return list.map((node) => [textOf(node[from] as Node), textOf(node[to] as Node)]);
}

function textOf(node: Node): string {
	return String(node["name"] ?? node["value"]);
}

function idOf(node: Node): string {
	return textOf(node["id"] as Node);
}

function saysNoThis(node: Node): boolean {
	return node.type !== "ThisExpression" && node.type !== "MetaProperty" && children(node).every(saysNoThis);
}

/** Tells every name that stands for a value, unless that is called, and every name that something else has. */
function visit(node: Node, declared: ReadonlySet<Node>, mention: (name: string) => void): void {
	if (/^(Import|Export)(Named|All)?Declaration$/.test(node.type) && !node["declaration"]) return;
	const silent = new Set<unknown>();
	if (node.type === "CallExpression") silent.add(node["callee"]);
	if (declared.has(node)) silent.add(node["id"]);
	if (node.type === "MemberExpression" && !node["computed"]) silent.add(node["property"]);
	if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(node.type) && !node["computed"]) silent.add(node["key"]);
	for (const child of children(node))
		if (child.type !== "Identifier") visit(child, declared, mention);
		else if (!silent.has(child)) mention(textOf(child));
}
