/**
 * The ROM heap of a unikernel image: boots the program that makes all its objects at start twice, to capture its heap at two RAM
 * addresses, and writes the heap as assembler text for the program that starts from it. See hosts/unikernel/rom/rom-heap.h.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { runQemu } from "../run/qemu.js";
import { runCommand } from "./command.js";
import { ownCodeDigest } from "./own-code.js";
import { placeHeap } from "./rom-place.js";
import { dropFunctionProperties, dropPrototypes, renumberAliases, shareSlots } from "./rom-shrink.js";
import type { EngineSource } from "./rom-engine.js";
import { stripBuiltIns, stripNames, type Used } from "./rom-strip.js";
import { header, headerWords, RomSlots, type CapturedWords } from "./rom-slots.js";

const flashBase = 0x20000000;
const machineRamBytes = 16 << 20;
/** Far enough apart in every byte that a word which is no pointer hardly differs by their distance. */
const captureAddresses = [0x80400000, 0x80812340] as const;
const captureTimeoutMs = 60_000;
const cause = "does a preloaded module use time or randomness while it is loaded?";
/** So that the collector need not run for the last few objects. */
const spareSlots = 16;
/** No region of the arena is larger. */
const regionBytesMax = 1 << 20;

export interface RomHeap {
	bytes: number;
	slots: number;
	/** Objects that a running program can still change: a word of RAM each. */
	aliases: number;
}

export interface RomHeapOptions {
	/** Functions without their properties `length` and `name`; those of these names cannot be constructed either. */
	bareFunctions?: { plain: ReadonlySet<string> };
	/** Leaves out the built-in objects that the image does not use. */
	strip?: { used: Used; engine: EngineSource };
}

/** Captures the heap of `image` (with its ELF file `elf`) as the source `out`; does nothing if `out` was made of this image. */
export async function captureRomHeap(
	image: string,
	elf: string,
	out: string,
	options: RomHeapOptions,
): Promise<RomHeap> {
	const stamp = `${out}.json`;
	const program = await readFile(image);
	// The image may be the same while what it calls its parts is not.
	const symbols = await runCommand("riscv64-unknown-elf-nm", ["-n", elf]);
	const hash = createHash("sha256").update(program).update(symbols).update(optionsText(options));
	hash.update(ownCodeDigest());
	const digest = hash.digest("hex");
	const known = existsSync(stamp) ? (JSON.parse(await readFile(stamp, "utf8")) as Stamp) : null;
	if (known?.digest === digest && existsSync(out))
		return { bytes: known.bytes, slots: known.slots, aliases: known.aliases };
	const [first, second] = await captureTwice(image, known?.slotsMade);
	const heap = new RomSlots(compare(first!, second!), program, flashBase);
	const { strip } = options;
	if (strip) stripBuiltIns(heap, strip.used, strip.engine);
	if (options.bareFunctions) {
		dropPrototypes(heap, options.bareFunctions.plain);
		dropFunctionProperties(heap);
	}
	shareSlots(heap);
	if (strip) stripNames(heap, strip.used, strip.engine);
	const aliases = (heap.header[header.aliasCount] = renumberAliases(heap));
	const { assembler, bytes, slots } = placeHeap(heap, symbolsOf(symbols, elf));
	await writeFile(out, assembler);
	await writeFile(stamp, JSON.stringify({ bytes, slots, aliases, digest, slotsMade: first!.slots } satisfies Stamp));
	return { bytes, slots, aliases };
}

/** What is remembered of a capture; `slotsMade` is how many the program made, before any were left out. */
interface Stamp extends RomHeap {
	digest: string;
	slotsMade: number;
}

/** As many slots as the program makes, and some: how many those are is asked first, unless it made as many the last time. */
async function captureTwice(image: string, slotsLastTime?: number): Promise<Capture[]> {
	const slots = slotsLastTime ?? (await boot(image, captureAddresses[0], {})).slots;
	const config = { "rom-heap-slots": `${slots + spareSlots}` };
	const captures = await Promise.all(captureAddresses.map((address) => capture(image, address, config)));
	return slotsLastTime === undefined || captures[0]!.slots === slots ? captures : captureTwice(image);
}

function optionsText({ bareFunctions, strip }: RomHeapOptions): string {
	const stripped = strip && [
		...strip.engine.mentioned,
		...strip.engine.lookedUp,
		...strip.used.names,
		...strip.used.features,
	];
	return JSON.stringify({ plain: bareFunctions && [...bareFunctions.plain], stripped });
}

/**
 * The program's own names for its addresses. What is not at the start of data is so many bytes behind it; a function has to have a name
 * that the second program knows too, so a static one is refused.
 */
function symbolsOf(text: string, elf: string): (address: number) => string {
	const symbols: { address: number; kind: string; name: string }[] = [];
	for (const line of text.split("\n")) {
		const [, address, kind, name] = /^([0-9a-f]+) ([TtRD]) (\w+)$/.exec(line) ?? [];
		if (name !== undefined) symbols.push({ address: parseInt(address!, 16), kind: kind!, name });
	}
	return (address) => {
		let low = 0;
		for (let high = symbols.length; high - low > 1;) {
			const middle = (low + high) >>> 1;
			if (symbols[middle]!.address <= address) low = middle;
			else high = middle;
		}
		const found = symbols[low];
		if (!found || found.address > address) throw new Error(`${elf} has no name for 0x${address.toString(16)}`);
		if (found.kind === "t")
			throw new Error(
				`${found.name} is a static function, but an object of a preloaded module refers to it: make it extern`,
			);
		return `${found.name}+${address - found.address}`;
	};
}

interface Start {
	words: number[];
	slots: number;
	aliases: number;
}

/** A run of memory: where it was, and from which word of the capture on it is written down. */
interface Region {
	address: number;
	bytes: number;
	word: number;
}

interface Capture extends Start {
	regions: Region[];
}

async function boot(image: string, address: number, config: Record<string, string>): Promise<Start> {
	const words: number[] = [];
	const said: string[] = [];
	let inside = false;
	const machine = await runQemu({
		image,
		ramBytes: machineRamBytes,
		consoleAtEnd: true,
		config: { "rom-heap": `0x${address.toString(16)}`, ...config },
		onLine: (line) => {
			if (line === "rom-heap: begin" || line === "rom-heap: end") inside = line === "rom-heap: begin";
			else if (!inside) said.push(line);
			else for (let i = 0; i < line.length; i += 8) words.push(parseInt(line.slice(i, i + 8), 16));
		},
	});
	const guard = setTimeout(() => machine.kill(), captureTimeoutMs);
	const status = await machine.exited;
	clearTimeout(guard);
	const counts = /^rom-heap: slots (\d+) chunks \d+ aliases (\d+)/m.exec(said.join("\n"));
	if (status !== 0 || !counts || inside)
		throw new Error(`preloading the image's modules failed (status ${status}):\n${said.join("\n")}`);
	return { words, slots: Number(counts[1]), aliases: Number(counts[2]) };
}

async function capture(image: string, address: number, config: Record<string, string>): Promise<Capture> {
	const start = await boot(image, address, config);
	const { words } = start;
	const chunks = words[header.chunks]!;
	const arenaBytes = words[header.arenaBytes]!;
	const chunkBytes = (words.length - headerWords) * 4 - arenaBytes;
	if (words[header.arena] !== address || chunkBytes < 0 || chunks - address !== regionBytesMax)
		throw new Error("the captured heap is incomplete");
	const regions = [
		{ address, bytes: arenaBytes, word: headerWords },
		{ address: chunks, bytes: chunkBytes, word: headerWords + arenaBytes / 4 },
	];
	return { ...start, regions };
}

/** Pointers into the regions differ by the distance of the two starts; any other difference cannot be put into flash. */
export function compare(first: Capture, second: Capture): CapturedWords {
	if (first.words.length !== second.words.length) throw new Error(`two starts made different heaps: ${cause}`);
	const distance = (second.regions[0]!.address - first.regions[0]!.address) >>> 0;
	const words = Uint32Array.from(first.words);
	const targets = new Int32Array(words.length).fill(-1);
	first.words.forEach((word, i) => {
		const other = second.words[i]!;
		if (word === other) return;
		if (isHalfLeftOver(first, word) && isHalfLeftOver(second, other) && ((word ^ other) & 0xffff) === 0)
			words[i] = word & 0xffff;
		else if ((other - word) >>> 0 !== distance)
			throw new Error(
				`two starts differ in word ${i} of the heap (${word.toString(16)}, ${other.toString(16)}): ${cause}`,
			);
		else {
			words[i] = 0;
			targets[i] = targetOf(first, word);
		}
	});
	return { words, targets, chunkWord: first.regions[1]!.word };
}

/** The byte of the capture; -1 for what points elsewhere, which is of no use to a device. */
function targetOf(capture: Capture, word: number): number {
	const region = capture.regions.find(({ address, bytes }) => word >= address && word <= address + bytes);
	return region === undefined ? -1 : region.word * 4 + (word - region.address);
}

/** An id takes the lower half of a word; the upper half may still hold that of a pointer which was there before. */
function isHalfLeftOver(capture: Capture, word: number): boolean {
	return capture.regions.some(
		({ address, bytes }) => word >>> 16 >= address >>> 16 && word >>> 16 <= (address + bytes) >>> 16,
	);
}
