import { join } from "node:path";

import { build } from "../../hosts/node/build/build.js";
import { relocate } from "../../hosts/node/build/rom-heap.js";
import { root, runProbe } from "./unikernel/probe-image.js";

describe("An XS application with its heap in flash", () => {
	let image: string;

	beforeAll(async () => {
		image = (await build({ manifest: join(root, "test/hosts/xs-probe/manifest.json"), platform: "qemu" })).image;
	}, 300_000);

	const run = (what: string, ramBytes = 140 * 1024) => runProbe({ image, ramBytes, config: { run: what } });

	it("starts with less than 2 KB of slots in use", async () => {
		const { status, lines } = await run("none");
		expect(status).toBe(0);
		const [, slots, bytes] = /^slots (\d+) of (\d+) bytes/.exec(lines[0]!)!;
		expect(Number(slots) * Number(bytes)).toBeLessThan(2048);
	});

	it("runs the language as if its objects were in RAM", async () => {
		const { status, lines } = await run("language");
		expect(status).toBe(0);
		expect(lines.slice(1)).toEqual([
			"counter 2 2 4 9 25 49",
			"binding 7",
			"class Own: reason",
			'date 1970-01-01T00:00:00.000Z heap {"a":[1,{"b":"2"}]}',
			"timer true",
			"promise 1",
		]);
	});

	it("collects what is dropped and leaves the flash alone", async () => {
		const { status, lines } = await run("collect");
		expect(status).toBe(0);
		expect(lines[1]).toBe("collected true 19999 19998 1999");
	});

	for (const [what, reason] of [
		["exception", "TypeError: cannot coerce undefined to object"],
		["memory", "out of memory"],
		["recursion", "stack overflow"],
	] as const) {
		it(`ends in a readable report: ${reason}`, async () => {
			const { status, lines } = await run(what);
			expect(status).toBe(1);
			expect(lines.join("\n")).toContain(reason);
		});
	}

	it("counts instructions, the same number in every run, when QEMU does", async () => {
		const counts = [];
		for (let i = 0; i < 2; i++) {
			const { lines } = await runProbe({ image, config: { run: "count" }, instructionShift: 3 });
			counts.push(Number(/^instructions (\d+) 499500$/.exec(lines[1]!)?.[1]));
		}
		expect(counts[0]).toBeGreaterThan(100_000);
		expect(counts[1]).toBe(counts[0]!);
	});

	it("says so when there is too little RAM", async () => {
		const { status, lines } = await run("none", 88 * 1024);
		expect(status).toBe(1);
		expect(lines.join("\n")).toContain("out of memory");
	});
});

describe("Relocating a captured heap", () => {
	const capture = (address: number, words: number[]) => ({
		slots: 0,
		aliases: 0,
		words,
		regions: [
			{ address, bytes: 16, word: 1 },
			{ address: address + 0x100000, bytes: 16, word: 5 },
		],
	});

	it("moves what differs by the distance of the two starts, and nothing else", () => {
		const first = capture(0x80400000, [7, 0x80400010, 0xffffffff, 0x80500004, 0, 0, 0, 0, 0]);
		const second = capture(0x80812340, [7, 0x80812350, 0xffffffff, 0x80912344, 0, 0, 0, 0, 0]);
		expect(relocate(first, second, 0x20080000)).toEqual([7, 0x20080014, 0xffffffff, 0x20080018, 0, 0, 0, 0, 0]);
	});

	it("leaves free slots out and moves the pointers past them", () => {
		const free = [0, 0, 0x45455246, 0x544f4c53];
		const heap = (address: number) => ({
			...capture(address, [9, ...free, address, address + 16, address + 18, 5]),
			regions: [{ address, bytes: 32, word: 1 }],
		});
		expect(relocate(heap(0x80400000), heap(0x80812340), 0x20080000)).toEqual([
			9, 0x20080004, 0x20080004, 0x20080006, 5,
		]);
	});

	it("refuses a word that differs otherwise", () => {
		expect(() => relocate(capture(0x80400000, [1, 2]), capture(0x80812340, [1, 3]), 0x20080000)).toThrowError(
			/time or randomness/,
		);
	});
});
