import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
	CONFIG_OFFSET,
	espImageFault,
	makeEspImage,
	PROGRAM_OFFSET,
	STUB_ADDRESS,
} from "../../hosts/node/build/esp-image.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { Cleanup } from "../support/cleanup.node.js";
import { compileSanitized } from "../support/sanitized.node.js";

const COMMAND_MS = 60_000;
const unikernel = join(packageRoot(), "hosts/unikernel");

function blankProgram(bytes: number): Buffer {
	const program = randomBytes(bytes);
	program.fill(0, 0, 64);
	program.writeUInt32LE(0x4c544156, 0);
	return program;
}

/** The parts of the ESP32-C3's board that need no chip, compiled for this machine. */
describe("the ESP32-C3's", () => {
	const suite = Cleanup.afterAll();
	let program: string;
	beforeAll(() => {
		program = join(suite.folder(), "health");
		const sources = ["core/entropy-health.c", "boards/esp32c3/image-check.c"].map((path) => join(unikernel, path));
		const harness = join(packageRoot(), "test/hosts/unikernel/health.c");
		compileSanitized(program, [harness, ...sources], [unikernel]);
	});

	/** What failed (0 nothing, 1 repetitions, 2 proportion), and after how many samples. */
	function tested(samples: Uint8Array): [number, number] {
		const said = execFileSync(program, { input: samples, encoding: "utf8", timeout: COMMAND_MS });
		const [failure, taken] = said.split(" ").map(Number);
		return [failure!, taken!];
	}

	describe("health tests", () => {
		it("pass a megabyte of randomness", () => {
			expect(tested(randomBytes(1 << 20))[0]).toBe(0);
		});
		it("notice a source that is stuck, at the 31st repetition", () => {
			expect(tested(new Uint8Array(100))).toEqual([1, 30]);
			const late = randomBytes(5000);
			late.fill(0xff, 3000, 3031);
			expect(tested(late)).toEqual([1, late[2999] === 0xff ? 3029 : 3030]);
		});
		it("notice a value that comes too often, at its 325th time in a window of 512", () => {
			const samples = Uint8Array.from({ length: 512 }, (_, i) => (i % 20 === 19 ? i & 127 : 200));
			expect(tested(samples)).toEqual([2, 341]);
			const fair = Uint8Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? 200 : i & 127));
			expect(tested(fair)[0]).toBe(0);
		});
	});

	describe("image", () => {
		const stub = Uint8Array.from({ length: 93 }, (_, i) => i * 7);

		it("has the header, the segment and the checks that the ROM looks for", () => {
			const image = makeEspImage(stub, blankProgram(5000));
			expect(espImageFault(image)).toBeNull();
			expect([...image.subarray(0, 4)]).toEqual([0xe9, 1, 2, 0x2f]);
			expect(image.readUInt32LE(4)).toBe(STUB_ADDRESS);
			expect(image.readUInt32LE(24)).toBe(STUB_ADDRESS);
			expect(image.readUInt32LE(28)).toBe(96);
			expect([...image.subarray(32, 32 + 93)]).toEqual([...stub]);
			expect(image.length).toBe(PROGRAM_OFFSET + 5000);
		});
		it("is refused by the program's own check when any byte of it is another", () => {
			for (const bytes of [64, 65, 119, 120, 127, 128, 1000, 5000]) {
				const image = makeEspImage(stub, blankProgram(bytes));
				const check = () => {
					const input = image.subarray(PROGRAM_OFFSET);
					return execFileSync(program, ["image"], { input, encoding: "utf8", timeout: COMMAND_MS }).trim();
				};
				expect(check()).withContext(`${bytes}`).toBe("1");
				if (bytes > 64) {
					image[PROGRAM_OFFSET + 64 + Math.floor((bytes - 64) / 2)]! ^= 4;
					expect(check()).toBe("0");
					expect(espImageFault(image)).toBe("the SHA-256 of the program is wrong");
				}
			}
		});
		it("is refused when it is cut, for another chip, or damaged where the ROM looks", () => {
			const whole = makeEspImage(stub, blankProgram(3000));
			const changed = (at: number): Buffer => {
				const image = Buffer.from(whole);
				image[at]! ^= 1;
				return image;
			};
			expect(espImageFault(whole.subarray(0, 4000))).toBe("the image ends before its program");
			expect(espImageFault(whole.subarray(0, whole.length - 1))).toContain("another length");
			expect(espImageFault(changed(12))).toBe("the image is for another chip");
			expect(espImageFault(changed(50))).toBe("the checksum of the boot part is wrong");
			expect(espImageFault(changed(2))).toBe("the SHA-256 of the boot part is wrong");
		});
		it("never reaches into the sectors of configuration and store", () => {
			expect(() => makeEspImage(stub, blankProgram(CONFIG_OFFSET - PROGRAM_OFFSET + 1))).toThrowError(
				/too|the flash before/,
			);
		});
	});

	it("registers have the addresses and bits that this board's code says once", () => {
		const text = readFileSync(join(unikernel, "boards/esp32c3/registers.h"), "utf8");
		const names = [...text.matchAll(/^#define (\w+_REG)\b/gm)].map((match) => match[1]!);
		expect(new Set(names).size).toBe(names.length);
		expect(names.length).toBeGreaterThan(40);
		for (const file of ["board.c", "serial.c", "clock.c", "flash.c", "entropy.c", "pins.c", "temperature.c"])
			// No address of a device stands in the code: each has its name.
			expect(readFileSync(join(unikernel, "boards/esp32c3", file), "utf8")).not.toMatch(/0x600[0-9a-f]{5}/);
	});
});
