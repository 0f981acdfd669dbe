import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { espImageFault } from "../../hosts/node/build/esp-image.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { outputOf } from "../support/command.node.js";

const BUILD_MS = 8 * 60_000;

describe("the thermostat for an ESP32-C3", () => {
	let built: Built;
	beforeAll(async () => {
		built = await build({
			manifest: join(packageRoot(), "examples/thermostat/manifest.json"),
			platform: "unikernel/esp32c3",
			release: true,
		});
	}, BUILD_MS);

	/** Section, address, load address. */
	function sections(): Map<string, { address: number; load: number; size: number }> {
		const text = outputOf("riscv64-unknown-elf-objdump", ["-h", built.executable]);
		const found = new Map<string, { address: number; load: number; size: number }>();
		for (const [, name, size, address, load] of text.matchAll(
			/^ +\d+ (\S+) +([0-9a-f]{8}) +([0-9a-f]{8}) +([0-9a-f]{8})/gm,
		))
			found.set(name!, { address: parseInt(address!, 16), load: parseInt(load!, 16), size: parseInt(size!, 16) });
		return found;
	}

	it("is an image that ROM and program accept", () => {
		expect(espImageFault(readFileSync(built.image))).toBeNull();
	});

	it("lies in flash where the stub maps it", () => {
		const map = sections();
		expect(map.get(".header")!.address).toBe(0x42001000);
		expect(map.get(".text")!.address).toBe(0x42001040);
		for (const [name, base] of [
			[".text", 0x42000000],
			[".rodata", 0x3c000000],
		] as const)
			expect(map.get(name)!.address - map.get(name)!.load)
				.withContext(name)
				.toBe(base);
		const start = outputOf("riscv64-unknown-elf-nm", [built.executable]);
		expect(start).toMatch(/^42001040 T _start$/m);
		expect(map.get(".iram")!.address).toBe(0x40380000);
		expect(map.get(".iram")!.size).toBeLessThan(4096);
	});

	it("takes no more than 700,000 bytes of flash, and nothing of TCP", () => {
		expect(built.sizes.flashBytes).toBeLessThanOrEqual(700_000);
		const symbols = outputOf("riscv64-unknown-elf-nm", [built.executable]);
		expect(/\b(xs_tcp|xs_listener|host_tcp)\w*/.exec(symbols)?.[0]).toBeUndefined();
	});

	it("leaves at least 200 KB of RAM to the XS pool", () => {
		expect(built.sizes.poolBytes).toBeGreaterThanOrEqual(200 * 1024);
	});

	it("uses no instruction that the chip lacks", () => {
		const code = outputOf("riscv64-unknown-elf-objdump", ["-d", "--no-show-raw-insn", built.executable]);
		expect(/\t(amo\w+|lr\.w|sc\.w|f[ls][wd])\b[^\n]*/.exec(code)?.[0]).toBeUndefined();
	});
});
