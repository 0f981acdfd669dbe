/** `npm run simulate -- --steps N --seed S [--trace]`: worlds of 2000 steps, seeds from S on. A failing one is made small and printed. */
import { parseArgs } from "node:util";
import { World } from "./simulation.js";

const { values } = parseArgs({
	options: {
		steps: { type: "string", default: "1000000" },
		seed: { type: "string", default: "1" },
		world: { type: "string", default: "2000" },
		trace: { type: "boolean", default: false },
	},
});
const steps = Number(values.steps);
const perWorld = Number(values.world);
const startedMs = performance.now();

/** What goes wrong, or null. */
function fails(seed: number, count: number, skip: Set<number>): string | null {
	try {
		new World({ seed, steps: count, skip }).run();
		return null;
	} catch (error) {
		return (error as Error).message;
	}
}

/** Leaves out steps while it still fails. */
function shrink(seed: number): { count: number; skip: Set<number> } {
	let count = perWorld;
	while (count > 1 && fails(seed, Math.floor(count / 2), new Set()) !== null) count = Math.floor(count / 2);
	const skip = new Set<number>();
	for (let size = Math.ceil(count / 4); size >= 1; size = Math.floor(size / 2)) {
		for (let at = 0; at < count; at += size) {
			const more = new Set(skip);
			for (let i = at; i < Math.min(at + size, count); i++) more.add(i);
			if (more.size > skip.size && fails(seed, count, more) !== null) for (const step of more) skip.add(step);
		}
	}
	return { count, skip };
}

let messages = 0;
let arrivals = 0;
let done = 0;
for (let seed = Number(values.seed); done < steps; seed++, done += perWorld) {
	const world = new World(values.trace ? { seed, steps: perWorld, trace: console.log } : { seed, steps: perWorld });
	try {
		world.run();
	} catch (error) {
		console.log(`seed ${seed}: ${(error as Error).stack}`);
		const { count, skip } = shrink(seed);
		console.log(`fails with ${count - skip.size} of ${perWorld} steps:`);
		try {
			new World({ seed, steps: count, skip, trace: console.log }).run();
		} catch (again) {
			console.log((again as Error).message);
		}
		process.exit(1);
	}
	messages += world.messages;
	arrivals += world.arrivals;
}
console.log(
	`${done} steps, ${messages} messages, ${arrivals} calls served in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: nothing lost, nothing left`,
);
