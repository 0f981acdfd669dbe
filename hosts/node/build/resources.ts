import { join } from "node:path";
import { writeIfChanged } from "./command.js";

/** Writes resources.S and resources.c into `folder`: the files as constant arrays, and the table of their names (hosts/xs/native/linked.h). */
export async function writeResources(files: ReadonlyMap<string, string>, folder: string): Promise<void> {
	const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
	await writeIfChanged(join(folder, "resources.S"), sorted.map(([, path], i) => bytesOf(symbol(i), path)).join(""));
	const symbols = sorted.map((_, i) => `extern const unsigned char ${symbol(i)}[], ${symbol(i)}_end[];\n`);
	const rows = sorted.map(([name], i) => `\t{ ${JSON.stringify(name)}, ${symbol(i)}, ${symbol(i)}_end },\n`);
	await writeIfChanged(
		join(folder, "resources.c"),
		`/* From the manifests' \`data\` and \`resources\`. */
#include "xsAll.h"
#include "linked.h"
${symbols.join("")}const LinkedResource gxLinkedResources[] = {
${rows.join("")}	{ 0, 0, 0 }
};
const int gxLinkedResourceCount = ${sorted.length};
`,
	);
}

function symbol(index: number): string {
	return `vatletResource${index}`;
}

/** In a section of its own, so that a program without the module has none of it. A zero follows, for C that reads text. */
function bytesOf(name: string, path: string): string {
	return `	.section .rodata.${name}, "a"
	.balign 8
	.globl ${name}
	.type ${name}, %object
${name}:
	.incbin ${JSON.stringify(path)}
	.globl ${name}_end
${name}_end:
	.byte 0
	.size ${name}, . - ${name}
`;
}
