/** Several vats at random against a model of what must hold. */
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { type Plan, planOf, shrink, specOf } from "./plan.js";
import { World } from "./simulation.js";

const usage = `npm run simulate [-- options]

Several vats at random against a model of what must hold. A world that fails is made small and printed as a spec.

  --steps N   of all worlds together (default 1000000)
  --seed S    of the first world; the others' follow (default 1)
  --world N   steps of one world (default 2000)
  --trace     print each step
  --help      this text
`;

const { values, whole } = readArguments(usage, {
	steps: { type: "string", default: "1000000" },
	seed: { type: "string", default: "1" },
	world: { type: "string", default: "2000" },
	trace: { type: "boolean", default: false },
});
const steps = whole("steps", values.steps, 1);
const perWorld = whole("world", values.world, 1);
const startedMs = performance.now();

function fails(plan: Plan): boolean {
	try {
		new World(plan).run();
		return false;
	} catch {
		return true;
	}
}

/** The spec of a plan that fails, with what each step led to. */
function failingSpec(plan: Plan, seed: number): string {
	const logs: string[][] = [[]];
	const world = new World(plan, (line) => logs.at(-1)!.push(line));
	world.onStep = () => logs.push([]);
	let message = "";
	try {
		world.run();
	} catch (error) {
		message = (error as Error).message.split("\n")[0]!;
	}
	return specOf(
		plan,
		`seed ${seed}: ${message}`,
		logs.slice(1, plan.steps.length + 1),
		logs.slice(plan.steps.length + 1).flat(),
	);
}

let messages = 0;
let arrivals = 0;
let done = 0;
for (let seed = Number(values.seed); done < steps; seed++, done += perWorld) {
	const plan = planOf(seed, perWorld);
	const world = new World(plan, values.trace ? console.log : undefined);
	try {
		world.run();
	} catch (error) {
		console.error(`seed ${seed}: ${(error as Error).stack}`);
		const least = shrink(plan, fails);
		console.error(
			`fails with ${least.steps.length} of ${perWorld} steps; as a spec, for test/simulation/seed-${seed}.spec.ts:`,
		);
		console.log(failingSpec(least, seed));
		process.exit(1);
	}
	messages += world.messages;
	arrivals += world.arrivals;
}
console.log(
	`${done} steps, ${messages} messages, ${arrivals} calls served in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: nothing lost, nothing left`,
);
