/** One measured figure; medians, minima and maxima over the rounds of one run. */
export interface BenchRow {
	suite: string;
	case: string;
	/** Where it ran: `linux` is XS as a Linux process, or native code. */
	host: "node" | "linux" | "qemu" | "esp32";
	/** Whose code. */
	impl:
		| "vatlet"
		| "handwritten"
		| "json"
		| "protobufjs"
		| "msgpackr"
		| "capnp-es"
		| "capnp-ts"
		| "capnp-cpp"
		| "capnweb"
		| "grpc-js"
		| "socket";
	/** What is counted, for one operation where it is not a rate; `ratio`: see the suite. */
	metric:
		| "ns"
		| "cpuNs"
		| "calls/s"
		| "ratio"
		| "instructions"
		| "slots"
		| "chunkBytes"
		| "mallocs"
		| "collections"
		| "bytes"
		| "ms";
	median: number;
	min: number;
	max: number;
}

export type Report = (row: BenchRow) => void;

/** What a `NAME.bench.ts` exports as `run`. */
export type Bench = (report: Report) => void | Promise<void>;

/** Median, minimum and maximum of samples, to three significant digits. */
export function summarise(samples: readonly number[]): Pick<BenchRow, "median" | "min" | "max"> {
	if (samples.length === 0) throw new Error("no samples");
	const sorted = [...samples].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const median =
		sorted.length % 2 === 1
			? (sorted[middle] as number)
			: ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
	return {
		median: significant(median),
		min: significant(sorted[0] as number),
		max: significant(sorted[sorted.length - 1] as number),
	};
}

const WARM_UP_MS = 500;

/**
 * Nanoseconds per call of each operation: `rounds` samples, each long enough for the clock and shorter than what a busy
 * machine gives to one program without a break. They take turns, so that what the machine does meanwhile hits all alike.
 */
export function compareNs(operations: readonly (() => void)[], rounds = 101, sampleMs = 2): number[][] {
	for (const operation of operations) warmUp(operation);
	const counts = operations.map((operation) => callsFor(operation, sampleMs));
	const samples: number[][] = operations.map(() => []);
	for (let round = 0; round < rounds; round++)
		operations.forEach((operation, i) => samples[i]!.push(sampleNs(operation, counts[i]!)));
	return samples;
}

/** Engines compile in the background, late where the machine has other work; what was never compiled must not be timed. */
function warmUp(operation: () => void): void {
	const startedMs = performance.now();
	do for (let i = 0; i < 100; i++) operation();
	while (performance.now() - startedMs < WARM_UP_MS);
}

/** Calls that take `sampleMs`. */
function callsFor(operation: () => void, sampleMs: number): number {
	for (let count = 1; ; count *= 2) if (sampleNs(operation, count) * count >= sampleMs * 1e6) return count;
}

function sampleNs(operation: () => void, count: number): number {
	const startedMs = performance.now();
	for (let i = 0; i < count; i++) operation();
	return ((performance.now() - startedMs) * 1e6) / count;
}

function significant(value: number): number {
	return Number(value.toPrecision(4));
}
