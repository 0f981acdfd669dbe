import { packageRoot } from "../../hosts/node/build/folders.js";
import { outputOf } from "./command.node.js";

const BUILD_MS = 5 * 60_000;
let built = false;

/** Makes `dist`, once for all specs that need it. Throws what `npm run build` printed. */
export function buildPackageBundles(): void {
	if (built) return;
	outputOf("npm", ["run", "--silent", "build"], { cwd: packageRoot(), timeout: BUILD_MS });
	built = true;
}
