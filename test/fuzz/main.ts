/** Nearly valid messages through every part of the codec. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { printCase, parseCase } from "./case.js";
import { Fuzzer } from "./fuzzer.js";
import { Trial } from "./trial.js";

const usage = `npm run fuzz [-- options]

Nearly valid messages through every part of the codec.

  --seconds N     how long (default 10)
  --jobs N        at the same time (default 1)
  --seed N        repeats a run (default: the time)
  --replay CASE   runs one case again, or a file of one a line
  --sanitized     runs them on XS with its C under the sanitizers, against Node
  --help          this text
`;

/** Inputs between two looks at the clock. */
const BATCH = 2000;
/** Longest silence of a job, for what never ends. An input takes some microseconds. */
const HANG_MS = 60_000;

const SANITIZED_INPUTS = 5000;

interface Job {
	seed: number;
	seconds: number;
}

type Report =
	| { inputs: number; features: number; cases: number; heapBytes: number }
	| { inputs: number; found: string; error: string };

function work({ seed, seconds }: Job, report: (report: Report) => void): void {
	// Most inputs fault; traces would be most of the work.
	Error.stackTraceLimit = 0;
	const fuzzer = new Fuzzer(seed);
	const endMs = performance.now() + seconds * 1000;
	let inputs = 0;
	let reportMs = 0;
	for (;;) {
		try {
			for (let i = 0; i < BATCH; i++, inputs++) fuzzer.step();
		} catch (error) {
			return report({ inputs, found: printCase(fuzzer.input), error: String(error) });
		}
		const nowMs = performance.now();
		if (nowMs >= reportMs || nowMs >= endMs) {
			const { features, entries } = fuzzer.corpus;
			report({ inputs, features, cases: entries.length, heapBytes: process.memoryUsage().heapUsed });
			reportMs = nowMs + 1000;
		}
		if (nowMs >= endMs) return;
	}
}

function replay(what: string): void {
	Error.stackTraceLimit = 30;
	const lines = existsSync(what) ? readFileSync(what, "utf8").split("\n") : [what];
	const cases = lines.filter((line) => line.trim() !== "" && !line.startsWith("#")).map(parseCase);
	for (const found of cases) new Trial().run(found);
	console.log(`${cases.length} cases replayed, no finding`);
}

/** Runs of a few thousand inputs each, so that a corpus starts anew now and then. */
async function sanitized(seed: number, seconds: number): Promise<void> {
	const { buildSanitized, compareSanitized } = await import("./sanitized.node.js");
	const executable = await buildSanitized((step, detail) => console.log(step, detail ?? ""));
	const startedMs = performance.now();
	let done = 0;
	const show = (): void => {
		const elapsed = (performance.now() - startedMs) / 1000;
		console.log(`${done} inputs from seed ${seed}, ${Math.round(done / elapsed)} inputs/s, no finding`);
	};
	for (let run = 0; performance.now() - startedMs < seconds * 1000; run++) {
		await compareSanitized(executable, seed + run, SANITIZED_INPUTS);
		done += SANITIZED_INPUTS;
		show();
	}
}

/** What makes a finding a spec: a line for found.ts, whose cases the suite runs. */
function saveFinding(found: string, error: string): string {
	const folder = fileURLToPath(new URL("../../../fuzz/", import.meta.url));
	mkdirSync(folder, { recursive: true });
	const path = `${folder}case-${found.split(":")[1]}.txt`;
	writeFileSync(path, `# ${error}\n${found}\n`);
	return path;
}

async function main(): Promise<void> {
	const { values, number, whole } = readArguments(usage, {
		seconds: { type: "string", default: "10" },
		jobs: { type: "string", default: "1" },
		seed: { type: "string" },
		replay: { type: "string" },
		sanitized: { type: "boolean", default: false },
	});
	if (values.replay !== undefined) return replay(values.replay);
	const seed = values.seed === undefined ? Date.now() >>> 0 : whole("seed", values.seed, 0) >>> 0;
	const jobs = whole("jobs", values.jobs, 1);
	const seconds = number("seconds", values.seconds, 0.001);
	if (values.sanitized) return sanitized(seed, seconds);
	console.log(`seed ${seed}, ${jobs} job${jobs > 1 ? "s" : ""}, ${seconds} s`);
	const counts = new Array<number>(jobs).fill(0);
	const startedMs = performance.now();
	const total = (): number => counts.reduce((sum, count) => sum + count, 0);
	const rate = (): number => Math.round(total() / ((performance.now() - startedMs) / 1000));
	let running = jobs;
	let shownMs = startedMs;
	for (let job = 0; job < jobs; job++) {
		const worker = new Worker(new URL(import.meta.url), { workerData: { seed: (seed + job) >>> 0, seconds } });
		let heardMs = performance.now();
		const watch = setInterval(() => {
			if (performance.now() - heardMs < HANG_MS) return;
			console.error(`job ${job} (seed ${seed + job}) hangs behind input ${counts[job]}: run it again with --seed`);
			process.exit(1);
		}, 1000);
		worker.on("message", (report: Report) => {
			heardMs = performance.now();
			counts[job] = report.inputs;
			if ("found" in report) {
				console.error(`job ${job}, input ${report.inputs}: ${report.error}\n${report.found}`);
				console.error(`saved as ${saveFinding(report.found, report.error)}; again with --replay FILE`);
				process.exit(1);
			}
			if (job > 0 || (heardMs - shownMs < 10_000 && !process.stdout.isTTY)) return;
			shownMs = heardMs;
			const { features, cases, heapBytes } = report;
			const line = `${total()} inputs, ${rate()}/s, ${features} features in ${cases} cases, heap ${Math.round(heapBytes / 1e6)} MB`;
			process.stdout.write(process.stdout.isTTY ? `\r${line}\u001b[K` : line + "\n");
		});
		worker.on("error", (error) => {
			console.error(`job ${job}:`, error);
			process.exit(1);
		});
		worker.on("exit", () => {
			clearInterval(watch);
			if (--running === 0)
				console.log(
					`${process.stdout.isTTY ? "\r" : ""}${total()} inputs from seed ${seed}, ${rate()} inputs/s, no finding`,
				);
		});
	}
}

if (isMainThread) await main();
else work(workerData as Job, (report) => parentPort!.postMessage(report));
