/** Runs compiled specs under jasmine on Node: `node node-suite.js [--e2e] [--filter TEXT] [path part…]`. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Jasmine from "jasmine";
import { reportSuite } from "./suite-report.js";

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

const files = readdirSync(testFolder, { recursive: true, encoding: "utf8" }).filter(isChosen).sort();
const runner = new Jasmine({ projectBaseDir: testFolder });
let passed = 0;
let failed = 0;
runner.exitOnCompletion = false;
// Long enough for any machine: only what hangs runs into it.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
// The steps of a conversation are told in order; everything else must not depend on order.
runner.env.configure({ random: !values.e2e });
runner.addReporter({
	specDone(result) {
		if (result.status === "passed") passed += 1;
		else if (result.status === "failed") failed += 1;
	},
});
if (files.length > 0) {
	const { overallStatus } = await runner.execute(files, values.filter);
	// A file that does not load, or an expectation outside of any spec, fails the run without failing a spec.
	if (overallStatus === "failed" && failed === 0) failed = 1;
}
reportSuite({ passed, failed });
