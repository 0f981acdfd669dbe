import { join } from "node:path";
import { parseAst } from "rollup/parseAst";

import { build, type Built } from "../../hosts/node/build/build.js";
import { runCommand } from "../../hosts/node/build/command.js";
import { plainFunctions } from "../../hosts/node/build/plain-functions.js";
import { compare } from "../../hosts/node/build/rom-heap.js";
import { parseUsed, stripDefaults } from "../../hosts/node/build/rom-strip.js";
import { root, runProbe } from "./unikernel/probe-image.js";

describe("An XS application with its heap in flash", () => {
	let image: string;

	beforeAll(async () => {
		image = (await build({ manifest: join(root, "test/hosts/xs-probe/manifest.json"), platform: "qemu" })).image;
	}, 300_000);

	const run = (what: string, ramBytes = 140 * 1024) => runProbe({ image, ramBytes, config: { run: what } });

	it("starts with less than 2 KB of slots in use", async () => {
		const { status, lines } = await run("none");
		expect(status).toBe(0);
		const [, slots, bytes] = /^slots (\d+) of (\d+) bytes/.exec(lines[0]!)!;
		expect(Number(slots) * Number(bytes)).toBeLessThan(2048);
	});

	it("runs the language as if its objects were in RAM", async () => {
		const { status, lines } = await run("language");
		expect(status).toBe(0);
		expect(lines.slice(1)).toEqual([
			"counter 2 2 4 9 25 49",
			"binding 7",
			"class Own: reason",
			'date 1970-01-01T00:00:00.000Z heap {"a":[1,{"b":"2"}]}',
			"timer true",
			"promise 1",
		]);
	});

	it("collects what is dropped and leaves the flash alone", async () => {
		const { status, lines } = await run("collect");
		expect(status).toBe(0);
		expect(lines[1]).toBe("collected true 19999 19998 1999");
	});

	for (const [what, reason] of [
		["exception", "TypeError: cannot coerce undefined to object"],
		["memory", "out of memory"],
		["recursion", "stack overflow"],
	] as const) {
		it(`ends in a readable report: ${reason}`, async () => {
			const { status, lines } = await run(what);
			expect(status).toBe(1);
			expect(lines.join("\n")).toContain(reason);
		});
	}

	it("counts instructions, the same number in every run, when QEMU does", async () => {
		const counts = [];
		for (let i = 0; i < 2; i++) {
			const { lines } = await runProbe({ image, config: { run: "count" }, instructionShift: 3 });
			counts.push(Number(/^instructions (\d+) 499500$/.exec(lines[1]!)?.[1]));
		}
		expect(counts[0]).toBeGreaterThan(100_000);
		expect(counts[1]).toBe(counts[0]!);
	});

	it("says so when there is too little RAM", async () => {
		const { status, lines } = await run("none", 72 * 1024);
		expect(status).toBe(1);
		expect(lines.join("\n")).toContain("out of memory");
	});
});

describe("A release image", () => {
	const manifest = join(root, "test/hosts/xs-probe/manifest.json");
	const out = join(root, "build/xs/unikernel-virt/xs-probe-release");
	let built: Built;

	beforeAll(async () => {
		built = await build({ manifest, platform: "qemu", release: true, out });
	}, 300_000);

	it("has what its code names, and runs as with all of the language", async () => {
		const { status, lines } = await runProbe({ image: built.image, config: { run: "language" } });
		expect(status).toBe(0);
		expect(lines.slice(1)).toEqual([
			"counter 2 2 4 9 25 49",
			"binding 7",
			"class Own: reason",
			'date 1970-01-01T00:00:00.000Z heap {"a":[1,{"b":"2"}]}',
			"timer true",
			"promise 1",
		]);
	});

	it("lacks what its code cannot name, and the C behind it", async () => {
		const symbols = await runCommand("riscv64-unknown-elf-nm", [built.executable]);
		expect(symbols).toContain("fx_JSON_stringify");
		expect(symbols).toContain("fx_Date_prototype_toISOString");
		expect(symbols).not.toMatch(/fx_Atomics_|fx_Proxy|fx_Reflect|fx_WeakRef|fx_Array_prototype_findLast/);
	});

	it("has what its code asks for without a name, and tells apart what its short names share", async () => {
		const folder = join(root, "test/hosts/xs-unnamed");
		const { image } = await build({ manifest: join(folder, "manifest.json"), platform: "qemu", release: true });
		const { status, lines } = await runProbe({ image });
		expect(lines).toEqual([
			"value 4",
			"search 1",
			"private 23 3 true false",
			"pieces a,3 1 abc first,second",
			"constructed 7 true true",
		]);
		expect(status).toBe(0);
	}, 300_000);

	it("names functions in its stacks", async () => {
		const { lines } = await runProbe({ image: built.image, config: { run: "recursion" } });
		expect(lines).toContain("    at recurse");
	});
});

describe("Functions that are only ever called", () => {
	const plain = (...codes: string[]) =>
		[
			...plainFunctions(
				codes.map((code, i) => ({ name: `m${i}`, code, preload: true })),
				parseAst,
			),
		].join();

	it("are those of a module that its code calls and does nothing else with", () => {
		expect(plain("function a(x){return b(x)} export function b(x){return x}")).toBe("a,b");
		expect(plain("function a(){return this} function b(){return new.target}")).toBe("");
		expect(plain("function a(){} function b(){} function c(){} new a; x instanceof b; c.prototype.d=1")).toBe("");
		expect(plain("function a(){} function b(){} const c=a,d={b}")).toBe("");
		expect(plain("function a(){} class B{a(){return a(this.a)}} const d={a:1}")).toBe("a");
		expect(plain("function a(){} class B extends a{}")).toBe("");
		expect(plain("function a(){} function b(){function a(){} new a}")).toBe("b");
		expect(plain("async function a(){} function*b(){}")).toBe("");
	});

	it("are not those that another module constructs, by whatever name", () => {
		expect(plain("function a(){} function b(){} export{a as s,b as t}", 'import{s as x,t as y}from"./m0.js";y()')).toBe(
			"a,b",
		);
		expect(
			plain("function a(){} function b(){} export{a as s,b as t}", 'import{s as x,t}from"./m0.js";new x;t()'),
		).toBe("b");
	});
});

describe("What code uses of the engine", () => {
	const used = (text: string) => parseUsed(text, 461);

	it("is told from its tables what it can ask for without a name", () => {
		const text =
			"const txDefaults gxDefaults = {\n\tfxNewAsyncInstance,\n\tfxNewGeneratorInstance,\n\tfxNewFunctionName,\n};\n";
		expect(stripDefaults(text, used("Array\n@generator\n"), false)).toBe(text.replace("fxNewAsyncInstance", "C_NULL"));
		expect(stripDefaults(text, used("@async\n@generator\n"), true)).toBe(text.replace("fxNewFunctionName", "C_NULL"));
	});
});

describe("Two captures of a heap", () => {
	const capture = (address: number, words: number[]) => ({
		slots: 0,
		aliases: 0,
		words,
		regions: [
			{ address, bytes: 16, word: 1 },
			{ address: address + 0x100000, bytes: 16, word: 5 },
		],
	});

	it("tell pointers, which differ by the distance of the two starts, from other words", () => {
		const first = capture(0x80400000, [7, 0x80400010, 0xffffffff, 0x80500004, 0x80300000, 0, 0, 0, 0]);
		const second = capture(0x80812340, [7, 0x80812350, 0xffffffff, 0x80912344, 0x80712340, 0, 0, 0, 0]);
		const { words, targets, chunkWord } = compare(first, second);
		expect([...words]).toEqual([7, 0, 0xffffffff, 0, 0, 0, 0, 0, 0]);
		expect([...targets]).toEqual([-1, 20, -1, 24, -1, -1, -1, -1, -1]);
		expect(chunkWord).toBe(5);
	});

	it("refuse a word that differs otherwise", () => {
		expect(() => compare(capture(0x80400000, [1, 2]), capture(0x80812340, [1, 3]))).toThrowError(/time or randomness/);
	});
});
