/** `npm run sizes`: what each part costs, in bytes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../build/folders.js";
import { readArguments } from "./arguments.js";
import { type Budget, budgetOf, overBudget } from "./budget.js";
import { measureBundles, measureBytecode } from "./bundle-sizes.js";
import { measureHeap } from "./heap-sizes.js";
import { measureImages } from "./image-sizes.js";
import { measureMachine } from "./machine-size.js";
import type { SizeRow } from "./size-row.js";

const usage = `npm run sizes [-- options]

What bundles, images and the heap of a device cost, in bytes, and whether that is within test/sizes/budget.json.

  --json     one JSON object a line
  --budget   write the budget that these figures just fit
  --help     this text
`;

const { values } = readArguments(usage, {
	json: { type: "boolean", default: false },
	budget: { type: "boolean", default: false },
});

const budgetPath = join(packageRoot(), "test/sizes/budget.json");

function print(row: SizeRow): void {
	if (values.json) return console.log(JSON.stringify(row));
	const of = row.slots === undefined ? "" : `  ${row.slots} slots${row.objects ? ` in ${row.objects} objects` : ""}`;
	console.log(`${row.host.padEnd(6)} ${row.case.padEnd(36)} ${String(row.median).padStart(9)} bytes${of}`);
}

async function main(): Promise<number> {
	const rows: SizeRow[] = [];
	const images = (): Promise<SizeRow[]> => measureImages(["linux", "qemu", "esp32"]);
	const machine = (): Promise<SizeRow[]> => measureMachine();
	const steps = [measureBundles, measureBytecode, images, measureHeap, machine];
	for (const step of steps)
		for (const row of await step()) {
			rows.push(row);
			print(row);
		}
	const budget = JSON.parse(readFileSync(budgetPath, "utf8")) as Budget;
	if (values.budget) {
		writeFileSync(budgetPath, JSON.stringify(budgetOf(rows, budget), null, "\t") + "\n");
		return 0;
	}
	const faults = overBudget(budget, rows);
	for (const fault of faults) console.error(`over budget: ${fault}`);
	return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
