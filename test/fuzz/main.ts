/** `npm run fuzz -- [--seconds N] [--seed N]`: mutated messages, read in every way; one seed repeats one input. */
import { parseArgs } from "node:util";
import { Inputs } from "./input.js";

const { values } = parseArgs({
	options: { seconds: { type: "string", default: "10" }, seed: { type: "string" }, start: { type: "string" } },
});
// Most inputs fault many times; traces would be most of the work.
Error.stackTraceLimit = values.seed === undefined ? 0 : 20;
const inputs = new Inputs();

function run(seed: number): void {
	try {
		inputs.run(seed);
	} catch (error) {
		console.error(`seed ${seed}: ${Buffer.from(inputs.make(seed)).toString("hex")}`);
		throw error;
	}
}

if (values.seed !== undefined) run(Number(values.seed));
else {
	const seconds = Number(values.seconds);
	const first = values.start === undefined ? Date.now() >>> 0 : Number(values.start);
	const startedMs = performance.now();
	const heapBytes = process.memoryUsage().heapUsed;
	let count = 0;
	while (performance.now() - startedMs < seconds * 1000) for (let i = 0; i < 500; i++) run((first + count++) >>> 0);
	const elapsed = (performance.now() - startedMs) / 1000;
	const grown = Math.round((process.memoryUsage().heapUsed - heapBytes) / 1e6);
	console.log(
		`${count} inputs from seed ${first}, ${Math.round(count / elapsed)} inputs/s, heap grown by ${grown} MB, no finding`,
	);
}
