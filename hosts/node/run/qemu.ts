/** Boots an image in QEMU's rv32 virt machine and hands out its console line by line. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeCodeFlash, writeStoreFlash } from "./flash.js";
import { eachLine } from "./lines.js";

const emulator = "qemu-system-riscv32";

export interface QemuOptions {
	/** The flat image. Its ELF file beside it, if there, is what is started, and gives names to addresses in a trap report. */
	image: string;
	/** Boot configuration, as lines `name=value` on the device. */
	config?: Record<string, string>;
	/** File of the second flash unit, kept between runs. A temporary one by default. */
	storePath?: string;
	/** Asks the device to begin with an empty store, whatever is in the old one. */
	resetStore?: boolean;
	/** RAM of the machine; QEMU rounds up to 4 KiB pages. 400 KiB by default. */
	ramBytes?: number;
	/** Ports of the device made reachable on 127.0.0.1. */
	ports?: { host: number; device: number }[];
	onLine?: (line: string) => void;
	/**
	 * Hands the console out only at the end. For output of hundreds of kilobytes: QEMU drops what a reader of its pipe is too slow
	 * for, a file takes everything.
	 */
	consoleAtEnd?: boolean;
	/**
	 * A Unix socket as the other end of the UART, in place of the console on our own: what runs there gets the console's text together with
	 * the frames of the serial link.
	 */
	serialSocket?: string;
	/** Waits for a debugger on this TCP port of 127.0.0.1 before the first instruction. */
	gdbPort?: number;
	/**
	 * Counts instructions instead of following the clock: one instruction is 2^shift nanoseconds of the device's time, and a run
	 * repeats to the instruction. -1: off.
	 */
	instructionShift?: number;
	/**
	 * The other end of the network is what listens on this TCP port of 127.0.0.1, in place of QEMU's own network: whole Ethernet frames both
	 * ways, each behind its length in four bytes.
	 */
	lanPort?: number;
	/** Leaves devices out, to see what the program says then. */
	without?: readonly ("network" | "entropy")[];
}

export interface QemuRun {
	process: ChildProcess;
	/** The exit status: the program's own, or 128 + signal as a shell counts. */
	exited: Promise<number>;
	kill(): void;
}

/** Starts the machine. Resolves when QEMU runs; throws when it is not installed. */
export async function runQemu(options: QemuOptions): Promise<QemuRun> {
	if (!existsSync(options.image)) throw new Error(`there is no image ${options.image}: build it first`);
	const folder = await mkdtemp(join(tmpdir(), "vatlet-qemu-"));
	const code = elfOf(options.image) ?? join(folder, "code.flash");
	const store = options.storePath ?? join(folder, "store.flash");
	try {
		if (!code.endsWith(".elf")) await writeCodeFlash(options.image, code);
		await writeStoreFlash(store, { ...options.config, ...(options.resetStore ? { "reset-store": "1" } : {}) });
		const console = options.consoleAtEnd ? join(folder, "console.txt") : null;
		const process = spawn(emulator, qemuArguments(options, code, store, console), {
			stdio: ["ignore", "pipe", "pipe"],
		});
		const exited = follow(process, options, folder, console);
		await started(process);
		return { process, exited, kill: () => void process.kill("SIGKILL") };
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

export function qemuArguments(
	options: QemuOptions,
	code: string,
	store: string,
	console: string | null = null,
): string[] {
	const ramKib = Math.ceil((options.ramBytes ?? 400 * 1024) / 4096) * 4;
	const list = [
		"-M",
		"virt",
		"-m",
		`${ramKib}K`,
		"-bios",
		"none",
		"-display",
		"none",
		"-monitor",
		"none",
		"-serial",
		options.serialSocket !== undefined ? "chardev:line" : console === null ? "stdio" : `file:${console}`,
		"-nodefaults",
		"-global",
		"virtio-mmio.force-legacy=false",
		...codeArguments(code),
		"-drive",
		`if=pflash,unit=1,format=raw,file=${escapePath(store)}`,
	];
	if (options.serialSocket !== undefined)
		list.push("-chardev", `socket,id=line,path=${escapePath(options.serialSocket)},server=on,wait=off`);
	if (!options.without?.includes("entropy"))
		list.push("-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-device,rng=random");
	if (!options.without?.includes("network"))
		list.push("-netdev", networkOf(options), "-device", "virtio-net-device,netdev=net");
	if (options.gdbPort !== undefined) list.push("-S", "-gdb", `tcp:127.0.0.1:${options.gdbPort}`);
	if (options.instructionShift !== undefined && options.instructionShift >= 0)
		list.push("-icount", `shift=${options.instructionShift},sleep=off`);
	return list;
}

function networkOf(options: QemuOptions): string {
	if (options.lanPort !== undefined) return `socket,id=net,connect=127.0.0.1:${options.lanPort}`;
	const forwards = (options.ports ?? []).map((port) => `,hostfwd=tcp:127.0.0.1:${port.host}-10.0.2.15:${port.device}`);
	return `user,id=net${forwards.join("")}`;
}

/** The program with its addresses, beside its image; null where that is newer. */
function elfOf(image: string): string | null {
	const elf = image.replace(/\.img$/, ".elf");
	return elf !== image && existsSync(elf) && statSync(elf).mtimeMs <= statSync(image).mtimeMs ? elf : null;
}

/** A program is laid into the flash as large as it is; of a flash's file QEMU reads all 32 MiB at each start, which takes longer than the start. */
function codeArguments(code: string): string[] {
	return code.endsWith(".elf")
		? ["-device", `loader,file=${escapePath(code)},cpu-num=0`]
		: ["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${escapePath(code)}`];
}

/** QEMU's option syntax doubles a comma inside a value. */
function escapePath(path: string): string {
	return path.replaceAll(",", ",,");
}

function started(process: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		process.once("spawn", resolve);
		process.once("error", (error: NodeJS.ErrnoException) => {
			reject(
				error.code === "ENOENT"
					? new Error(`${emulator} is not installed; on Debian: sudo apt-get install qemu-system-misc`)
					: error,
			);
		});
	});
}

const signalNumbers: Record<string, number> = {
	SIGKILL: 9,
	SIGTERM: 15,
	SIGINT: 2,
	SIGHUP: 1,
	SIGSEGV: 11,
	SIGABRT: 6,
};

async function follow(
	process: ChildProcess,
	options: QemuOptions,
	folder: string,
	console: string | null,
): Promise<number> {
	const symbols: Promise<void>[] = [];
	const see = (line: string): void => {
		options.onLine?.(line);
		const trap = /^trap: .* pc=(0x[0-9a-f]+) .*ra=(0x[0-9a-f]+)/.exec(line);
		if (trap) symbols.push(symbolise(options, [trap[1]!, trap[2]!]));
	};
	eachLine(process.stdout!, see);
	eachLine(process.stderr!, (line) => options.onLine?.(`qemu: ${line}`));
	const status = await new Promise<number>((resolve) => {
		process.once("close", (code, signal) => resolve(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0)));
		process.once("error", () => resolve(127));
	});
	if (console !== null && existsSync(console))
		for (const line of readFileSync(console, "utf8").split(/\r?\n/)) see(line);
	await Promise.all(symbols);
	await rm(folder, { recursive: true, force: true });
	return status;
}

/** Prints where in the program the addresses of a trap lie, where the ELF file and the tool chain are there to ask. */
function symbolise(options: QemuOptions, addresses: string[]): Promise<void> {
	const elf = elfOf(options.image);
	if (elf === null) return Promise.resolve();
	return new Promise((resolve) => {
		execFile("riscv64-unknown-elf-addr2line", ["-f", "-s", "-e", elf, ...addresses], (error, output) => {
			const lines = error ? [] : output.trim().split("\n");
			for (let i = 0; i + 1 < lines.length; i += 2)
				options.onLine?.(`  ${i === 0 ? "at" : "from"} ${lines[i]} (${lines[i + 1]})`);
			resolve();
		});
	});
}
