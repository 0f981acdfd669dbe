import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { Built } from "../build/build.js";
import { runLinux } from "../run/linux.js";
import { runQemu } from "../run/qemu.js";
import { buildShown } from "./build.js";
import { platformOption, type Platform } from "./platform.js";

interface Options {
	platform: Platform;
	release: boolean;
	config: Record<string, string>;
	store?: string;
	resetStore: boolean;
	ram: number;
	port: { host: number; device: number }[];
	gdb?: number;
}

export function addRunCommand(program: Command): void {
	program
		.command("run")
		.description("build an application and run it; ends with the application's exit status")
		.argument("[manifest]", "path of its manifest (default: manifest.json)")
		.usage("[options] [manifest] [-- arguments...]")
		.allowExcessArguments(true)
		.addOption(platformOption())
		.option("-r, --release", "smaller and faster: no line numbers in stacks", false)
		.option("-c, --config <name=value>", "a line of the boot configuration, repeatable", addConfig, {})
		.option("--store <path>", "what holds the device's records; kept between runs")
		.option("--reset-store", "begin with an empty store, and so with a new identity", false)
		.option("--ram <KiB>", "memory of the QEMU machine", integer, 400)
		.option("--port <host:device>", "QEMU: makes a port of the device reachable, repeatable", addPort, [])
		.option("--gdb <port>", "QEMU: wait for a debugger on this port", port)
		.addHelpText("after", "\nArguments behind -- are the program's: programArguments() of vatlet/system.")
		.action(async (_manifest: string, options: Options, command: Command) => {
			const { manifest, settings } = splitArguments(command.args, process.argv);
			options.config = { ...options.config, ...settings };
			const built = await buildShown(manifest, options);
			const run = await start(built, options);
			const end = (): void => run.kill();
			process.once("SIGINT", end).once("SIGTERM", end);
			process.exitCode = await run.exited;
		});
}

async function start(built: Built, options: Options): Promise<{ exited: Promise<number>; kill(): void }> {
	const store = options.store ?? join(built.folder, options.platform === "linux" ? "store" : "store.flash");
	const shared = {
		config: options.config,
		resetStore: options.resetStore,
		onLine: (line: string): void => void process.stdout.write(`${line}\n`),
	};
	if (options.platform === "linux") return runLinux({ ...shared, executable: built.executable, storePath: store });
	const takenBytes = built.sizes.staticBytes + built.sizes.stackBytes;
	// A machine without its own stack cannot say what is the matter.
	if (options.ram * 1024 <= takenBytes)
		throw new Error(
			`--ram ${options.ram} is too little: ${Math.ceil(takenBytes / 1024)} KiB are taken before the program has any`,
		);
	return runQemu({
		...shared,
		image: built.image,
		storePath: store,
		ramBytes: options.ram * 1024,
		ports: options.port,
		...(options.gdb === undefined ? {} : { gdbPort: options.gdb }),
	});
}

/** The manifest, and the program's arguments as lines of the boot configuration. `operands` is what commander leaves of both. */
function splitArguments(
	operands: readonly string[],
	line: readonly string[],
): { manifest: string; settings: Record<string, string> } {
	const at = line.indexOf("--");
	const given = at < 0 ? [] : line.slice(at + 1);
	const own = operands.slice(0, operands.length - given.length);
	if (own.length > 1)
		throw new Error(`one manifest is run, not ${own.length}: arguments of the program stand behind --`);
	for (const text of given)
		if (/[\n\r\0]/.test(text)) throw new Error("an argument of the program contains a line end");
	return {
		manifest: own[0] ?? "manifest.json",
		settings: Object.fromEntries(given.map((text, i) => [`argument.${i}`, text])),
	};
}

export function addConfig(text: string, previous: Record<string, string>): Record<string, string> {
	const at = text.indexOf("=");
	if (at <= 0) throw new InvalidArgumentError("write name=value");
	return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

function addPort(text: string, previous: Options["port"]): Options["port"] {
	const [host = NaN, device = NaN, ...more] = text.split(":").map(Number);
	if (!isPort(host) || !isPort(device) || more.length > 0)
		throw new InvalidArgumentError("write HOST:DEVICE, both port numbers");
	return [...previous, { host, device }];
}

function isPort(value: number): boolean {
	return Number.isInteger(value) && value > 0 && value < 65_536;
}

function port(text: string): number {
	const value = Number(text);
	if (!isPort(value)) throw new InvalidArgumentError("must be a port number");
	return value;
}

function integer(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("must be a positive whole number");
	return value;
}
