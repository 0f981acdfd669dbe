import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../build/build.js";
import { packageRoot } from "../build/folders.js";
import { DeviceProcess } from "../start/device-process.js";
import { HubProcess } from "../start/hub-process.js";

/** What a class costs in the device's RAM: slots of the engine, and bytes in chunks (buffers, array items, strings). */
export interface CensusRow {
	name: string;
	objects: number;
	slots: number;
	chunkBytes: number;
}

export interface Census {
	slots: number;
	slotBytes: number;
	chunkBytes: number;
	/** The most that the engine had in use, garbage included. */
	peakSlots: number;
	peakChunkBytes: number;
	rows: CensusRow[];
}

const PATIENCE_MS = 60_000;

/** Boots the thermostat in QEMU beside its hub and lets it say, while they converse, what its heap is made of. */
export async function takeCensus(): Promise<Census> {
	const folder = mkdtempSync(join(tmpdir(), "vatlet-census-"));
	const built = await build({
		manifest: join(packageRoot(), "test/hosts/census/manifest.json"),
		platform: "qemu",
		release: true,
	});
	const lines: string[] = [];
	let found: (uri: string) => void;
	const uri = new Promise<string>((resolve) => (found = resolve));
	const hub = new HubProcess({
		keyPath: join(folder, "hub.pem"),
		listen: "tcp:127.0.0.1:0",
		onEvent: (event) => {
			if (event.type === "listening") found(event.uri);
		},
		onLine: () => {},
	});
	try {
		const device = new DeviceProcess(built, {
			hub: await uri,
			folder,
			resetStore: false,
			ramBytes: 400 << 10,
			onLine: (line) => lines.push(line),
		});
		const patience = setTimeout(() => void device.kill(), PATIENCE_MS);
		await device.exited;
		clearTimeout(patience);
		return readCensus(lines);
	} finally {
		await hub.stop();
		rmSync(folder, { recursive: true });
	}
}

/** The lines of `vatlet/census` on a device's console. */
export function readCensus(lines: readonly string[]): Census {
	const text = lines.join("\n");
	const total = /census: slots (\d+) of (\d+) bytes, chunks (\d+)/.exec(text);
	const peak = /peak: slots (\d+), chunks (\d+)/.exec(text);
	if (!total || !peak) throw new Error("the device took no census; its last lines:\n" + lines.slice(-10).join("\n"));
	const rows = [...text.matchAll(/census: (.*), objects (\d+), slots (\d+), chunks (\d+)/g)].map(
		([, name, objects, slots, chunks]) => ({
			name: name!,
			objects: Number(objects),
			slots: Number(slots),
			chunkBytes: Number(chunks),
		}),
	);
	return {
		slots: Number(total[1]),
		slotBytes: Number(total[2]),
		chunkBytes: Number(total[3]),
		peakSlots: Number(peak[1]),
		peakChunkBytes: Number(peak[2]),
		rows,
	};
}
