import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import type { Command } from "commander";
import { generate } from "../../../src/capnpc/compile.js";
import { writeFiles } from "../../../src/capnpc/write-files.js";

interface Options {
	orphans: boolean;
	objects: boolean;
	schema: boolean;
	output: string;
	importPath: string[];
	srcPrefix: string[];
}

const EXAMPLES = `
Examples:
  vatlet compile telemetry.capnp                      telemetry.capnp.ts and telemetry.capnp.schema.ts beside it
  vatlet compile -o generated -I schemas src/*.capnp  below generated; absolute imports are found in schemas
  capnp compile -ovatlet:generated telemetry.capnp    the same as a plug-in of the capnp tool

Import what is generated as "./telemetry.capnp.js". What becomes of each construct: docs/schema-compiler.md.`;

export function addCompileCommand(program: Command): void {
	const append = (value: string, previous: string[]): string[] => [...previous, value];
	program
		.command("compile")
		.description("TypeScript from Cap'n Proto schemas: NAME.capnp.ts for NAME.capnp")
		.argument("<schema...>", "the .capnp files")
		.option("-o, --output <folder>", "where the files go, below it as they lie here", ".")
		.option("-I, --import-path <folder>", "where absolute imports are looked up, repeatable", append, [])
		.option("--src-prefix <folder>", "taken off the front of the schemas' paths, repeatable", append, [])
		.option("--no-orphans", "leave out adopt… and disown…")
		.option("--no-objects", "leave out plain objects: for devices only")
		.option("--no-schema", "leave out NAME.capnp.schema.ts, by which tools decode messages")
		.addHelpText("after", EXAMPLES)
		.action((schemas: string[], options: Options) => {
			writeFiles(resolve(options.output), generate(requestFor(schemas, options), options));
		});
}

/** Runs the `capnp` tool, which parses and checks; its messages go to stderr as they are. */
function requestFor(schemas: string[], options: Options): Uint8Array {
	const args = ["compile", "-o-", ...options.importPath.map((path) => `-I${path}`)];
	for (const prefix of options.srcPrefix) args.push(`--src-prefix=${prefix}`);
	const run = spawnSync("capnp", [...args, ...schemas], {
		stdio: ["ignore", "pipe", "inherit"],
		maxBuffer: 1 << 30,
		// The tool warns where it is another folder's.
		env: { ...process.env, PWD: process.cwd() },
	});
	if (run.error) {
		const { code } = run.error as NodeJS.ErrnoException;
		if (code === "ENOENT")
			throw new Error("the capnp tool is not installed; on Debian: sudo apt-get install capnproto");
		throw run.error;
	}
	if (run.status !== 0) throw new Error("the schemas did not compile (see above)");
	return run.stdout;
}
