import { fileURLToPath } from "node:url";
import { runCommand } from "../build/command.js";
import { sizeRow, type SizeRow } from "./size-row.js";

const start = fileURLToPath(new URL("../start/main.js", import.meta.url));
const STEP_KIB = 4;
const LARGEST_KIB = 400;

/** The smallest machine, in QEMU's steps of 4 KiB, in which the thermostat goes through its whole conversation. */
export async function measureMachine(fromKib = 128): Promise<SizeRow[]> {
	let kib = fromKib;
	if (await passes(kib)) while (await passes(kib - STEP_KIB)) kib -= STEP_KIB;
	else
		do {
			kib += STEP_KIB;
			if (kib > LARGEST_KIB) throw new Error("npm start -- --once fails in every machine");
		} while (!(await passes(kib)));
	return [sizeRow("dynamic", "qemu", "ram-smallest-machine", kib * 1024)];
}

function passes(kib: number): Promise<boolean> {
	return runCommand(process.execPath, [start, "--once", "--ram", String(kib)]).then(
		() => true,
		() => false,
	);
}
