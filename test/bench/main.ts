/** Runs the `NAME.bench.ts` beside this file, one line per figure. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments } from "../../hosts/node/tools/arguments.js";
import type { Bench, BenchRow } from "./bench.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const sources = fileURLToPath(new URL("../../../../test/bench/", import.meta.url));
const known = readdirSync(here)
	.filter((name) => name.endsWith(".bench.js"))
	.map((name) => name.slice(0, -".bench.js".length));

const usage = `npm run bench [-- options] [suite…]

Measures, one line per figure: ${known.join(", ")}; all of them without a name.

  --json   one JSON object a line
  --help   this text
`;

const { values, positionals, refuse } = readArguments(usage, { json: { type: "boolean", default: false } }, true);

/** What the benches compare against has a lock file of its own, so that no user ever installs it. */
function installPeers(): void {
	if (!existsSync(sources + "package.json") || existsSync(sources + "node_modules")) return;
	process.stderr.write("bench: installing the peers\n");
	const run = spawnSync("npm", ["install", "--no-save", "--loglevel=error"], { cwd: sources, stdio: ["ignore", 2, 2] });
	if (run.status !== 0) throw new Error(`npm install failed in ${sources}`);
}

function print(row: BenchRow): void {
	if (values.json) return console.log(JSON.stringify(row));
	const name = `${row.suite} ${row.case} ${row.host} ${row.impl}`.padEnd(56);
	console.log(`${name} ${String(row.median).padStart(12)} ${row.metric} (${row.min} to ${row.max})`);
}

const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) refuse(`no such suite: ${unknown.join(", ")}; there are ${known.join(", ")}`);
installPeers();
for (const name of positionals.length > 0 ? positionals : known) {
	const { run } = (await import(`./${name}.bench.js`)) as { run: Bench };
	await run(print);
}
