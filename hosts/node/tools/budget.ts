import type { SizeRow } from "./size-row.js";

/** What may be spent, by `HOST CASE`. */
export interface Budget {
	/** As they were when the budget was written. */
	static: Record<string, number>;
	/** No run may pass them. */
	ceilings: Record<string, number>;
}

/** A static figure may grow by this much until somebody has to say that it should. */
const GROWTH = 0.02;
/** What a run may need more than another one. */
const HEADROOM = 0.04;
const advice = "If it is worth that, write the new budget in the same commit: npm run sizes -- --budget";

function nameOf(row: SizeRow): string {
	return `${row.host} ${row.case}`;
}

/** A sentence for each figure that is over budget, or in none. */
export function overBudget(budget: Budget, rows: readonly SizeRow[]): string[] {
	const faults: string[] = [];
	for (const row of rows) {
		if (row.kind === "detail") continue;
		const name = nameOf(row);
		const allowed = (row.kind === "static" ? budget.static : budget.ceilings)[name];
		const bytes = row.median;
		if (allowed === undefined) faults.push(`${name}: ${bytes} bytes, and no budget for it. ${advice}`);
		else if (row.kind === "dynamic" && bytes > allowed)
			faults.push(`${name}: ${bytes} bytes, ${bytes - allowed} over its ceiling of ${allowed}. ${advice}`);
		else if (row.kind === "static" && bytes > allowed * (1 + GROWTH))
			faults.push(
				`${name}: ${bytes} bytes instead of ${allowed}, ${((bytes / allowed - 1) * 100).toFixed(1)} % more. ${advice}`,
			);
	}
	return faults;
}

/** The budget that these rows just fit; ceilings that are neither passed nor far off stay. */
export function budgetOf(rows: readonly SizeRow[], previous: Budget): Budget {
	const budget: Budget = { static: {}, ceilings: {} };
	for (const row of rows) {
		const name = nameOf(row);
		if (row.kind === "static") budget.static[name] = row.median;
		if (row.kind !== "dynamic") continue;
		const known = previous.ceilings[name] ?? 0;
		const fits = row.median <= known && known <= row.median * (1 + 2 * HEADROOM);
		budget.ceilings[name] = fits ? known : Math.ceil((row.median * (1 + HEADROOM)) / 16) * 16;
	}
	return budget;
}
