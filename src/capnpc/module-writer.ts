import { free } from "./names.js";

/** What generated code uses of the language's own. */
const GLOBALS = ["BigInt", "Infinity", "NaN", "Promise", "Uint8Array"] as const;

type Global = (typeof GLOBALS)[number];

interface Imported {
	readonly name: string;
	readonly local: string;
	typeOnly: boolean;
}

/**
 * The text of one generated module: lines with indentation, and the imports that they turn out to need. What the module
 * declares itself keeps its name; an import that would collide with it gets a `$`, which no name of a schema has.
 */
export class ModuleWriter {
	readonly #lines: string[] = [];
	#depth = 0;
	readonly #taken: Set<string>;
	readonly #declared: ReadonlySet<string>;
	readonly #parameters: ReadonlySet<string>;
	readonly #imports = new Map<string, Map<string, Imported>>();

	/** `declared`: every name that the module will declare at its top; `parameters`: what its type parameters are called. */
	constructor(declared: Iterable<string>, parameters: Iterable<string> = []) {
		this.#declared = new Set(declared);
		this.#parameters = new Set(parameters);
		this.#taken = new Set([...this.#declared, ...this.#parameters, ...GLOBALS]);
	}

	/** Writes lines; one that ends in an opening bracket indents what follows, one that begins with a closing one ends that. */
	line(...lines: string[]): void {
		for (const text of lines) {
			if (CLOSING.includes(text.charAt(0)) && text !== "") {
				this.#depth--;
				if (this.#closeEmpty(text)) continue;
			}
			this.#lines.push(text === "" ? "" : "\t".repeat(this.#depth) + text);
			if (opens(text) && !/^\s*(\/\/|\*|\/\*\*)/.test(text)) this.#depth++;
		}
	}

	/** Joins a closing bracket to the opening one right before it. */
	#closeEmpty(text: string): boolean {
		while (this.#lines.at(-1) === "") this.#lines.pop();
		const last = this.#lines.at(-1);
		if (last === undefined || !opens(last)) return false;
		this.#lines[this.#lines.length - 1] = last + text;
		return true;
	}

	/** An empty line, unless there is one or a block has just begun. */
	gap(): void {
		const last = this.#lines.at(-1);
		if (last !== undefined && last !== "" && !opens(last)) this.#lines.push("");
	}

	/** A doc comment; nothing for empty text. */
	doc(text: string): void {
		if (text === "") return;
		const lines = docLines(text);
		if (lines.length === 0) return;
		if (lines.length === 1) this.line(`/** ${lines[0]} */`);
		else {
			const indent = "\t".repeat(this.#depth);
			this.#lines.push(
				`${indent}/**`,
				...lines.map((line) => (line === "" ? `${indent} *` : `${indent} * ${line}`)),
				`${indent} */`,
			);
		}
	}

	/** A value from the runtime, imported under the name that this returns. */
	use(name: string, from = "vatlet/runtime"): string {
		return this.#import(name, from, false);
	}

	useType(name: string, from = "vatlet/runtime"): string {
		return this.#import(name, from, true);
	}

	declares(name: string): boolean {
		return this.#declared.has(name);
	}

	/** A global of the language, also where the schema gives something else that name. */
	global(name: Global): string {
		return this.#declared.has(name) || this.#parameters.has(name) ? `globalThis.${name}` : name;
	}

	#import(name: string, from: string, typeOnly: boolean): string {
		let names = this.#imports.get(from);
		if (names === undefined) this.#imports.set(from, (names = new Map()));
		let imported = names.get(name);
		if (imported === undefined) {
			imported = { name, local: free(this.#taken.has(name) ? `${name}$` : name, this.#taken), typeOnly };
			names.set(name, imported);
		}
		imported.typeOnly &&= typeOnly;
		return imported.local;
	}

	/** The whole module. */
	finish(header: readonly string[]): string {
		const imports: string[] = [];
		for (const from of [...this.#imports.keys()].sort(runtimeFirst))
			imports.push(...importLines(from, [...this.#imports.get(from)!.values()]));
		const parts = [header.join("\n"), imports.join("\n"), this.#lines.join("\n").trim()].filter((part) => part !== "");
		return parts.join("\n\n") + "\n";
	}
}

const OPENING = "([{";
const CLOSING = ")]}";

function opens(line: string): boolean {
	return line !== "" && OPENING.includes(line.charAt(line.length - 1));
}

function runtimeFirst(a: string, b: string): number {
	if (a.startsWith("vatlet") !== b.startsWith("vatlet")) return a.startsWith("vatlet") ? -1 : 1;
	return a < b ? -1 : 1;
}

function importLines(from: string, names: Imported[]): string[] {
	const allTypes = names.every((each) => each.typeOnly);
	const items = names
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.map(
			(each) =>
				(each.typeOnly && !allTypes ? "type " : "") +
				(each.local === each.name ? each.name : `${each.name} as ${each.local}`),
		);
	const keyword = allTypes ? "import type" : "import";
	const single = `${keyword} { ${items.join(", ")} } from ${JSON.stringify(from)};`;
	return single.length <= 140
		? [single]
		: [`${keyword} {`, ...items.map((item) => `\t${item},`), `} from ${JSON.stringify(from)};`];
}

/** TSDoc would read `@` as a tag, `{` as an inline one, and end at a comment's end. */
function docLines(text: string): string[] {
	const lines = text
		.replace(/\s+$/, "")
		.split("\n")
		.map((line) => line.trimEnd().replaceAll("*/", "*\\/").replaceAll("@", "\\@").replace(/[{}]/g, "\\$&"));
	while (lines.length > 0 && lines[0] === "") lines.shift();
	return lines;
}
