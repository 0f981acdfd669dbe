/**
 * Runs the codec's specs, the contract of the ports and some of RPC's on XS in QEMU's rv32 machine: `node qemu-suite.js [path part…]`. The emulator takes
 * a hundred times as long as XS on Linux, hence a subset; and jasmine needs more memory than a device has.
 */
import { parseArgs } from "node:util";
import { buildSpecs, portableSpecs } from "../../hosts/node/build/specs.js";
import { runQemu } from "../../hosts/node/run/qemu.js";
import { familyOf } from "./spec-families.js";
import { PrintedSums, reportSuite } from "./suite-report.js";

const subset = [
	/^(layout|message|hostile)\//,
	/^capnpc\/views\./,
	/^rpc\/(calls|embargo|cancel)\./,
	/^net\/loopback\./,
	/^contract\//,
];
const ramBytes = 24 << 20;

const { values, positionals } = parseArgs({ options: { filter: { type: "string" } }, allowPositionals: true });
const specs = portableSpecs().filter((path) =>
	positionals.length === 0
		? subset.some((pattern) => pattern.test(path))
		: positionals.some((part) => path.includes(part)),
);
const sums = new PrintedSums();
if (specs.length > 0) {
	const { image } = await buildSpecs({
		platform: "qemu",
		specs,
		familyOf,
		onProgress: (step, detail) => console.log(`${step} ${detail ?? ""}`.trimEnd()),
	});
	const run = await runQemu({
		image,
		ramBytes,
		config: { loopback: "0", records: "64", ...(values.filter === undefined ? {} : { filter: values.filter }) },
		onLine(line) {
			if (!sums.take(line)) console.log(line);
		},
	});
	await sums.end(run, values.filter !== undefined);
}
reportSuite(sums.report);
