import { Command, CommanderError, Help } from "commander";
import { packageVersion } from "../build/folders.js";

/** What adds the commands of these names. Only the one that is asked for is loaded: a compiler starts without what builds. */
const COMMANDS: readonly { names: readonly string[]; load(): Promise<(program: Command) => void> }[] = [
	{ names: ["build"], load: async () => (await import("./build.js")).addBuildCommand },
	{ names: ["flash"], load: async () => (await import("./flash.js")).addFlashCommand },
	{ names: ["run"], load: async () => (await import("./run.js")).addRunCommand },
	{ names: ["compile"], load: async () => (await import("./compile.js")).addCompileCommand },
	{ names: ["keygen", "id", "uri"], load: async () => (await import("./keys.js")).addKeyCommands },
];

function isNothing(value: unknown): boolean {
	return value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

const program = new Command("vatlet")
	.description("Cap'n Proto RPC for microcontroller-class JavaScript")
	.version(packageVersion())
	.showHelpAfterError()
	.configureHelp({
		// A default of false, or of nothing in a list, tells a reader nothing.
		optionDescription: (option) =>
			isNothing(option.defaultValue) ? option.description : new Help().optionDescription(option),
	})
	.exitOverride();
const chosen = COMMANDS.find(({ names }) => names.includes(process.argv[2] ?? ""));
// Help and errors list them all.
for (const { load } of chosen === undefined ? COMMANDS : [chosen]) (await load())(program);

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
	else {
		process.stderr.write(`vatlet: ${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
	}
}
