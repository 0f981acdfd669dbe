import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

export interface Arguments<O extends Options> {
	values: Parsed<O>["values"];
	positionals: string[];
	/** Says why the command cannot be what is meant and how it is called; ends with status 2. */
	refuse(why: string): never;
	/** The number that option `name` was given as `text`; refuses what is none, or less than `least`. */
	number(name: string, text: string, least: number): number;
	/** As `number`, for whole ones. */
	whole(name: string, text: string, least: number): number;
}

/** What a command of the repository was called with. `--help` prints `usage` and ends; what it does not take is refused. */
export function readArguments<const O extends Options>(
	usage: string,
	options: O,
	allowPositionals = false,
): Arguments<O> {
	const refuse = (why: string): never => {
		process.stderr.write(`${why}\n\n${usage}`);
		process.exit(2);
	};
	const number = (name: string, text: string, least: number): number => {
		const value = text.trim() === "" ? NaN : Number(text);
		return value >= least && value < Infinity
			? value
			: refuse(`--${name} takes a number from ${least} on, not "${text}"`);
	};
	const whole = (name: string, text: string, least: number): number => {
		const value = number(name, text, least);
		return Number.isSafeInteger(value) ? value : refuse(`--${name} takes a whole number, not "${text}"`);
	};
	try {
		const help = { type: "boolean", short: "h", default: false } as const;
		const { values, positionals } = parseArgs({ options: { ...options, help }, allowPositionals });
		if ((values as { help?: boolean }).help) {
			process.stdout.write(usage);
			process.exit(0);
		}
		return { values: values as Parsed<O>["values"], positionals, refuse, number, whole };
	} catch (error) {
		return refuse((error as Error).message);
	}
}
