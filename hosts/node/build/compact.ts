/** Smaller code for devices: constants in their places, what is never run left out, short names for what only the compiler sees. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeIfChanged } from "./command.js";
import { ownCodeDigest } from "./own-code.js";
import { sharePrivateNames } from "./private-names.js";
import { dropUnnamed, type Named } from "./unnamed-methods.js";
import type { Toolchain } from "./toolchain.js";

/** As `compact`, less what is not `named`, from `folder` if that has it: most of a program is the same as the last time. */
export async function compactOnce(
	name: string,
	code: string,
	named: Named | null,
	toolchain: Toolchain,
	folder: string,
): Promise<string> {
	const path = join(folder, `${name}.json`);
	const hash = createHash("sha256").update(code).update(toolchain.version).update(ownCodeDigest());
	if (named) hash.update([...named.names].sort().join()).update([...named.classes].join());
	const digest = hash.digest("hex");
	const known = await readFile(path, "utf8").then(
		(text) => JSON.parse(text) as { digest: string; code: string },
		() => null,
	);
	if (known?.digest === digest) return known.code;
	const smaller = await compact(named ? dropUnnamed(code, named, toolchain.parseAst) : code, toolchain);
	await writeIfChanged(path, JSON.stringify({ digest, code: smaller }));
	return smaller;
}

/** Functions and classes keep their names, since stacks print them, and their form: host functions are recognised by it. */
async function compact(code: string, { minify, parseAst }: Toolchain): Promise<string> {
	const { code: smaller } = await minify(code, {
		module: true,
		ecma: 2020,
		compress: {
			passes: 2,
			arrows: false,
			collapse_vars: false, // moves what allocates
			hoist_props: true,
			inline: false,
			join_vars: false,
			keep_classnames: true,
			keep_fargs: true,
			keep_fnames: true,
			sequences: false,
			unused: false, // else a function that is called once goes to where it is called
		},
		mangle: { keep_classnames: true, keep_fnames: true },
		format: { comments: false, max_line_len: 120 },
	});
	return sharePrivateNames(smaller!, parseAst);
}
