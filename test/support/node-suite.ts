/** Runs compiled specs under jasmine on Node: `node node-suite.js [--e2e] [--filter TEXT] [path part…]`. */
import { readdirSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Jasmine from "jasmine";
import { countSpec, familyOf } from "./spec-families.js";
import { reportSuite, type SuiteReport } from "./suite-report.js";

const testFolder = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
	options: { e2e: { type: "boolean", default: false }, filter: { type: "string" } },
	allowPositionals: true,
});

function isChosen(path: string): boolean {
	if (!path.endsWith(".spec.js") || path.endsWith(".xs.spec.js") || path.startsWith("e2e/") !== values.e2e)
		return false;
	return positionals.length === 0 || positionals.some((part) => path.includes(part));
}

function pathOf(name: string): string {
	return name.startsWith("file:") ? fileURLToPath(name) : name;
}

const files = readdirSync(testFolder, { recursive: true, encoding: "utf8" }).filter(isChosen).sort();
const runner = new Jasmine({ projectBaseDir: testFolder });
const report: SuiteReport = { passed: 0, failed: 0, families: [] };
runner.exitOnCompletion = false;
// Long enough for any machine: only what hangs runs into it.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
// The steps of a conversation are told in order; everything else must not depend on order.
runner.env.configure({ random: !values.e2e });
runner.addReporter({
	specDone(result) {
		if (result.status !== "passed" && result.status !== "failed") return;
		const passed = result.status === "passed";
		if (passed) report.passed += 1;
		else report.failed += 1;
		countSpec(report.families, familyOf(relative(testFolder, pathOf(result.filename))), passed);
	},
});
if (files.length > 0) {
	const { overallStatus } = await runner.execute(files, values.filter);
	// A file that does not load, or an expectation outside of any spec, fails the run without failing a spec.
	if (overallStatus === "failed" && report.failed === 0) report.failed = 1;
}
reportSuite(report);
