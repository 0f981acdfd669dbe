/** What the texts of the engine and of an image's C say about the objects and names that C itself reaches for. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface EngineSource {
	/** Names of properties that C looks up in objects that code gives it. */
	lookedUp: ReadonlySet<string>;
	/** Those, and all others that C uses for more than to make its built-in objects. */
	mentioned: ReadonlySet<string>;
	/** What the engine keeps on its stack, as its macros call it (`GeneratorPrototype`), and how far that is from the stack's top. */
	references: ReadonlyMap<string, number>;
}

/** `lockdown` makes an image's built-in objects immutable, which a ROM heap's are; snapshots are of other programs. */
const unused: ReadonlySet<string> = new Set(["xsLockdown.c", "xsSnapshot.c"]);
const lookUp = /\b(?:mx(?!ID\b)\w*ID|mxBehavior\w+|fx[GS]etID)\([^;]*?mxID\(_\w+\)|\bids\[\d\] = mxID\(_\w+\)/g;
const maker = /\bfx(?:Build\w*|Next\w*Property|NewHostFunction)\(.*/g;
const name = /\bmxID\(_(\w+)\)/g;
const asked = /\bxsID(?:_|\(")(\w+)/g;

/** `xs` is the `moddable/xs` folder of the package that carries the engine. */
export async function readEngineSource(xs: string, nativeSources: readonly string[]): Promise<EngineSource> {
	const folder = join(xs, "sources");
	const engine = (await readdir(folder)).filter((file) => !unused.has(file)).map((file) => join(folder, file));
	const lookedUp = new Set<string>();
	const mentioned = new Set<string>();
	for (const file of [...engine, ...nativeSources]) {
		if (!file.endsWith(".c")) continue;
		const text = await readFile(file, "utf8");
		for (const [use] of text.matchAll(lookUp)) for (const [, found] of use.matchAll(name)) lookedUp.add(found!);
		for (const [, found] of text.replace(maker, "").matchAll(name)) mentioned.add(found!);
		for (const [, found] of text.matchAll(asked)) mentioned.add(found!);
	}
	const [all, common] = await Promise.all(
		["xsAll.h", "xsCommon.h"].map((file) => readFile(join(folder, file), "utf8")),
	);
	return { lookedUp, mentioned: new Set([...lookedUp, ...mentioned]), references: stackReferences(all!, common!) };
}

/** Behind the machine's own and the global objects, which are numbered as their names are, comes one by one what xsAll.h lists. */
function stackReferences(all: string, common: string): ReadonlyMap<string, number> {
	const ids = Array.from(/XS_NO_ID = 0,([^]*?)XS_ID_COUNT/.exec(common)![1]!.matchAll(/^\t(_\w+)/gm), ([, id]) => id);
	const globals = 1 + ids.indexOf(/#define XS_INTRINSICS_COUNT (\w+)/.exec(common)![1]!);
	const list = /mxObjectPrototypeStackIndex = XS_INTRINSICS_COUNT,[^]*?mxStackIndexCount/.exec(all)![0];
	const names = Array.from(list.matchAll(/\bmx(\w+?)(?:Stack)?Index\b/g), ([, reference]) => reference!);
	return new Map(names.map((reference, i) => [reference, globals + i]));
}
