import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { generate } from "./compile.js";
import { writeFiles } from "./write-files.js";

/** `npm run generate`: makes every `*.capnp.ts` of the repository anew, with the options that its first line names. */
const files = execFileSync("git", ["ls-files", "*.capnp.ts"], { encoding: "utf8" }).trim().split("\n");
for (const file of files) {
	const header = readFileSync(file, "utf8").split("\n", 1)[0]!;
	const options = {
		orphans: !header.includes("--no-orphans"),
		objects: !header.includes("--no-objects"),
		schema: !header.includes("--no-schema"),
	};
	const folder = dirname(file);
	const request = execFileSync("capnp", ["compile", "-o-", basename(file, ".ts")], {
		cwd: folder,
		env: { ...process.env, PWD: resolve(folder) },
		maxBuffer: 1 << 28,
	});
	const made = generate(request, options);
	writeFiles(folder, made);
	process.stdout.write(`${made.map((each) => join(folder, each.path)).join("\n")}\n`);
}
