/** Power and connections that fail at every moment. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { probeImage } from "../hosts/unikernel/probe-image.js";
import { ConnectionCuts } from "./connection-cuts.js";
import { cutEmulatedFlash } from "./emulated-flash.js";
import { KilledMachine } from "./qemu-kills.js";

const PROGRESS_EACH = 50;

const usage = `npm run powercut [-- options]

An emulated flash is cut at every program and erase, QEMU machines that write are killed at random moments, a conversation over TLS is cut at every
byte.

  --kills N     of QEMU (default 1000)
  --only NAME   flash, qemu or connections; may be given more than once
  --help        this text
`;

const { values, refuse, whole } = readArguments(usage, {
	kills: { type: "string", default: "1000" },
	only: { type: "string", multiple: true },
});
const kills = whole("kills", values.kills, 1);
const only = values.only ?? ["flash", "qemu", "connections"];
for (const name of only)
	if (!["flash", "qemu", "connections"].includes(name))
		refuse(`--only takes flash, qemu or connections, not "${name}"`);
const startedMs = performance.now();
const results: string[] = [];
if (only.includes("flash")) await cutFlash();
if (only.includes("qemu")) await killMachines();
if (only.includes("connections")) await cutConnections();
console.log(
	`${results.join(", ")}, in ${seconds()} s: nothing lost, nothing half-written, nothing left, all came back`,
);

function seconds(): string {
	return ((performance.now() - startedMs) / 1000).toFixed(0);
}

async function cutFlash(): Promise<void> {
	let cuts = 0;
	for (const geometry of await cutEmulatedFlash()) {
		console.log(`emulated flash ${geometry.line}`);
		// Each of the workload's cuts is followed by a second one.
		cuts += 2 * geometry.cuts + geometry.series;
	}
	results.push(`${cuts} power cuts in emulated flash`);
}

async function killMachines(): Promise<void> {
	const image = await probeImage();
	const folder = await mkdtemp(join(tmpdir(), "vatlet-powercut-"));
	const machine = new KilledMachine(image, join(folder, "store.flash"));
	try {
		while (machine.kills < kills) {
			await machine.round();
			if (machine.kills % PROGRESS_EACH === 0)
				console.log(`QEMU: ${machine.kills} kills, ${machine.durable} operations, ${seconds()} s`);
		}
	} catch (error) {
		console.error(`${(error as Error).message}\nthe flash unit is kept: ${folder}/store.flash`);
		process.exit(1);
	}
	await rm(folder, { recursive: true });
	results.push(`${machine.kills} kills of QEMU within ${machine.durable} operations`);
}

async function cutConnections(): Promise<void> {
	const cuts = await ConnectionCuts.open();
	const { bytesOut, bytesIn } = await cuts.live({});
	console.log(`connections: ${bytesOut} bytes out, ${bytesIn} bytes in`);
	for (let at = 1; at < Math.max(bytesOut, bytesIn); at++) {
		if (at < bytesOut) await cuts.live({ cutAfterBytesOut: at });
		if (at < bytesIn) await cuts.live({ cutAfterBytesIn: at });
		if (at % (10 * PROGRESS_EACH) === 0) console.log(`connections: ${cuts.count} cuts, ${seconds()} s`);
	}
	await cuts.close();
	results.push(`${cuts.count} cuts of a connection`);
}
