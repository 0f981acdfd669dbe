/** `npm run bench [-- --json] [suite…]`: runs the `NAME.bench.ts` beside this file, one line per figure. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Bench, BenchRow } from "./bench.js";

const { values, positionals } = parseArgs({
	options: { json: { type: "boolean", default: false } },
	allowPositionals: true,
});
const here = fileURLToPath(new URL(".", import.meta.url));
const sources = fileURLToPath(new URL("../../../../test/bench/", import.meta.url));

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

const known = readdirSync(here)
	.filter((name) => name.endsWith(".bench.js"))
	.map((name) => name.slice(0, -".bench.js".length));
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
	console.error(`no such suite: ${unknown.join(", ")}; there are ${known.join(", ")}`);
	process.exit(2);
}
installPeers();
for (const name of positionals.length > 0 ? positionals : known) {
	const { run } = (await import(`./${name}.bench.js`)) as { run: Bench };
	await run(print);
}
