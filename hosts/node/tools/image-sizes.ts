import { join } from "node:path";
import { build, type Built } from "../build/build.js";
import { runCommand } from "../build/command.js";
import { packageRoot } from "../build/folders.js";
import { sizeRow, type SizeRow } from "./size-row.js";

const platforms = { linux: "linux", qemu: "unikernel/virt", esp32: "unikernel/esp32c3" } as const;
export type ImageHost = keyof typeof platforms;

/** The thermostat as each host has it: what of it is stored, and what memory it claims at start. */
export async function measureImages(hosts: readonly ImageHost[]): Promise<SizeRow[]> {
	const rows: SizeRow[] = [];
	for (const host of hosts) {
		const manifest = join(packageRoot(), "examples/thermostat/manifest.json");
		rows.push(...(await parts(host, await build({ manifest, platform: platforms[host], release: true }))));
	}
	return rows;
}

async function parts(host: ImageHost, built: Built): Promise<SizeRow[]> {
	const { sizes, linked, romHeapBytes = 0 } = built;
	const text = await textBytes(host, built.executable);
	const row = (name: string, bytes: number): SizeRow => sizeRow("static", host, name, bytes);
	const rows = [
		row("flash", sizes.flashBytes),
		row("flash-text", text),
		row("flash-bytecode", linked.codeBytes),
		row("flash-other", sizes.flashBytes - text - linked.codeBytes - romHeapBytes),
	];
	if (host === "linux") return rows;
	rows.push(row("flash-rom-heap", romHeapBytes));
	rows.push(row("ram-static", sizes.staticBytes), row("ram-c-stack", sizes.stackBytes));
	// What is free is not what is spent, but a device that has less of it has grown.
	if (sizes.poolBytes > 0) rows.push(sizeRow("detail", host, "ram-pool", sizes.poolBytes));
	return rows;
}

/** Machine code: constants lie behind it in the same section, up to a symbol, or in others. */
async function textBytes(host: ImageHost, executable: string): Promise<number> {
	const tools = host === "linux" ? "" : "riscv64-unknown-elf-";
	const text = (await runCommand(`${tools}size`, ["-A", executable])).match(/^\.text\s+(\d+)\s+(\d+)/m);
	if (!text) throw new Error(`${executable} has no code`);
	if (host === "linux") return Number(text[1]);
	const end = (await runCommand(`${tools}nm`, [executable])).match(/^([0-9a-f]+) \w __text_end$/m);
	return end ? parseInt(end[1]!, 16) - Number(text[2]) : Number(text[1]);
}
