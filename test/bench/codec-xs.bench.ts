import { fileURLToPath } from "node:url";
import { build } from "../../hosts/node/build/build.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { runQemu } from "../../hosts/node/run/qemu.js";
import type { BenchRow, Report } from "./bench.js";

const manifest = fileURLToPath(new URL("../../../../test/bench/xs/manifest.json", import.meta.url));
/** An emulated machine counts instructions, so a few rounds tell as much as many. */
const QEMU_ROUNDS = 50;
const QEMU_RAM_BYTES = 2 * 1024 * 1024;

/** The codec on XS: time on Linux, instructions on rv32, and what is allocated. */
export async function run(report: Report): Promise<void> {
	const onProgress = (step: string, detail = ""): void => void process.stderr.write(`codec-xs: ${step} ${detail}\n`);
	const linux = await build({ manifest, platform: "linux", release: true, onProgress });
	const rows = rowsOf("linux", report);
	if ((await runLinux({ executable: linux.executable, onLine: rows }).exited) !== 0)
		throw new Error("the bench failed on XS Linux");
	const board = await build({ manifest, platform: "qemu", release: true, onProgress });
	const qemu = await runQemu({
		image: board.image,
		config: { rounds: String(QEMU_ROUNDS) },
		ramBytes: QEMU_RAM_BYTES,
		instructionShift: 0,
		onLine: rowsOf("qemu", report),
	});
	if ((await qemu.exited) !== 0) throw new Error("the bench failed in QEMU");
}

function rowsOf(host: BenchRow["host"], report: Report): (line: string) => void {
	return (line) => {
		if (line.startsWith("{"))
			report({ suite: "codec", host, ...(JSON.parse(line) as Omit<BenchRow, "suite" | "host">) });
		else process.stderr.write(`${host}: ${line}\n`);
	};
}
