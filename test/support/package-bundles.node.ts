import { spawnSync } from "node:child_process";
import { packageRoot } from "../../hosts/node/build/folders.js";

let built = false;

/** Makes `dist`, once for all specs that need it. Throws what `npm run build` printed. */
export function buildPackageBundles(): void {
	if (built) return;
	const run = spawnSync("npm", ["run", "--silent", "build"], { cwd: packageRoot(), encoding: "utf8" });
	if (run.error) throw run.error;
	if (run.status !== 0) throw new Error(run.stdout + run.stderr);
	built = true;
}
