/** One decision of a simulated world: what, whose, and which of what there is. */
export type Step = readonly [kind: number, vat: number, a: number, b: number, c: number];

/** A whole run: the same plan is the same run. */
export interface Plan {
	vats: number;
	/** Tables so small that they overflow all the time. */
	tight: boolean;
	steps: readonly Step[];
}

/** The plan of a seed. One world in four is tight. */
export function planOf(seed: number, count: number): Plan {
	let state = (seed * 2654435761) >>> 0 || 1;
	const random = (below: number): number => {
		// xorshift32
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state % below;
	};
	const vats = 2 + random(4);
	const steps = Array.from({ length: count }, (): Step => [
		random(100),
		random(vats),
		random(1 << 30),
		random(1 << 30),
		random(1 << 30),
	]);
	return { vats, tight: seed % 4 === 0, steps };
}

/** Leaves out steps, and vats, while `fails` holds. */
export function shrink(plan: Plan, fails: (plan: Plan) => boolean): Plan {
	let least = plan;
	const attempt = (smaller: Plan): boolean => {
		if (!fails(smaller)) return false;
		least = smaller;
		return true;
	};
	while (least.steps.length > 1 && attempt({ ...least, steps: least.steps.slice(0, least.steps.length >> 1) }));
	// Again and again: what one step needed may be gone with another.
	for (let before = 0; before !== least.steps.length;) {
		before = least.steps.length;
		for (let size = Math.ceil(before / 2); size >= 1; size = Math.floor(size / 2))
			for (let at = least.steps.length; at >= 0; at -= size)
				attempt({ ...least, steps: least.steps.filter((_, i) => i < at || i >= at + size) });
	}
	while (
		least.vats > 2 &&
		attempt({ ...least, vats: least.vats - 1, steps: least.steps.filter(([, vat]) => vat < least.vats - 1) })
	);
	// Smaller numbers where they do as well: they are indexes.
	for (let i = 0; i < least.steps.length; i++)
		for (const at of [2, 3, 4])
			for (const value of [0, 1, 2, least.steps[i]![at]! % 24, least.steps[i]![at]! % 4800])
				if (value < least.steps[i]![at]!) {
					const step = least.steps[i]!.map((old, j) => (j === at ? value : old)) as unknown as Step;
					if (attempt({ ...least, steps: least.steps.map((old, j) => (j === i ? step : old)) })) break;
				}
	return least;
}

/** A spec, ready to be saved beside this file: each step, with what came of it. */
export function specOf(plan: Plan, name: string, logs: readonly (readonly string[])[], end: readonly string[]): string {
	const lines = [
		'import { World } from "./simulation.js";',
		"",
		'describe("simulation", () => {',
		`\tit(${JSON.stringify(name)}, () => {`,
		"\t\tnew World({",
		`\t\t\tvats: ${plan.vats},`,
		`\t\t\ttight: ${plan.tight},`,
		"\t\t\tsteps: [",
	];
	plan.steps.forEach((step, i) => {
		for (const line of logs[i] ?? []) lines.push(`\t\t\t\t// ${line}`);
		lines.push(`\t\t\t\t[${step.join(", ")}],`);
	});
	lines.push("\t\t\t],", "\t\t}).run();");
	for (const line of end) lines.push(`\t\t// ${line}`);
	lines.push("\t});", "});", "");
	return lines.join("\n");
}
