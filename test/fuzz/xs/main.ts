/** The fuzzer on XS: a checksum for every batch, or for every input from `from` on, which Node's must equal. */
import { configValue, exit, print } from "vatlet/system";
import { printCase } from "../case.js";
import { Fuzzer } from "../fuzzer.js";

const inputs = Number(configValue("inputs") ?? "1000");
const from = Number(configValue("from") ?? String(inputs));
const batch = Number(configValue("batch") ?? "100");
const fuzzer = new Fuzzer(Number(configValue("seed") ?? "1"));

function run(): void {
	let checksum = 0;
	for (let i = 0; i < inputs; i++) {
		try {
			checksum = (Math.imul(checksum, 31) + fuzzer.step()) | 0;
		} catch (error) {
			print("input " + i + ": " + String(error));
			print(printCase(fuzzer.input));
			return exit(1);
		}
		if (i >= from || (i + 1) % batch === 0) print("checksum " + (i + 1) + " " + checksum);
	}
	exit(0);
}
run();
