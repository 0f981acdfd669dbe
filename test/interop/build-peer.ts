import { execFile } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Compiles the C++ peer where its sources are newer, and returns the program. */
export async function buildPeer(): Promise<string> {
	const sources = join(process.cwd(), "test/interop");
	const out = join(process.cwd(), "build/interop");
	const program = join(out, "peer");
	const newest = Math.max(...["peer.capnp", "peer.cc"].map((name) => statSync(join(sources, name)).mtimeMs));
	if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return program;
	mkdirSync(out, { recursive: true });
	await run("capnp", ["compile", "--src-prefix=" + sources, "-oc++:" + out, join(sources, "peer.capnp")]);
	await run("g++", [
		"-std=c++17",
		"-O2",
		"-I" + out,
		join(sources, "peer.cc"),
		join(out, "peer.capnp.c++"),
		"-o",
		program,
		"-lcapnp-rpc",
		"-lcapnp",
		"-lkj-async",
		"-lkj",
	]);
	return program;
}
