/**
 * `npm test [-- --only NAME] [--filter TEXT] [path part…]`: every suite on every host, a table of suites, one of spec families by
 * host, one closing line.
 * Each suite is a process of its own that reports its counts as a message; a suite that dies counts as one failure.
 */
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { familyTable } from "./spec-families.js";
import type { SuiteReport } from "./suite-report.js";

interface Suite {
	name: string;
	title: string;
	/** A column of the closing table. */
	host: string;
	module: string;
	arguments: string[];
}

const suites: Suite[] = [
	{ name: "node", title: "specs on Node", host: "node", module: "./node-suite.js", arguments: [] },
	{ name: "xs", title: "specs on XS", host: "xs-linux", module: "./xs-suite.js", arguments: [] },
	{ name: "qemu", title: "specs on QEMU", host: "qemu", module: "./qemu-suite.js", arguments: [] },
	{ name: "e2e", title: "conversations end to end", host: "node", module: "./node-suite.js", arguments: ["--e2e"] },
];

const { values, positionals } = parseArgs({
	options: { only: { type: "string", multiple: true }, filter: { type: "string" } },
	allowPositionals: true,
});

for (const name of values.only ?? [])
	if (!suites.some((suite) => suite.name === name)) {
		console.error(
			`there is no suite "${name}": --only takes ${suites.map((suite) => suite.name).join(", ")}, once for each`,
		);
		process.exit(2);
	}

function runSuite(path: string, args: string[]): Promise<SuiteReport> {
	return new Promise((resolve) => {
		let report: SuiteReport | null = null;
		const child = fork(path, args, { stdio: "inherit" });
		child.on("message", (message) => (report = message as SuiteReport));
		child.on("close", (code) => {
			if (report === null) report = { passed: 0, failed: 1, families: [] };
			else if (code !== 0 && report.failed === 0 && report.passed > 0) report.failed = 1;
			resolve(report);
		});
	});
}

const rows: string[] = [];
const reports: { host: string; report: SuiteReport }[] = [];
const total = { passed: 0, failed: 0 };
for (const suite of suites) {
	if (values.only && !values.only.includes(suite.name)) continue;
	const path = fileURLToPath(new URL(suite.module, import.meta.url));
	if (!existsSync(path)) continue;
	console.log(`\n# ${suite.title}`);
	const startedMs = Date.now();
	const filter = values.filter === undefined ? [] : ["--filter", values.filter];
	const report = await runSuite(path, [...suite.arguments, ...filter, ...positionals]);
	reports.push({ host: suite.host, report });
	total.passed += report.passed;
	total.failed += report.failed;
	const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
	rows.push(
		`${suite.title.padEnd(28)}${String(report.passed).padStart(7)}${String(report.failed).padStart(8)}${seconds.padStart(9)}`,
	);
}
console.log(`\n${"suite".padEnd(28)}${"passed".padStart(7)}${"failed".padStart(8)}${"seconds".padStart(9)}`);
for (const row of rows) console.log(row);
console.log();
for (const line of familyTable(reports)) console.log(line);
if (total.passed + total.failed === 0) console.error("no spec was run");
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
