import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../build/build.js";
import { packageRoot } from "../build/folders.js";
import { DeviceProcess } from "../start/device-process.js";
import { HubProcess } from "../start/hub-process.js";
import { sizeRow, type SizeRow } from "./size-row.js";

const PATIENCE_MS = 60_000;

/** Boots the thermostat in QEMU beside its hub and lets it say, while they converse, what memory it takes and what its heap is made of. */
export async function measureHeap(): Promise<SizeRow[]> {
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
		return readHeap(lines);
	} finally {
		await hub.stop();
		rmSync(folder, { recursive: true });
	}
}

type Meters = Readonly<Record<string, number>>;

/** `meters WHEN: NAME BYTES, …` */
function metersOf(text: string, when: string): Meters {
	const line = new RegExp(`^meters ${when}: (.*)$`, "m").exec(text)?.[1];
	if (line === undefined) throw new Error(`the device did not say what it had ${when}; its last lines:\n${text}`);
	return Object.fromEntries(
		line.split(", ").map((part) => {
			const [name, bytes] = part.split(" ");
			return [name!, Number(bytes)];
		}),
	);
}

/** What a device says on its console: test/hosts/census, and `vatlet/census`. */
export function readHeap(lines: readonly string[]): SizeRow[] {
	const text = lines.join("\n");
	const atStart = metersOf(text, "at start");
	const afterBoot = metersOf(text, "after boot");
	const connected = metersOf(text, "connected");
	const dynamic = (name: string, bytes: number): SizeRow => sizeRow("dynamic", "qemu", name, bytes);
	const total = /census: slots (\d+) of (\d+) bytes, chunks (\d+)/.exec(text);
	if (!total) throw new Error("the device took no census; its last lines:\n" + lines.slice(-10).join("\n"));
	const slotBytes = Number(total[2]);
	const rows = [
		dynamic("heap-at-start", atStart["heap"]!),
		dynamic("heap-after-boot", afterBoot["heap"]!),
		{ ...dynamic("heap-connected", connected["heap"]!), slots: Number(total[1]) },
		dynamic("heap-peak", connected["heap-peak"]!),
		dynamic("c-heap-connected", connected["c-heap"]!),
		// Everything that the handshake took and gave back again.
		dynamic("c-heap-peak-handshake", connected["c-heap-peak"]!),
		dynamic("c-stack-peak", connected["c-stack-peak"]!),
		dynamic("xs-stack-peak", connected["xs-stack-peak"]!),
		dynamic("ram-in-use-peak", connected["ram"]!),
		dynamic("per-connection-heap", connected["heap"]! - afterBoot["heap"]!),
		dynamic("per-connection-c-heap", connected["c-heap"]! - atStart["c-heap"]!),
	];
	for (const [, name, bytes] of text.matchAll(/^entry (.*): ([\d.]+)$/gm)) rows.push(dynamic(name!, Number(bytes)));
	for (const [, name, objects, slots, chunks] of text.matchAll(
		/census: (.*), objects (\d+), slots (\d+), chunks (\d+)/g,
	)) {
		const bytes = Number(slots) * slotBytes + Number(chunks);
		rows.push(sizeRow("detail", "qemu", `class ${name}`, bytes, { objects: Number(objects), slots: Number(slots) }));
	}
	return rows;
}
