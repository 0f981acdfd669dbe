import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BEHAVIOURS } from "./behaviours.js";
import { type Clause, CLAUSES } from "./clauses.js";

const text = (file: string) => readFileSync(join(process.cwd(), "test", file), "utf8");

function bound(clauses: readonly Clause[]): void {
	for (const { where, says, spec, deferred } of clauses)
		it(`${where}: ${says}`, () => {
			if (spec === undefined) {
				expect(deferred).toMatch(/\w+/);
				return;
			}
			const [file, name] = spec;
			// The hostile ones are made from a table; the rest of their name is added there.
			const written = name.replace(/ ends the connection with one Abort that says why$/, "");
			expect(text(file).includes(JSON.stringify(written)) || text(file).includes('"' + written + '"'))
				.withContext(`${file}: ${written}`)
				.toBe(true);
		});
}

describe("each clause of rpc.capnp", () => bound(CLAUSES));
describe("each behaviour of other implementations", () => bound(BEHAVIOURS));
