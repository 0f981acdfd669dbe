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
	/** What is counted, for one operation where it is not a rate. */
	metric: "ns" | "calls/s" | "instructions" | "slots" | "chunkBytes" | "mallocs" | "collections" | "bytes" | "ms";
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

/** Nanoseconds per call of `operation`: `rounds` samples, each long enough for the clock. */
export function timeNs(operation: () => void, rounds = 15, sampleMs = 20): number[] {
	let count = 1;
	for (;;) {
		const startedMs = performance.now();
		for (let i = 0; i < count; i++) operation();
		if (performance.now() - startedMs >= sampleMs) break;
		count *= 2;
	}
	const samples: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const startedMs = performance.now();
		for (let i = 0; i < count; i++) operation();
		samples.push(((performance.now() - startedMs) * 1e6) / count);
	}
	return samples;
}

function significant(value: number): number {
	return Number(value.toPrecision(4));
}
