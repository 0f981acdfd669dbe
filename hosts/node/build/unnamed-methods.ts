import { applyEdits, children, type Edit, type Node } from "./syntax.js";
import type { Toolchain } from "./toolchain.js";

type ParseAst = Toolchain["parseAst"];

/** What a program names, and which of its classes may lack methods that it does not. */
export interface Named {
	names: ReadonlySet<string>;
	classes: ReadonlySet<string>;
}

/**
 * What the modules of a program name: properties that they get, set or call, and texts, since a name may be computed. What only methods name that
 * nobody names in turn is not counted. `outside`: what C asks for. `own`: modules that never make a name out of pieces.
 */
export function namedBy(
	modules: readonly { code: string; own: boolean }[],
	outside: Iterable<string>,
	parseAst: ParseAst,
): Named {
	const names = new Set(outside);
	const classes = new Set<string>();
	/** What the methods of a name would name. */
	const waiting = new Map<string, Node[]>();
	const visit = (node: Node, own: boolean): void => {
		for (const name of namedIn(node)) add(name);
		for (const child of children(node)) {
			const method = own && node.type === "ClassBody" ? methodName(child) : null;
			if (method === null || names.has(method)) visit(child, own);
			else waiting.set(method, [...(waiting.get(method) ?? []), child]);
		}
	};
	const add = (name: string): void => {
		names.add(name);
		const methods = waiting.get(name) ?? [];
		waiting.delete(name);
		for (const method of methods) visit(method, true);
	};
	for (const { code, own } of modules) {
		const program = parseAst(code) as unknown as Node;
		if (own) for (const node of topClasses(program)) classes.add(nameOf(node));
		visit(program, own);
	}
	return { names, classes };
}

/** `code` without the methods of `named.classes` that are not among `named.names`, and without functions that nobody mentions then. */
export function dropUnnamed(code: string, named: Named, parseAst: ParseAst): string {
	const program = parseAst(code) as unknown as Node;
	const dropped = new Set<Node>();
	for (const node of topClasses(program)) {
		if (!named.classes.has(nameOf(node))) continue;
		for (const member of (node["body"] as Node)["body"] as Node[]) {
			const name = methodName(member);
			if (name !== null && !named.names.has(name)) dropped.add(member);
		}
	}
	const waiting = new Map<string, Node>();
	for (const node of program["body"] as Node[])
		if (node.type === "FunctionDeclaration") waiting.set(nameOf(node), node);
	const visit = (node: Node): void => {
		if (dropped.has(node)) return;
		const mentioned = node.type === "Identifier" ? waiting.get(String(node["name"])) : undefined;
		if (mentioned) {
			waiting.delete(nameOf(mentioned));
			visit(mentioned);
		}
		for (const child of children(node)) visit(child);
	};
	for (const node of program["body"] as Node[]) if (node.type !== "FunctionDeclaration") visit(node);
	const edits: Edit[] = [...dropped, ...waiting.values()].map(({ start, end }) => ({ start, end, text: "" }));
	return applyEdits(code, edits);
}

function topClasses(program: Node): Node[] {
	return (program["body"] as Node[])
		.map((node) => (node.type === "ExportNamedDeclaration" ? ((node["declaration"] as Node | null) ?? node) : node))
		.filter((node) => node.type === "ClassDeclaration" && node["id"]);
}

function nameOf(node: Node): string {
	return String((node["id"] as Node)["name"]);
}

/** Null for what is no method, or always needed, or has no name that is written out. */
function methodName(member: Node): string | null {
	const key = member["key"] as Node | undefined;
	const isMethod = member.type === "MethodDefinition" && member["kind"] !== "constructor";
	return isMethod && !member["computed"] && key?.type === "Identifier" ? String(key["name"]) : null;
}

function namedIn(node: Node): string[] {
	const property = (node.type === "MemberExpression" ? node["property"] : null) as Node | null;
	if (property?.type === "Identifier") return [String(property["name"])];
	if (node.type === "Literal" && typeof node["value"] === "string") return [node["value"]];
	if (node.type === "TemplateElement") return [String((node["value"] as { cooked?: string }).cooked)];
	if (node.type === "ObjectPattern")
		return (node["properties"] as Node[]).map((item) => String((item["key"] as Node | undefined)?.["name"]));
	return [];
}
