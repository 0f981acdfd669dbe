import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { plot } from "./plot.js";
import { soak } from "./soak.js";
import { judge } from "./trend.js";

const usage = `npm run soak [-- options]

The thermostat in QEMU and its hub on a line that is cut every few seconds. The device has to come back each time, and what it holds has to stay as
it was.

  --minutes N       how long (default 30)
  --cut-seconds N   between two cuts (default 4)
  --plot FILE       where the drawing of its memory goes (default build/soak/memory.svg)
  --json            what was measured, as one JSON object
  --help            this text
`;

const { values, number } = readArguments(usage, {
	minutes: { type: "string", default: "30" },
	"cut-seconds": { type: "string", default: "4" },
	plot: { type: "string", default: join(packageRoot(), "build/soak/memory.svg") },
	json: { type: "boolean", default: false },
});
const minutes = number("minutes", values.minutes, 0.01);
const cutSeconds = number("cut-seconds", values["cut-seconds"], 0.01);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());

const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const run = await soak({ minutes, cutSeconds, signal: stop.signal, onLine: say });
const { lines, troubles } = judge(run);
const file = resolve(values.plot);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, plot(run.samples));
for (const { name, first, last, slopePerHour, tolerance } of lines)
	say(
		`${name.padEnd(22)} first third ${first.toFixed(0)}, last third ${last.toFixed(0)}, ` +
			`slope ${slopePerHour.toFixed(1)} per hour (tolerance ${tolerance.toFixed(0)} over the run)`,
	);
const summary = {
	minutes: Number((run.seconds / 60).toFixed(2)),
	cuts: run.cuts,
	connections: run.connections,
	boots: run.boots,
	batches: run.samples.length,
	collectionsPerMinute: Number(run.collectionsPerMinute.toFixed(1)),
	lines,
	troubles,
	plot: file,
};
say(
	`${summary.minutes} minutes, ${run.cuts} cuts, ${run.connections} connections, ${run.samples.length} batches, ` +
		`${summary.collectionsPerMinute} collections per minute; plot: ${file}`,
);
for (const trouble of troubles) say(`not as it should be: ${trouble}`);
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = stop.signal.aborted ? 130 : troubles.length === 0 ? 0 : 1;
