import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { type Budget, budgetOf, overBudget } from "../../hosts/node/tools/budget.js";
import { measureBundles } from "../../hosts/node/tools/bundle-sizes.js";
import { measureHeap, readHeap } from "../../hosts/node/tools/heap-sizes.js";
import { measureImages } from "../../hosts/node/tools/image-sizes.js";
import { sizeRow } from "../../hosts/node/tools/size-row.js";

const BUILD_MS = 6 * 60_000;

describe("Sizes", () => {
	const budget = JSON.parse(readFileSync(join(packageRoot(), "test/sizes/budget.json"), "utf8")) as Budget;

	it(
		"of the thermostat's images stay within their budget",
		async () => {
			expect(overBudget(budget, await measureImages(["linux", "qemu"]))).toEqual([]);
		},
		BUILD_MS,
	);

	it(
		"of the bundles stay within their budget",
		async () => {
			expect(overBudget(budget, await measureBundles())).toEqual([]);
		},
		BUILD_MS,
	);

	it(
		"of a device's memory stay within their budget, and every slot of its heap has a name",
		async () => {
			const rows = await measureHeap();
			expect(overBudget(budget, rows)).toEqual([]);
			const classes = rows.filter((row) => row.case.startsWith("class "));
			const named = classes.reduce((sum, row) => sum + row.slots!, 0);
			const all = rows.find((row) => row.case === "heap-connected")!;
			expect(Math.abs(named - all.slots!)).toBeLessThan(10);
			expect(classes.find((row) => row.case === "class Call")).toBeDefined();
		},
		BUILD_MS,
	);

	it("says so when a device took no census", () => {
		expect(() => readHeap(["the hub refused"])).toThrowError(/did not say.*\n.*the hub refused/);
	});
});

describe("A budget of sizes", () => {
	const budget: Budget = { static: { "qemu flash": 1000 }, ceilings: { "qemu heap-peak": 500 } };
	const flash = (bytes: number) => sizeRow("static", "qemu", "flash", bytes);
	const peak = (bytes: number) => sizeRow("dynamic", "qemu", "heap-peak", bytes);

	it("lets static figures grow by 2 %, and dynamic ones up to their ceiling", () => {
		expect(overBudget(budget, [flash(1020), peak(500)])).toEqual([]);
		expect(overBudget(budget, [flash(1021), peak(501)])).toEqual([
			jasmine.stringMatching(/^qemu flash: 1021 bytes instead of 1000, 2\.1 % more\. .*npm run sizes -- --budget$/),
			jasmine.stringMatching(/^qemu heap-peak: 501 bytes, 1 over its ceiling of 500\. .*npm run sizes -- --budget$/),
		]);
	});

	it("has to know every figure but those that are only told", () => {
		const other = sizeRow("static", "linux", "flash", 1);
		expect(overBudget(budget, [other])).toEqual([
			jasmine.stringMatching(/^linux flash: 1 bytes, and no budget for it/),
		]);
		expect(overBudget(budget, [{ ...other, kind: "detail" }])).toEqual([]);
	});

	it("is written anew from what was measured; a ceiling that still fits stays", () => {
		expect(budgetOf([flash(900), peak(490)], budget)).toEqual({
			static: { "qemu flash": 900 },
			ceilings: { "qemu heap-peak": 500 },
		});
		expect(budgetOf([peak(300)], budget).ceilings).toEqual({ "qemu heap-peak": 320 });
		expect(budgetOf([peak(600)], budget).ceilings).toEqual({ "qemu heap-peak": 624 });
	});
});
