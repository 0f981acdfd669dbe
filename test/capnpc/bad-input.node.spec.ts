import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/capnpc/compile.js";
import { writeFiles } from "../../src/capnpc/write-files.js";
import { requestFor, ROOT } from "../support/capnp-tool.node.js";
import { type CommandResult, runToEnd } from "../support/command.node.js";

const PLUGIN = join(ROOT, "build/js/src/capnpc/main.js");
const COMMAND = join(ROOT, "build/js/hosts/node/cli/main.js");

/** Structs of a request for one struct, where byte 12 of the node is the kind of declaration: found by changing it. */
function withUnknownNode(request: Uint8Array): Uint8Array {
	const changed = Uint8Array.from(request);
	const view = new DataView(changed.buffer);
	// A node begins with its id; the kind follows 12 bytes later.
	for (let at = 0; at + 14 < changed.length; at += 8) {
		if (view.getBigUint64(at, true) === 0xd1d1d1d1d1d1d1d1n && view.getUint16(at + 12, true) === 1)
			view.setUint16(at + 12, 99, true);
	}
	return changed;
}

describe("bad input to the compiler", () => {
	const folder = join(ROOT, "build", "capnpc-bad");

	beforeEach(() => {
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
	});

	function plugin(input: Uint8Array | string): CommandResult {
		return runToEnd(process.execPath, [PLUGIN], { input, cwd: folder });
	}

	it("is told when nothing comes in", () => {
		const { status, stderr } = plugin("");
		expect(status).toBe(1);
		expect(stderr).toBe(
			"capnpc-vatlet: no request on standard input: run this as a plug-in, `capnp compile -ovatlet:DIR FILE.capnp`\n",
		);
	});

	for (const [name, input] of [
		["text", "hello, this is no request"],
		["a header without segments", Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0)],
		["zeroes", new Uint8Array(64)],
	] as const) {
		it(`says in one line that ${name} is not a request`, () => {
			const { status, stderr } = plugin(input);
			expect(status).toBe(1);
			expect(stderr).toMatch(/^capnpc-vatlet: [^\n]+\n$/);
			expect(readdirSync(folder)).toEqual([]);
		});
	}

	it("survives every cut-off request", () => {
		writeFileSync(join(folder, "a.capnp"), '@0xd1d1d1d1d1d1d1d0; struct A @0xd1d1d1d1d1d1d1d1 { a @0 :Text = "x"; }');
		const request = requestFor(["a.capnp"], folder);
		for (let length = 0; length < request.length; length += 64) {
			expect(() => generate(request.subarray(0, length)))
				.withContext(`${length} bytes`)
				.toThrowError();
		}
	});

	it("refuses declarations of a newer tool by name", () => {
		writeFileSync(join(folder, "a.capnp"), "@0xd1d1d1d1d1d1d1d0; struct A @0xd1d1d1d1d1d1d1d1 { a @0 :Text; }");
		const request = requestFor(["a.capnp"], folder);
		expect(() => generate(withUnknownNode(request))).toThrowError(
			/a\.capnp:A: unknown kind of declaration \(99\): .*newer Cap'n Proto/,
		);
		expect(plugin(withUnknownNode(request)).status).toBe(1);
		expect(readdirSync(folder)).toEqual(["a.capnp"]);
	});

	it("leaves no file behind when one of several cannot be written", () => {
		writeFileSync(join(folder, "in-the-way"), "");
		const files = [
			{ path: "first.capnp.ts", text: "one" },
			{ path: "in-the-way/second.capnp.ts", text: "two" },
		];
		expect(() => writeFiles(folder, files)).toThrowError();
		expect(readdirSync(folder)).toEqual(["in-the-way"]);
	});

	it("says why a file cannot be written, and leaves the others unwritten", () => {
		mkdirSync(join(folder, "second.capnp.ts"));
		const files = ["first.capnp.ts", "second.capnp.ts"].map((path) => ({ path, text: "" }));
		const path = join(folder, "second.capnp.ts");
		expect(() => writeFiles(folder, files)).toThrowError(
			`cannot write ${path}: a folder is where the file should be; nothing was written`,
		);
		expect(readdirSync(folder)).toEqual(["second.capnp.ts"]);
	});

	describe("of `vatlet compile`", () => {
		function compile(path: string, env = process.env): CommandResult {
			return runToEnd(process.execPath, [COMMAND, "compile", "-o", join(folder, "out"), path], { cwd: folder, env });
		}

		it("says how to install a missing capnp tool", () => {
			const { status, stderr } = compile("a.capnp", { ...process.env, PATH: folder });
			expect(status).toBe(1);
			expect(stderr).toContain("apt-get install capnproto");
		});

		it("shows the tool's own message for an error in the schema, and writes nothing", () => {
			writeFileSync(join(folder, "a.capnp"), "@0xd1d1d1d1d1d1d1d0; struct A { a @0 :Missing; }");
			const { status, stderr } = compile("a.capnp");
			expect(status).toBe(1);
			expect(stderr).toContain("Not defined: Missing");
			expect(existsSync(join(folder, "out"))).toBeFalse();
		});

		it("says in one line that the output folder is a file", () => {
			writeFileSync(join(folder, "a.capnp"), "@0xd1d1d1d1d1d1d1d0; struct A {}");
			writeFileSync(join(folder, "out"), "");
			const { status, stderr } = compile("a.capnp");
			expect(status).toBe(1);
			expect(stderr).toMatch(/^[^\n]*cannot write [^\n]*: a file is where a folder is needed; nothing was written\n$/);
			expect(readdirSync(folder).sort()).toEqual(["a.capnp", "out"]);
		});

		it("passes on what the tool says of a missing file", () => {
			const { status, stderr } = compile("missing.capnp");
			expect(status).toBe(1);
			expect(stderr).toContain("missing.capnp");
			expect(stderr).toContain("the schemas did not compile (see above)");
		});

		it("finds other names for a type beside what is generated for its sibling", () => {
			writeFileSync(join(folder, "a.capnp"), "@0xd1d1d1d1d1d1d1d0; struct A { struct BReader {} struct B {} }");
			expect(compile("a.capnp").status).toBe(0);
		});
	});
});
