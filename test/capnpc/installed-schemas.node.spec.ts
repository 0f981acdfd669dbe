import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/capnpc/compile.js";
import { writeFiles } from "../../src/capnpc/write-files.js";
import { capnp, ROOT } from "../support/capnp-tool.node.js";
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
});
