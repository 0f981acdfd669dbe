/** Runs the specs that need no Node on XS Linux, as linked bytecode: `node xs-suite.js [--release] [--filter TEXT] [path part…]`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSpecs, portableSpecs } from "../../hosts/node/build/specs.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { reportSuite } from "./suite-report.js";

const { values, positionals } = parseArgs({
	options: { filter: { type: "string" }, release: { type: "boolean", default: false } },
	allowPositionals: true,
});
const specs = portableSpecs().filter(
	(path) => positionals.length === 0 || positionals.some((part) => path.includes(part)),
);
let passed = 0;
let failed = 0;
if (specs.length > 0) {
	const { executable } = await buildSpecs({
		platform: "linux",
		specs,
		release: values.release,
		onProgress: (step, detail) => console.log(`${step} ${detail ?? ""}`.trimEnd()),
	});
	const config: Record<string, string> = values.filter === undefined ? {} : { filter: values.filter };
	const storePath = mkdtempSync(join(tmpdir(), "vatlet-store-"));
	const { exited } = runLinux({
		executable,
		storePath,
		config,
		onLine(line) {
			const sums = /^(\d+) passed, (\d+) failed$/.exec(line);
			if (sums) [passed, failed] = [Number(sums[1]), Number(sums[2])];
			else console.log(line);
		},
	});
	/* A run that ends before its sums has failed, whatever it printed. */
	if ((await exited) !== 0 && failed === 0 && (passed > 0 || values.filter === undefined)) failed = 1;
	rmSync(storePath, { recursive: true });
}
reportSuite({ passed, failed });
