/** Runs the specs that need no Node on XS Linux, as linked bytecode: `node xs-suite.js [--release] [--filter TEXT] [path part…]`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSpecs, portableSpecs } from "../../hosts/node/build/specs.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { familyOf } from "./spec-families.js";
import { PrintedSums, reportSuite } from "./suite-report.js";

const { values, positionals } = parseArgs({
	options: { filter: { type: "string" }, release: { type: "boolean", default: false } },
	allowPositionals: true,
});
const specs = portableSpecs().filter(
	(path) => positionals.length === 0 || positionals.some((part) => path.includes(part)),
);
const sums = new PrintedSums();
if (specs.length > 0) {
	const { executable } = await buildSpecs({
		platform: "linux",
		specs,
		familyOf,
		release: values.release,
		onProgress: (step, detail) => console.log(`${step} ${detail ?? ""}`.trimEnd()),
	});
	const config: Record<string, string> = values.filter === undefined ? {} : { filter: values.filter };
	const storePath = mkdtempSync(join(tmpdir(), "vatlet-store-"));
	const run = runLinux({
		executable,
		storePath,
		config,
		onLine(line) {
			if (!sums.take(line)) console.log(line);
		},
	});
	await sums.end(run, values.filter !== undefined);
	rmSync(storePath, { recursive: true });
}
reportSuite(sums.report);
