/**
 * `npm run powercut [-- --kills N]`: the flash store and a failing power supply. First in an emulated flash that is cut at every program and
 * every erase, then in QEMU machines that are killed at random moments.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { probeImage } from "../hosts/unikernel/probe-image.js";
import { cutEmulatedFlash } from "./emulated-flash.js";
import { KilledMachine } from "./qemu-kills.js";

const { values } = parseArgs({ options: { kills: { type: "string", default: "1000" } } });
const kills = Number(values.kills);
if (!Number.isSafeInteger(kills) || kills < 1) {
	console.error(`--kills takes a number from 1 on, not "${values.kills}"`);
	process.exit(2);
}
const startedMs = performance.now();
const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(0);

let cuts = 0;
for (const geometry of await cutEmulatedFlash()) {
	console.log(`emulated flash ${geometry.line}`);
	// Each of the workload's cuts is followed by a second one.
	cuts += 2 * geometry.cuts + geometry.series;
}
const image = await probeImage();
const folder = await mkdtemp(join(tmpdir(), "vatlet-powercut-"));
const machine = new KilledMachine(image, join(folder, "store.flash"));
try {
	while (machine.kills < kills) {
		await machine.round();
		if (machine.kills % 50 === 0)
			console.log(`QEMU: ${machine.kills} kills, ${machine.durable} operations, ${seconds()} s`);
	}
	console.log(
		`${cuts} power cuts in emulated flash, ${machine.kills} kills of QEMU within ${machine.durable} operations, in ${seconds()} s: nothing lost, nothing half-written, every store opened`,
	);
	await rm(folder, { recursive: true });
} catch (error) {
	console.error(`${(error as Error).message}\nthe flash unit is kept: ${folder}/store.flash`);
	process.exitCode = 1;
}
