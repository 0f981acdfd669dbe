/** Smaller code for devices: constants in their places, what is never run left out, short names for what only the compiler sees. */
import { sharePrivateNames } from "./private-names.js";
import type { Toolchain } from "./toolchain.js";

/** Functions and classes keep their names, since stacks print them, and their form: host functions are recognised by it. */
export async function compact(code: string, { minify, parseAst }: Toolchain): Promise<string> {
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
