/**
 * Every suite on every host, a table of suites, one of spec families by host, one closing line.
 * Each suite is a process of its own that reports its counts as a message; a suite that dies counts as one failure.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments } from "../../hosts/node/tools/arguments.js";
import { familyTable } from "./spec-families.js";
import { runSuite } from "./suite-process.js";
import type { SuiteReport } from "./suite-report.js";

interface Suite {
	name: string;
	title: string;
	/** A column of the closing table. */
	host: string;
	module: string;
	arguments: string[];
	/** Three times what it takes on two slow cores: only what hangs runs into it. */
	limitMinutes: number;
}

const suites: Suite[] = [
	{ name: "node", title: "specs on Node", host: "node", module: "./node-suite.js", arguments: [], limitMinutes: 30 },
	{ name: "xs", title: "specs on XS", host: "xs-linux", module: "./xs-suite.js", arguments: [], limitMinutes: 15 },
	{ name: "qemu", title: "specs on QEMU", host: "qemu", module: "./qemu-suite.js", arguments: [], limitMinutes: 15 },
	{
		name: "e2e",
		title: "conversations end to end",
		host: "node",
		module: "./node-suite.js",
		arguments: ["--e2e"],
		limitMinutes: 20,
	},
];

const names = suites.map((suite) => suite.name).join(", ");
const usage = `npm test [-- options] [part of a spec file's path…]

Runs the specs on every host, or those whose file's path has one of the parts.

  --only NAME     one suite: ${names}; may be given more than once
  --filter TEXT   only specs whose name has the text
  --help          this text
`;

const { values, positionals, refuse } = readArguments(
	usage,
	{ only: { type: "string", multiple: true }, filter: { type: "string" } },
	true,
);
for (const name of values.only ?? [])
	if (!suites.some((suite) => suite.name === name))
		refuse(`there is no suite "${name}": --only takes ${names}, once for each`);

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
	const report = await runSuite(path, [...suite.arguments, ...filter, ...positionals], suite.limitMinutes * 60_000);
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
