import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A digest of the build's own code: what other code has made is made anew. In a package all of that is in a few bundles beside each other. */
export function ownCodeDigest(): string {
	const folder = dirname(fileURLToPath(import.meta.url));
	const hash = createHash("sha256");
	for (const file of readdirSync(folder).sort())
		if (file.endsWith(".js")) hash.update(file).update(readFileSync(join(folder, file)));
	return hash.digest("hex");
}
