/** The telemetry batch on XS: what a round costs and what it allocates, one line of JSON per figure. */
import {
	CHUNK_BYTES,
	collect,
	COLLECTIONS,
	configValue,
	exit,
	instructions,
	MALLOCS,
	meter,
	nowMs,
	print,
	SLOTS,
} from "vatlet/system";
import { HandWritten, plainBatch, sumPlain, Telemetry } from "../codec-cases.js";

const ROUNDS_OF_ALLOCATION = 10_000;
const SAMPLES = 5;

const rounds = Number(configValue("rounds") ?? "2000");
const counted = instructions() > 0;

function report(name: string, impl: string, metric: string, median: number, min: number, max: number): void {
	print(
		JSON.stringify({
			case: name,
			impl,
			metric,
			median: Math.round(median),
			min: Math.round(min),
			max: Math.round(max),
		}),
	);
}

/** Nanoseconds, or instructions where the machine counts them, per call. */
function time(name: string, impl: string, operation: (round: number) => void): void {
	for (let i = 0; i < 20; i++) operation(i);
	const samples: number[] = [];
	for (let sample = 0; sample < SAMPLES; sample++) {
		const startInstructions = instructions();
		const startMs = nowMs();
		for (let i = 0; i < rounds; i++) operation(i);
		const elapsed = counted ? instructions() - startInstructions : (nowMs() - startMs) * 1e6;
		samples.push(elapsed / rounds);
	}
	samples.sort((a, b) => a - b);
	report(name, impl, counted ? "instructions" : "ns", samples[SAMPLES >> 1]!, samples[0]!, samples[SAMPLES - 1]!);
}

/** What many rounds change, after a warm-up and a collection. */
function allocations(name: string, operation: (round: number) => void): void {
	const meters = [SLOTS, CHUNK_BYTES, MALLOCS, COLLECTIONS];
	const names = ["slots", "chunkBytes", "mallocs", "collections"];
	const before = new Int32Array(meters.length);
	for (let i = 0; i < 20; i++) operation(i);
	collect();
	for (let i = 0; i < meters.length; i++) before[i] = meter(meters[i]!);
	const count = counted ? 1000 : ROUNDS_OF_ALLOCATION;
	for (let i = 0; i < count; i++) operation(i);
	for (let i = 0; i < meters.length; i++) before[i] = meter(meters[i]!) - before[i]!;
	for (let i = 0; i < meters.length; i++)
		report(`${name}-${count}`, "vatlet", names[i]!, before[i]!, before[i]!, before[i]!);
}

const telemetry = new Telemetry();
const hand = new HandWritten();
const batch = plainBatch(hand.source);
const text = JSON.stringify(batch);

time("telemetry-write", "vatlet", (round) => telemetry.write(round));
time("telemetry-write-whole", "vatlet", (round) => telemetry.writeWhole(round));
time("telemetry-write-accessors", "vatlet", (round) => telemetry.writeAccessors(round));
time("telemetry-write", "handwritten", (round) => hand.write(round));
time("telemetry-write", "json", () => void JSON.stringify(batch));
time("telemetry-read", "vatlet", () => {
	telemetry.refill();
	telemetry.read();
});
time("telemetry-read-accessors", "vatlet", () => {
	telemetry.refill();
	telemetry.readAccessors();
});
time("telemetry-read", "handwritten", () => void hand.read());
time("telemetry-read", "json", () => void sumPlain(JSON.parse(text)));
time("telemetry-peek", "vatlet", () => {
	telemetry.refill();
	telemetry.peek();
});
time("telemetry-column", "vatlet", () => {
	telemetry.refill();
	telemetry.column();
});
allocations("telemetry", (round) => {
	telemetry.write(round);
	telemetry.read();
});
allocations("telemetry-accessors", (round) => {
	telemetry.writeAccessors(round);
	telemetry.readAccessors();
});
exit(0);
