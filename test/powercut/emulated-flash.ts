import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compileSanitized } from "../support/sanitized.node.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** What the power did to the store in flash of one shape. */
export interface GeometryResult {
	line: string;
	/** Power cuts at each program and erase of a workload, and a second one soon after each. */
	cuts: number;
	/** Cuts one after the other in the same flash. */
	series: number;
	/** Damaged bytes that were noticed; the others lay where nothing is. */
	noticed: number;
}

/** Compiles the store over an emulated flash, under the sanitizers, and cuts its power everywhere. Rejects at the first violation. */
export async function cutEmulatedFlash(): Promise<GeometryResult[]> {
	const store = join(root, "hosts/unikernel/store");
	const program = join(root, "build/emulated-flash");
	await mkdir(join(root, "build"), { recursive: true });
	compileSanitized(
		program,
		[
			join(root, "test/powercut/emulated-flash.c"),
			...["crc32.c", "log-scan.c", "log-open.c", "log-store.c"].map((file) => join(store, file)),
		],
		[join(root, "hosts/unikernel"), join(root, "hosts/xs/native")],
	);
	const { stdout } = await run(program, { timeout: 120_000 });
	return stdout
		.trim()
		.split("\n")
		.map((line) => {
			const numbers = /: (\d+) cuts, a series of (\d+), (\d+) of \d+ damaged bytes noticed/.exec(line);
			if (numbers === null) throw new Error(`not understood: ${line}`);
			return { line, cuts: Number(numbers[1]), series: Number(numbers[2]), noticed: Number(numbers[3]) };
		});
}
