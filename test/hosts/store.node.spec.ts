import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { runQemu } from "../../hosts/node/run/qemu.js";
import { sectorBytes, writeStoreFlash } from "../../hosts/node/run/flash.js";
import { probeImage, root, runProbe } from "./unikernel/probe-image.js";

const run = promisify(execFile);

describe("The flash store", () => {
	it("loses nothing and invents nothing when the power goes at any program or erase, and notices damage", async () => {
		const store = join(root, "hosts/unikernel/store");
		const program = join(root, "build/power-cut");
		await mkdir(join(root, "build"), { recursive: true });
		await run("gcc", [
			"-O2",
			"-g",
			"-Wall",
			"-Wextra",
			"-Werror",
			"-fsanitize=address,undefined",
			"-I",
			join(root, "hosts/unikernel"),
			"-I",
			join(root, "hosts/xs/native"),
			"-o",
			program,
			join(root, "test/hosts/store/power-cut.c"),
			...["crc32.c", "log-scan.c", "log-open.c", "log-store.c"].map((file) => join(store, file)),
		]);
		const { stdout } = await run(program);
		const lines = stdout.trim().split("\n");
		expect(lines.length).toBe(3);
		for (const line of lines) {
			const [, cuts, noticed] = /: (\d+) cuts, a series of 2000, (\d+) of \d+ damaged bytes noticed/.exec(line)!;
			expect(Number(cuts)).toBeGreaterThan(1000);
			expect(Number(noticed)).toBeGreaterThan(1000);
		}
	}, 120_000);

	describe("in QEMU's flash unit", () => {
		let image: string;
		let folder: string;
		let storePath: string;

		beforeAll(async () => {
			image = await probeImage();
		}, 120_000);

		beforeEach(async () => {
			folder = await mkdtemp(join(tmpdir(), "vatlet-store-"));
			storePath = join(folder, "store.flash");
		});

		afterEach(async () => {
			await rm(folder, { recursive: true });
		});

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

		it("opens with all that was acknowledged after QEMU is killed while it writes", async () => {
			let acknowledged = 0;
			for (let round = 0; round < 6; round++) {
				const enough = acknowledged + 3 + round * 7;
				const problems: string[] = [];
				const machine = await runQemu({
					image,
					storePath,
					config: { run: "write", reset: "0" },
					onLine: (line) => {
						const [, word, number] = /^(wrote|found) (\d+)$/.exec(line) ?? [];
						if (word === "found" && Number(number) < acknowledged) problems.push(`${line} after ${acknowledged}`);
						else if (word === "wrote") acknowledged = Number(number);
						else if (line.startsWith("store ") && line !== "store open 0") problems.push(line);
						if (acknowledged >= enough) machine.kill();
					},
				});
				expect(await machine.exited).toBe(137);
				expect(problems).toEqual([]);
			}
			expect(acknowledged).toBeGreaterThan(20);
		}, 60_000);

		it("refuses a file that is not a flash unit", async () => {
			const file = await open(storePath, "w");
			await file.write("short");
			await file.close();
			await expectAsync(writeStoreFlash(storePath, {})).toBeRejectedWithError(/not the file of a flash unit/);
		});
	});
});
