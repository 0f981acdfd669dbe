import { join } from "node:path";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runQemu } from "../../hosts/node/run/qemu.js";
import { probeImage, runProbe } from "../hosts/unikernel/probe-image.js";
import { type Moment, PairedDevice, type Stage } from "../support/paired-device.js";
import { type Report, summarise } from "./bench.js";

const BOOTS = 15;
const IDLE_MS = 20_000;
/** Of a device's time, for each instruction: 2^2 ns. */
const INSTRUCTION_SHIFT = 2;
const base = { suite: "boot", host: "qemu", impl: "vatlet" } as const;

/**
 * From the start of QEMU to the hub's first call, over TLS with a known identity. Each stage is told since the start, by the clock and by
 * what QEMU took of the processor; the emulator's own part is that of a machine without an engine that prints a line.
 */
export async function run(report: Report): Promise<void> {
	report({ ...base, case: "emulator", metric: "ms", ...summarise(await emulatorMs()) });
	const paired = await PairedDevice.of();
	try {
		// It makes its key, which it keeps.
		const first = await paired.boot();
		report({ ...base, case: "very-first-print", metric: "ms", ...summarise([first.print.ms]) });
		const boots: Record<Stage, Moment>[] = [];
		for (let i = 0; i < BOOTS; i++) boots.push(await paired.boot());
		for (const stage of ["print", "connected", "call"] as const) {
			report({ ...base, case: stage, metric: "ms", ...summarise(boots.map((boot) => boot[stage].ms)) });
			const cpu = summarise(boots.map((boot) => boot[stage].cpuMs));
			report({ ...base, case: `${stage}-cpu`, metric: "ms", ...cpu });
		}
		await paired.idleShare(2_000);
		report({ ...base, case: "idle-cpu", metric: "ratio", ...summarise([await paired.idleShare(IDLE_MS)]) });
	} finally {
		await paired.end();
	}
	await instructions(report);
}

async function emulatorMs(): Promise<number[]> {
	const image = await probeImage();
	const samples: number[] = [];
	for (let i = 0; i < BOOTS; i++) {
		const startedMs = performance.now();
		await runProbe({ image }, (line) => {
			if (line.startsWith("boot ")) samples.push(performance.now() - startedMs);
		});
	}
	return samples;
}

/** To the first module of the program, and from there until its vat is made and dials; the same in every run. */
async function instructions(report: Report): Promise<void> {
	const manifest = join(packageRoot(), "test/hosts/census/manifest.json");
	const { image } = await build({ manifest, platform: "qemu", release: true });
	const counts: number[] = [];
	const machine = await runQemu({
		image,
		config: { hub: "capnp://sha-256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@10.0.2.2:1/AAAA" },
		instructionShift: INSTRUCTION_SHIFT,
		onLine: (line) => {
			const count = /^meters .*instructions (\d+)/.exec(line)?.[1];
			if (count !== undefined && counts.push(Number(count)) === 2) machine.kill();
		},
	});
	await machine.exited;
	const [atStart, afterBoot] = counts;
	report({ ...base, case: "to-main", metric: "instructions", ...summarise([atStart!]) });
	report({ ...base, case: "main-with-a-new-key", metric: "instructions", ...summarise([afterBoot! - atStart!]) });
}
