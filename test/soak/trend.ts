import type { Sample, SoakRun } from "./soak.js";

/** One measure over the run. */
export interface Trend {
	name: string;
	/** Medians. Garbage that waits for its collection is in every sample, so that single ones say little. */
	first: number;
	last: number;
	/** Of the line of least squares. */
	slopePerHour: number;
	/** By how much it may be worse at the end, and by how much the line may have risen over the run. */
	tolerance: number;
}

/** Until then the device makes what it makes once; seconds of its uptime, or a tenth of the run if that is less. */
const SETTLED_SECONDS = 60;
/** Of what the device holds when it is settled: 2 %, for garbage between collections is not the same in each third. */
const TOLERANCE = 0.02;
const SAMPLES_MIN = 20;

/** More is worse, or less is. */
const measures: readonly { name: string; of: (sample: Sample) => number; worse: 1 | -1 }[] = [
	{ name: "slots", of: (sample) => sample.slots, worse: 1 },
	{ name: "chunk bytes", of: (sample) => sample.chunkBytes, worse: 1 },
	{ name: "C heap free, bytes", of: (sample) => sample.heapFreeBytes, worse: -1 },
];

/** The memory lines of a run, and in words what was not as it should be. */
export function judge(run: SoakRun): { lines: Trend[]; troubles: string[] } {
	const troubles = [...run.complaints];
	if (run.boots !== 1) troubles.push(`the device started ${run.boots} times`);
	// The last one may be cut before it can say so.
	if (run.registrations < run.cuts) troubles.push(`${run.cuts} cuts, but only ${run.registrations} registrations`);
	const settled = Math.min(SETTLED_SECONDS, run.seconds / 10);
	const samples = run.samples.filter((sample) => sample.seconds >= settled);
	if (samples.length < SAMPLES_MIN) {
		troubles.push(`only ${samples.length} samples of memory`);
		return { lines: [], troubles };
	}
	const lines = measures.map(({ name, of, worse }) => {
		const trend = trendOf(name, samples, of);
		const hours = (samples.at(-1)!.seconds - samples[0]!.seconds) / 3600;
		if (worse * (trend.last - trend.first) > trend.tolerance)
			troubles.push(`${name}: ${trend.last} in the last third after ${trend.first} in the first`);
		else if (worse * trend.slopePerHour * hours > trend.tolerance)
			troubles.push(`${name}: the line changes by ${trend.slopePerHour.toFixed(1)} per hour`);
		return trend;
	});
	return { lines, troubles };
}

function trendOf(name: string, samples: readonly Sample[], of: (sample: Sample) => number): Trend {
	const third = Math.floor(samples.length / 3);
	const first = median(samples.slice(0, third).map(of));
	const last = median(samples.slice(-third).map(of));
	return { name, first, last, slopePerHour: slope(samples, of) * 3600, tolerance: first * TOLERANCE };
}

function median(values: number[]): number {
	values.sort((a, b) => a - b);
	return values[values.length >> 1] ?? NaN;
}

/** Least squares, per second. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
	const meanX = samples.reduce((sum, sample) => sum + sample.seconds, 0) / samples.length;
	const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
	let above = 0;
	let below = 0;
	for (const sample of samples) {
		above += (sample.seconds - meanX) * (of(sample) - meanY);
		below += (sample.seconds - meanX) ** 2;
	}
	return below === 0 ? 0 : above / below;
}
