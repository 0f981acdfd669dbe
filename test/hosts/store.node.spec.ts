import { open } from "node:fs/promises";
import { join } from "node:path";

import { sectorBytes, writeStoreFlash } from "../../hosts/node/run/flash.js";
import { cutEmulatedFlash } from "../powercut/emulated-flash.js";
import { KilledMachine } from "../powercut/qemu-kills.js";
import { Cleanup } from "../support/cleanup.node.js";
import { probeImage, runProbe } from "./unikernel/probe-image.js";

describe("The flash store", () => {
	it("loses nothing and invents nothing when the power goes at any program or erase, and notices damage", async () => {
		const geometries = await cutEmulatedFlash();
		expect(geometries.length).toBe(3);
		for (const { cuts, series, noticed } of geometries) {
			expect(cuts).toBeGreaterThan(1000);
			expect(series).toBe(2000);
			expect(noticed).toBeGreaterThan(1000);
		}
	}, 120_000);

	describe("in QEMU's flash unit", () => {
		const cleanup = Cleanup.afterEach();
		let image: string;
		let storePath: string;

		beforeAll(async () => {
			image = await probeImage();
		}, 240_000);

		beforeEach(() => void (storePath = join(cleanup.folder(), "store.flash")));

		it("keeps its records from boot to boot, and forgets them when told to", async () => {
			const boots = [];
			for (const reset of ["0", "0", "0", "1", "0"]) {
				const { lines } = await runProbe({ image, storePath, config: { run: "store", reset } });
				boots.push(/boots (\d+)/.exec(lines.find((line) => line.startsWith("store put 0"))!)?.[1]);
			}
			expect(boots).toEqual(["1", "2", "3", "1", "2"]);
		});

		it("says where a damaged record lies, and opens again after a reset", async () => {
			await runProbe({ image, storePath, config: { run: "store", reset: "0" } });
			const file = await open(storePath, "r+");
			await file.write(Buffer.from("X"), 0, 1, sectorBytes + 30);
			await file.close();
			const { lines } = await runProbe({ image, storePath, config: { run: "store", reset: "0" } });
			expect(lines).toContain("store: a record fails its check (sector 0, byte 16)");
			expect(lines).toContain("store open -9");
			const afterwards = await runProbe({ image, storePath, config: { run: "store", reset: "1" } });
			expect(afterwards.lines).toContain("store put 0 boots 1");
		});

		it("opens with all that was acknowledged, and nothing in part, whenever QEMU is killed while it writes", async () => {
			const machine = new KilledMachine(image, storePath);
			let over = false;
			const running = (async () => {
				// On a busy machine some are killed before they have done anything.
				while (!over && (machine.kills < 30 || (machine.durable < 30 && machine.kills < 80))) await machine.round();
			})();
			cleanup.defer(() => {
				over = true;
				return running.catch(() => {});
			}, "the last round");
			await running;
			expect(machine.durable).toBeGreaterThanOrEqual(30);
		}, 240_000);

		it("refuses a file that is not a flash unit", async () => {
			const file = await open(storePath, "w");
			await file.write("short");
			await file.close();
			await expectAsync(writeStoreFlash(storePath, {})).toBeRejectedWithError(/not the file of a flash unit/);
		});
	});
});
