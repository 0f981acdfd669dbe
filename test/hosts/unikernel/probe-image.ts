/** Builds the probe image, once per checkout and again when its sources changed. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { promisify } from "node:util";

import { debianSource } from "../../../hosts/node/build/debian-source.js";
import { runQemu, type QemuOptions } from "../../../hosts/node/run/qemu.js";
import { within } from "../../support/waiting.js";

const run = promisify(execFile);
export const root = fileURLToPath(new URL("../../../../../", import.meta.url));

export async function probeImage(): Promise<string> {
	const lwip = await debianSource("lwip", { folder: join(root, "build/third-party") });
	const build = join(root, "build/unikernel-probe");
	await run("cmake", [
		"-S",
		join(root, "test/hosts/unikernel"),
		"-B",
		build,
		"-G",
		"Ninja",
		`-DVATLET_LWIP=${lwip.folder}`,
		// There is no XS pool that the heap could grow into.
		`-DVATLET_C_HEAP_BYTES=${40 << 10}`,
		`-DCMAKE_TOOLCHAIN_FILE=${join(root, "hosts/unikernel/boards/virt/toolchain.cmake")}`,
	]);
	await run("cmake", ["--build", build, "-j", "2"]);
	return join(build, "probe.img");
}

export interface ProbeResult {
	status: number;
	lines: string[];
}

/** Runs the probe to its end. One that never comes is made after a minute, and is an error with what the probe said. */
export async function runProbe(options: QemuOptions, whileRunning?: (line: string) => void): Promise<ProbeResult> {
	const lines: string[] = [];
	const machine = await runQemu({
		...options,
		onLine: (line) => {
			lines.push(line);
			whileRunning?.(line);
		},
	});
	try {
		const status = await within(machine.exited, { what: "the probe's end", saw: () => lines, limitMs: 60_000 });
		return { status, lines };
	} finally {
		machine.kill();
	}
}
