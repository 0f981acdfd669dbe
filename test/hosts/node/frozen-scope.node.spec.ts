import { parseAst } from "rollup/parseAst";
import { freezeScope, mutableScope } from "../../../hosts/node/build/frozen-scope.js";

const mutable = (code: string): string[] => mutableScope(code, parseAst);
const freeze = (code: string): string => freezeScope(code, parseAst);

describe("The scope of a preloaded module", () => {
	it("may have constants, functions, classes, and what is frozen to the last", () => {
		const code = `import x from "x";
const a = 1, b = "b" + a, c = x.y, d = () => [], e = Object.freeze({ f: Object.freeze([1]), g: 2 });
export const empty = new DataView(new ArrayBuffer(0)), none = new Uint8Array(0);
export class K { static f = Object.freeze([]); h = {}; m() { let i = []; return i; } }
const j = Object.freeze(new K());`;
		expect(mutable(code)).toEqual([]);
	});

	it("is told when something in it could change", () => {
		for (const code of [
			"let a = 1;",
			"export var a;",
			"const a = {};",
			"export const a = [1];",
			"const a = Object.freeze({ b: {} });",
			"const a = Object.freeze([[]]);",
			"const a = new Map();",
			"const a = new Uint8Array(1);",
			"const a = new DataView(new ArrayBuffer(8));",
			"class K { static a = []; }",
			"export class K { static a = new Set(); }",
		])
			expect(mutable(code).length).withContext(code).toBe(1);
	});

	it("has its literals frozen, and nothing else changed", () => {
		expect(freeze("const a = { b: [1, { c: 2 }], d() {} }; let e = f;")).toBe(
			"const a = Object.freeze({ b: Object.freeze([1, Object.freeze({ c: 2 })]), d() {} }); let e = f;",
		);
		expect(freeze("export const a = Object.freeze([{}]); class K { static b = {}; c = {}; }")).toBe(
			"export const a = Object.freeze([Object.freeze({})]); class K { static b = Object.freeze({}); c = {}; }",
		);
		const untouched = "function f() { const a = {}; return a; }\nf({});";
		expect(freeze(untouched)).toBe(untouched);
	});
});
