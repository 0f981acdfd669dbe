import { parseAst } from "rollup/parseAst";
import { dropUnnamed, namedBy } from "../../hosts/node/build/unnamed-methods.js";

/** What is left of `code` of Vatlet's own beside an application's `rest`, where C asks for `asked`. */
function left(code: string, rest = "", asked: string[] = []): string {
	const modules = [
		{ code, own: true },
		{ code: rest, own: false },
	];
	return dropUnnamed(`${code}\n${rest}`, namedBy(modules, asked, parseAst), parseAst)
		.replace(/\s+/g, " ")
		.trim();
}

describe("A release's classes", () => {
	it("lack the methods that no code names", () => {
		expect(left("class A{b(){}c(){}get d(){return 1}set d(x){}static e(){}}", "new A().c()")).toBe(
			"class A{c(){}} new A().c()",
		);
	});

	it("lack what only such methods name, however long the row or wherever it closes", () => {
		expect(left("class A{b(){this.c()}c(){this.d()}d(){this.b()}e(){this.f()}f(){}}", "a.e()")).toBe(
			"class A{e(){this.f()}f(){}} a.e()",
		);
	});

	it("have what is named in any way that code can be read for", () => {
		const code = "class A{b(){}}";
		for (const use of ["x.b", "x?.b()", "x.b=1", 'x["b"]()', "x[`b`]", "const{b}=x", "const{b:y=1}=x", '"b"in x'])
			expect(left(code, use)).toContain("b(){}");
		expect(left(code, "b()")).not.toContain("b(){}");
		expect(left(code, "", ["b"])).toContain("b(){}");
	});

	it("have constructors, private members, fields and what has no written name", () => {
		const code = "class A{constructor(){}#b(){}c=1;[Symbol.iterator](){}}";
		expect(left(code)).toBe(code);
	});

	it("are the application's own affair where they are its own", () => {
		expect(left("", "class A{b(){}}")).toBe("class A{b(){}}");
	});

	it("are without the functions that nobody mentions then, which may mention themselves", () => {
		expect(left("function f(){g()}function g(){}function h(){h()}function k(){}class A{b(){f()}}", "k()")).toBe(
			"function k(){}class A{} k()",
		);
		expect(left("function f(){}class A{b(){}}export{f as g,A}")).toBe("function f(){}class A{}export{f as g,A}");
	});
});
