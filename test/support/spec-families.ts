import type { FamilyCount, SuiteReport } from "./suite-report.js";

/** By the folder below test/ that a spec lies in, for those that do not name it themselves. */
const families: Readonly<Record<string, string>> = {
	arena: "codec",
	base: "codec",
	layout: "codec",
	message: "codec",
	wire: "codec",
	fuzz: "codec",
	capnpc: "schema compiler",
	reflect: "schema compiler",
	cap: "rpc",
	rpc: "rpc",
	simulation: "rpc",
	"serial-link": "serial link",
	contract: "contract of hosts",
	xs: "allocation",
	interop: "interoperation",
	docs: "documentation",
	modules: "native modules",
	support: "repository",
	e2e: "conversations",
};

/** `path`: of the spec file, below test/. */
export function familyOf(path: string): string {
	if (/(^|\/)hostile\./.test(path)) return "hostile";
	const folder = path.split("/")[0]!;
	return folder === path ? "repository" : (families[folder] ?? folder);
}

/** One more result. */
export function countSpec(counts: FamilyCount[], family: string, passed: boolean): void {
	let count = counts.find((each) => each.family === family);
	if (!count) counts.push((count = { family, passed: 0, failed: 0 }));
	if (passed) count.passed++;
	else count.failed++;
}

/** Lines of a table: a row per family, a column per host, `passed` or `passed/failed`. */
export function familyTable(reports: readonly { host: string; report: SuiteReport }[]): string[] {
	const hosts = [...new Set(reports.map(({ host }) => host))];
	const counts = new Map<string, Map<string, { passed: number; failed: number }>>();
	for (const { host, report } of reports)
		for (const { family, passed, failed } of report.families) {
			const row = counts.get(family) ?? new Map<string, { passed: number; failed: number }>();
			counts.set(family, row);
			const old = row.get(host) ?? { passed: 0, failed: 0 };
			row.set(host, { passed: old.passed + passed, failed: old.failed + failed });
		}
	const width = Math.max(8, ...hosts.map((host) => host.length)) + 2;
	const cell = (count: { passed: number; failed: number } | undefined): string =>
		(count ? `${count.passed}${count.failed > 0 ? ` (${count.failed} failed)` : ""}` : "-").padStart(width);
	const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
	return [
		"family".padEnd(20) + hosts.map((host) => host.padStart(width)).join(""),
		...rows.map(([family, row]) => family.padEnd(20) + hosts.map((host) => cell(row.get(host))).join("")),
	];
}
