import { Command, CommanderError } from "commander";
import { addBuildCommand } from "./build.js";
import { addFlashCommand } from "./flash.js";
import { addCompileCommand } from "./compile.js";
import { addKeyCommands } from "./keys.js";
import { packageVersion } from "../build/folders.js";
import { addRunCommand } from "./run.js";

const program = new Command("vatlet")
	.description("Cap'n Proto RPC for microcontroller-class JavaScript")
	.version(packageVersion())
	.showHelpAfterError()
	.exitOverride();
addBuildCommand(program);
addFlashCommand(program);
addRunCommand(program);
addCompileCommand(program);
addKeyCommands(program);

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
	else {
		process.stderr.write(`vatlet: ${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
	}
}
