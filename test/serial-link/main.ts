/** Random schedules of two ends of a serial link; one seed repeats one schedule. */
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { Seeded } from "../support/seeded.js";
import { runPaced } from "./paced.js";
import { Schedule, type ScheduleCounts } from "./schedule.js";

const usage = `npm run serial-link [-- options]

Two ends of a serial link on lines with every fault, and the speed of paced lines.

  --schedules N   random schedules, one seed each (default 100000)
  --steps N       of each schedule (default 120)
  --seed N        the first one's seed (default 1)
  --help          this text
`;

const { values, whole } = readArguments(usage, {
	schedules: { type: "string", default: "100000" },
	steps: { type: "string", default: "120" },
	seed: { type: "string", default: "1" },
});
const schedules = whole("schedules", values.schedules, 1);
const steps = whole("steps", values.steps, 1);
const counts: ScheduleCounts = { steps: 0, bytes: 0, sessions: 0, wholeStreams: 0 };
const startedMs = performance.now();
const first = whole("seed", values.seed, 0);
const last = first + schedules - 1;
for (let seed = first; seed <= last; seed++) {
	try {
		new Schedule(new Seeded(seed), counts).run(steps);
	} catch (error) {
		console.error(`npm run serial-link -- --schedules 1 --steps ${steps} --seed ${seed}`);
		throw error;
	}
}
const seconds = (performance.now() - startedMs) / 1000;
console.log(
	`${schedules} schedules, ${counts.steps} random steps, ${counts.sessions} sessions, ${counts.bytes} bytes delivered, ` +
		`${counts.wholeStreams} whole streams, 0 failures; ${seconds.toFixed(1)} s`,
);
for (const baud of [115_200, 921_600])
	for (const loss of [0, 1, 10])
		for (const bothWays of [false, true]) {
			const { bytesPerSecond, overhead, repeated } = runPaced(baud, 20, loss, bothWays);
			console.log(
				`${baud} baud, ${loss} % of frames lost, ${bothWays ? "both ways" : "one way"}: ${bytesPerSecond} bytes/s each way, ` +
					`the line carried ${overhead.toFixed(1)} % more, ${repeated} frames repeated`,
			);
		}
