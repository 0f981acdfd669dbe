/** From a linked program to what an ESP32-C3 is flashed with. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.js";
import { makeEspImage } from "./esp-image.js";
import { packageRoot } from "./folders.js";

/** Assembles the stub and writes the image beside the program; returns its path. */
export async function writeEspImage(folder: string, program: string): Promise<string> {
	const board = join(packageRoot(), "hosts/unikernel/boards/esp32c3");
	const elf = join(folder, "stub.elf");
	const binary = join(folder, "stub.bin");
	const flags = ["-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-nostartfiles", "-T", join(board, "stub.ld")];
	await runCommand("riscv64-unknown-elf-gcc", [...flags, "-o", elf, join(board, "stub.s")]);
	await runCommand("riscv64-unknown-elf-objcopy", ["-O", "binary", elf, binary]);
	const image = join(folder, "flash.img");
	await writeFile(image, makeEspImage(await readFile(binary), await readFile(program)));
	return image;
}

/** Bytes of RAM that a program leaves to the XS pool. */
export async function poolBytesOf(elf: string): Promise<number> {
	const symbols = await runCommand("riscv64-unknown-elf-nm", [elf]);
	const address = (name: string): number =>
		parseInt(new RegExp(`^([0-9a-f]+) \\w ${name}$`, "m").exec(symbols)![1]!, 16);
	return address("__ram_end") - address("__ram_used_end");
}
