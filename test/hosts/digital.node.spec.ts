import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";

/** On pins of Linux that are joined in pairs, since it has no others. */
describe("embedded:io/digital", () => {
	const cleanup = Cleanup.afterEach();
	let built: Built;
	beforeAll(async () => {
		const manifest = join(packageRoot(), "test/hosts/linux/digital/manifest.json");
		built = await build({ manifest, platform: "linux" });
	}, 300_000);

	async function printed(config: Record<string, string>): Promise<string[]> {
		const device = BootedDevice.onLinux(cleanup, { executable: built.executable, config });
		expect(await device.exited()).toBe(0);
		return device.lines;
	}

	it("reads what is written, tells edges, and says what is wrong with options", async () => {
		expect(await printed({ pins: "loopback" })).toEqual([
			"chip undefined",
			"begins 0, format number",
			"again: Error: cannot open pin 4: full",
			"read of an output: TypeError: pin 4 is an output",
			"write to an input: TypeError: pin 5 is an input",
			"level: RangeError: argument 1 is 2, outside of 0 to 1",
			"pin: RangeError: pin must be from 0 to 31",
			"mode: RangeError: mode must be one of Digital's",
			"edge of an output: TypeError: an output has no edge",
			"edge alone: TypeError: onReadable and edge go together",
			"costs 0",
			"run: nothing thrown",
			"an edge: 1",
			"edges 2, level 0",
			"closed: TypeError: the pin is closed",
		]);
	});

	it("says so where there are no pins", async () => {
		expect(await printed({})).toEqual(["chip undefined", "run: Error: cannot open pin 4: absent"]);
	});
});

describe("the program that tries a board's pins", () => {
	const cleanup = Cleanup.afterEach();

	it("says on joined pins what the steps for the ESP32-C3 expect of it", async () => {
		const manifest = join(packageRoot(), "test/hardware/pins/manifest.json");
		const { executable } = await build({ manifest, platform: "linux" });
		const device = BootedDevice.onLinux(cleanup, { executable, config: { pins: "loopback" } });
		expect(await device.exited()).toBe(0);
		expect(device.lines).toEqual([
			"pins: 10 changes written, 10 edges seen, 0 levels wrong",
			"pins: pulled up",
			"temperature: this machine has no thermometer",
		]);
	}, 180_000);

	it("builds for the chip", async () => {
		const manifest = join(packageRoot(), "test/hardware/pins/manifest.json");
		const { sizes } = await build({ manifest, platform: "unikernel/esp32c3", release: true });
		expect(sizes.flashBytes).toBeLessThan(500_000);
	}, 300_000);
});
