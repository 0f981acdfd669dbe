/**
 * The two flash units of a board in QEMU: unit 0 holds the image, unit 1 the boot configuration in its first sector and the store
 * in those after it. QEMU wants each file to be as large as its unit.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, open, rm, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";

export const flashUnitBytes = 32 << 20;
export const sectorBytes = 256 << 10;
/** As many sectors as the device's store uses. */
export const storeSectors = 16;
const configBytesMax = 4095;

/** Writes the image, padded to the size of a unit without taking the space. */
export async function writeCodeFlash(image: string, file: string): Promise<void> {
	if ((await stat(image)).size > flashUnitBytes) throw new Error(`${image} is larger than the flash unit of 32 MiB`);
	await copyFile(image, file);
	await truncate(file, flashUnitBytes);
}

/** Lines `name=value`; a value cannot contain a line end. */
export function configText(config: Record<string, string>): string {
	let text = "";
	for (const [name, value] of Object.entries(config)) {
		if (!/^[\w.-]+$/.test(name)) throw new Error(`"${name}" cannot be the name of a configuration value`);
		if (/[\n\r\0]/.test(value)) throw new Error(`the configuration value ${name} contains a line end`);
		text += `${name}=${value}\n`;
	}
	const length = Buffer.byteLength(text);
	if (length > configBytesMax)
		throw new Error(`the boot configuration has ${length} bytes, at most ${configBytesMax} fit`);
	return text;
}

/** Makes the unit's file where there is none, erased; then writes the configuration. The store in an existing file is kept. */
export async function writeStoreFlash(file: string, config: Record<string, string>, eraseStore = false): Promise<void> {
	const text = configText(config);
	if (eraseStore) await rm(file, { force: true });
	await mkdir(dirname(file), { recursive: true });
	const fresh = !existsSync(file);
	const handle = await open(file, fresh ? "w+" : "r+");
	try {
		const { size } = await handle.stat();
		if (!fresh && size !== flashUnitBytes)
			throw new Error(`${file} has ${size} bytes: it is not the file of a flash unit (${flashUnitBytes} bytes)`);
		if (fresh) {
			const erased = Buffer.alloc(sectorBytes, 0xff);
			for (let sector = 0; sector <= storeSectors; sector++)
				await handle.write(erased, 0, sectorBytes, sector * sectorBytes);
			await handle.truncate(flashUnitBytes);
		}
		const sector = Buffer.alloc(sectorBytes, 0xff);
		sector.write(text, 0, "utf8");
		sector[Buffer.byteLength(text)] = 0;
		await handle.write(sector, 0, sectorBytes, 0);
	} finally {
		await handle.close();
	}
}
