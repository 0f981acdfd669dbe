import { fileURLToPath } from "node:url";
import { build } from "../../hosts/node/build/build.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { within } from "../support/waiting.js";
import { printCase } from "./case.js";
import { Fuzzer } from "./fuzzer.js";

const manifest = fileURLToPath(new URL("../../../../test/fuzz/xs/manifest.json", import.meta.url));
/** Inputs between two comparisons. */
const BATCH = 100;
/** For one run there, which takes some seconds: an hour is many of them. */
const RUN_MS = 200_000;

/** The fuzzer on XS with the C of modules/codec, all under the sanitizers; its executable. */
export async function buildSanitized(onProgress: (step: string, detail?: string) => void): Promise<string> {
	const out = fileURLToPath(new URL("../../../../build/xs/linux/fuzz-sanitized", import.meta.url));
	return (await build({ manifest, platform: "linux", sanitize: true, release: true, out, onProgress })).executable;
}

/** Runs the same inputs there and here. Throws an Error with the first one that gives another result, or the report. */
export async function compareSanitized(
	executable: string,
	seed: number,
	inputs: number,
	onProgress: (inputs: number) => void = () => {},
): Promise<void> {
	const here = new Checksums(seed);
	const differs = await run(executable, { seed, inputs, batch: BATCH }, (count, checksum) => {
		if (here.at(count) !== checksum) return true;
		onProgress(count);
		return false;
	});
	if (differs === 0) return;
	const again = new Checksums(seed);
	const one = await run(
		executable,
		{ seed, inputs: differs, from: Math.max(0, differs - BATCH - 1) },
		(count, checksum) => again.at(count) !== checksum,
	);
	throw new Error(`input ${one} of seed ${seed} reads otherwise on XS: ${printCase(again.fuzzer.input)}`);
}

/** Those of this engine, one input after the other. */
class Checksums {
	readonly fuzzer: Fuzzer;
	#count = 0;
	#checksum = 0;

	constructor(seed: number) {
		this.fuzzer = new Fuzzer(seed);
	}

	at(count: number): number {
		for (; this.#count < count; this.#count++)
			this.#checksum = (Math.imul(this.#checksum, 31) + this.fuzzer.step()) | 0;
		return this.#checksum;
	}
}

/** The count at which `differs` said so; 0 where it never did. */
async function run(
	executable: string,
	config: Record<string, number>,
	differs: (count: number, checksum: number) => boolean,
): Promise<number> {
	let found = 0;
	const other: string[] = [];
	const strings = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]));
	const { exited, kill } = runLinux({
		executable,
		config: strings,
		onLine(line) {
			const parts = /^checksum (\d+) (-?\d+)$/.exec(line);
			if (parts === null) other.push(line);
			else if (found === 0 && differs(Number(parts[1]), Number(parts[2]))) {
				found = Number(parts[1]);
				kill();
			}
		},
	});
	const saw = () => other.slice(-60);
	const code = await within(exited, { what: "the end of the fuzzer on XS", saw, limitMs: RUN_MS }).finally(kill);
	if (found === 0 && code !== 0) throw new Error(`XS ended with ${code}:\n${other.slice(-60).join("\n")}`);
	return found;
}
