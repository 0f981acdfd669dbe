import { join } from "node:path";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { runProbe } from "./unikernel/probe-image.js";

const manifest = join(packageRoot(), "test/hosts/xs-echo/manifest.json");

interface Done {
	right: number;
	grown: number[];
	milliseconds: number;
	instructions: number;
}

describe("Echoes on sealed vats on XS", () => {
	const cleanup = Cleanup.afterEach();

	it("allocate nothing, ten thousand of them, on Linux", async () => {
		const { executable } = await build({ manifest, platform: "linux", release: true });
		const device = BootedDevice.onLinux(cleanup, { executable });
		expect(await device.exited()).toBe(0);
		const done = JSON.parse(device.lines.at(-1)!) as Done;
		expect(done.right).toBe(10_000);
		expect(done.grown).toEqual([0, 0, 0, 0]);
	}, 300_000);

	it("allocate nothing on rv32 either, and cost the side that serves no more than it may", async () => {
		const { image } = await build({ manifest, platform: "qemu", release: true });
		const { status, lines } = await runProbe({
			image,
			ramBytes: 400 * 1024,
			config: { echoes: "300" },
			instructionShift: 0,
		});
		expect(status).toBe(0);
		const done = JSON.parse(lines.at(-1)!) as Done;
		expect(done.right).toBe(300);
		expect(done.grown).toEqual([0, 0, 0, 0]);
		expect(done.instructions).toBeLessThan(230_000);
	}, 300_000);
});
