import { execFile } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Compiles `NAME.cc` with its schema (a path in the repository) where one of them is newer, and returns the program. */
async function buildProgram(name: string, schema: string): Promise<string> {
	const source = join(process.cwd(), "test/interop", name + ".cc");
	const schemaPath = join(process.cwd(), schema);
	const out = join(process.cwd(), "build/interop");
	const program = join(out, name);
	const newest = Math.max(...[source, schemaPath].map((path) => statSync(path).mtimeMs));
	if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return program;
	mkdirSync(out, { recursive: true });
	await run("capnp", ["compile", "--src-prefix=" + dirname(schemaPath), "-oc++:" + out, schemaPath]);
	await run("g++", [
		"-std=c++17",
		"-O2",
		"-I" + out,
		source,
		join(out, name + ".capnp.c++"),
		"-o",
		program,
		"-lcapnp-rpc",
		"-lcapnp",
		"-lkj-async",
		"-lkj",
	]);
	return program;
}

export const buildPeer = (): Promise<string> => buildProgram("peer", "test/interop/peer.capnp");
export const buildCalculator = (): Promise<string> =>
	buildProgram("calculator", "examples/calculator/calculator.capnp");
