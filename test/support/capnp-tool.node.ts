import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The sources' folder, wherever the specs run from. */
export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Runs the `capnp` tool; throws with its messages where it fails. */
export function capnp(args: readonly string[], input: string | Uint8Array = "", cwd = ROOT): Buffer {
	return execFileSync("capnp", args, {
		input,
		cwd,
		env: { ...process.env, PWD: cwd },
		maxBuffer: 1 << 28,
		timeout: 60_000,
		stdio: ["pipe", "pipe", "pipe"],
	});
}

/** The request that a plug-in is given for those schemas. */
export function requestFor(schemas: readonly string[], cwd = ROOT): Buffer {
	return capnp(["compile", "-o-", ...schemas], "", cwd);
}
