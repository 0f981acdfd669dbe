import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/capnpc/compile.js";
import { writeFiles } from "../../src/capnpc/write-files.js";
import { capnp, requestFor, ROOT } from "../support/capnp-tool.node.js";
import { typeCheck } from "../support/generated.node.js";

const INSTALLED = ["schema", "rpc", "rpc-twoparty", "persistent", "stream", "c++", "compat/json"]
	.map((name) => `/usr/include/capnp/${name}.capnp`)
	.filter((path) => existsSync(path));

/** What the compiler wrote of our own schemas, and the file that says what must not compile with it. */
const CHECKED_IN = ["test/capnpc/types.ts", "test/capnpc/*.capnp.ts", "examples/*/*.capnp.ts", "src/gen/*.capnp.ts"];

describe("the compiler", () => {
	let folder: string;

	beforeEach(() => {
		folder = join(ROOT, "build", "capnpc-spec");
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
	});

	it("compiles Cap'n Proto's own schemas to modules that type-check with TypeScript 6 and 7", () => {
		expect(INSTALLED.length).toBeGreaterThanOrEqual(6);
		const files = generate(capnp(["compile", "-o-", "--src-prefix=/usr/include", ...INSTALLED]));
		expect(files.length).toBe(INSTALLED.length * 2);
		writeFiles(folder, files);
		expect(typeCheck(folder, "typescript", { more: CHECKED_IN })).toBe("");
		expect(typeCheck(folder, "typescript-6", { more: CHECKED_IN })).toBe("");
	}, 120_000);

	it("compiles 1,000 structs within two seconds", () => {
		let text = "@0xb1a5c0de12345678;\n";
		for (let i = 0; i < 1000; i++) {
			text += `struct S${i} { a @0 :UInt32; b @1 :Text; c @2 :List(S${(i + 1) % 1000}); d @3 :Float64 = 1.5; union { e @4 :Void; f @5 :S${i}; } }\n`;
		}
		writeFileSync(join(folder, "many.capnp"), text);
		const request = requestFor(["many.capnp"], folder);
		// Of the processor's time: other specs may run beside this one.
		const start = process.cpuUsage();
		const [file] = generate(request);
		expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
		expect(file!.text).toContain("export class S999Builder");
	}, 30_000);
});
