import { applyEdits, children, type Edit, type Node } from "./syntax.js";
import type { Toolchain } from "./toolchain.js";

/**
 * Turns Moddable's typed form of host functions into the syntax of XS 13.3's compiler:
 * `class X extends Native("d")` becomes `class X @ "d"`, and a function or method whose whole body is
 * `return native("f").call(this, a, b)` becomes `m(a, b) @ "f"`. Line numbers stay as they are.
 * Throws with the line where the form is used in another way.
 */
export function nativeSyntax(code: string, path: string, parseAst: Toolchain["parseAst"]): string {
	if (!/\b[Nn]ative\(/.test(code)) return code;
	const edits: Edit[] = [];
	const handled = new Set<unknown>();
	const lineOf = (node: Node) => `${path}:${code.slice(0, node.start).split("\n").length}`;

	const visitClass = (node: Node) => {
		const parent = node["superClass"] as Node | null;
		const destructor = calledWith(parent, "Native");
		if (!parent || destructor === null) return;
		handled.add(parent);
		const name = node["id"] as Node | null;
		const from = name ? name.end : node.start + "class".length;
		// Up to the body: the heritage may be in parentheses.
		edits.push({ start: from, end: (node["body"] as Node).start, text: ` @ "${destructor}" ` });
		for (const member of (node["body"] as Node)["body"] as Node[])
			if (member.type === "MethodDefinition" && member["kind"] === "constructor")
				visitConstructor(member["value"] as Node);
	};
	const visitConstructor = (node: Node) => {
		const body = node["body"] as Node;
		const [first, ...rest] = body["body"] as Node[];
		const call = first?.type === "ExpressionStatement" ? (first["expression"] as Node) : null;
		if (!first || call?.type !== "CallExpression" || (call["callee"] as Node).type !== "Super")
			throw new Error(`${lineOf(node)}: the constructor of a native class must begin with super()`);
		if (rest.length === 1 && nativeCall(rest[0]!)) replaceBody(node, nativeCall(rest[0]!)!);
		else edits.push({ start: first.start, end: first.end, text: "" });
	};
	/** Function expressions that are members of classes. */
	const members = new Set<Node>();
	const replaceBody = (node: Node, call: NativeCall) => {
		const parameters = (node["params"] as Node[]).map((p) => (p.type === "Identifier" ? p["name"] : null));
		if (parameters.length !== call.arguments.length || parameters.some((name, i) => name !== call.arguments[i]))
			throw new Error(`${lineOf(node)}: native("${call.name}") must be called with the parameters, all and in order`);
		const body = node["body"] as Node;
		handled.add(call.node);
		edits.push({
			start: body.start,
			end: body.end,
			text:
				`@ "${call.name}"${node.type === "FunctionDeclaration" || members.has(node) ? ";" : ""}` +
				"\n".repeat(code.slice(body.start, body.end).split("\n").length - 1),
		});
	};
	const visit = (node: Node) => {
		if (node.type === "MethodDefinition") members.add(node["value"] as Node);
		if (node.type === "ClassDeclaration" || node.type === "ClassExpression") visitClass(node);
		else if (node.type === "FunctionDeclaration" || node.type === "FunctionExpression") {
			const statements = (node["body"] as Node)["body"] as Node[];
			const call = statements.length === 1 ? nativeCall(statements[0]!) : null;
			if (call) replaceBody(node, call);
		}
		for (const child of children(node)) visit(child);
		if (!handled.has(node) && (calledWith(node, "native") !== null || calledWith(node, "Native") !== null))
			throw new Error(
				`${lineOf(node)}: native code can only be the heritage of a class or the whole body of a function`,
			);
	};
	visit(parseAst(code) as unknown as Node);
	return applyEdits(code, edits);
}

interface NativeCall {
	name: string;
	arguments: string[];
	node: Node;
}

/** `return native("name").call(this, a, b)`, with or without `return`; null for anything else. */
function nativeCall(statement: Node): NativeCall | null {
	const expression = (
		statement.type === "ReturnStatement"
			? statement["argument"]
			: statement.type === "ExpressionStatement"
				? statement["expression"]
				: null
	) as Node | null;
	if (expression?.type !== "CallExpression") return null;
	const callee = expression["callee"] as Node;
	if (callee.type !== "MemberExpression" || (callee["property"] as Node)["name"] !== "call") return null;
	const node = callee["object"] as Node;
	const name = calledWith(node, "native");
	const [self, ...rest] = expression["arguments"] as Node[];
	if (name === null || !self) return null;
	return { name, arguments: rest.map((a) => (a.type === "Identifier" ? String(a["name"]) : "")), node };
}

/** The text that a function of this name is called with, null if `node` is no such call. */
function calledWith(node: Node | null, name: string): string | null {
	if (node?.type !== "CallExpression") return null;
	const callee = node["callee"] as Node;
	const [argument] = node["arguments"] as Node[];
	if (callee.type !== "Identifier" || callee["name"] !== name || argument?.type !== "Literal") return null;
	return String(argument["value"]);
}
