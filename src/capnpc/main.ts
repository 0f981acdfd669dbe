import { readFileSync } from "node:fs";
import { generate } from "./compile.js";
import { writeFiles } from "./write-files.js";

/**
 * The plug-in `capnpc-vatlet`: a request on standard input, files into the current folder, as `capnp compile -ovatlet:DIR`
 * arranges it. The tool passes no options; `--no-orphans`, `--no-objects` and `--no-schema` are for pipes by hand.
 */
const flags = process.argv;
try {
	const options = {
		orphans: !flags.includes("--no-orphans"),
		objects: !flags.includes("--no-objects"),
		schema: !flags.includes("--no-schema"),
	};
	writeFiles(".", generate(readFileSync(0), options));
} catch (error) {
	process.stderr.write(`capnpc-vatlet: ${(error as Error).message}\n`);
	process.exitCode = 1;
}
