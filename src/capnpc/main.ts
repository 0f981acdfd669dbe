#!/usr/bin/env node
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { generate, type GeneratedFile } from "./compile.js";

/**
 * Writes all files, each whole or not at all: every text is on disk before the first file gets its name. On an error what
 * was written is removed.
 */
export function writeFiles(folder: string, files: readonly GeneratedFile[]): void {
	const written: string[] = [];
	try {
		for (const file of files) {
			const path = join(folder, file.path);
			mkdirSync(dirname(path), { recursive: true });
			const temporary = `${path}.${process.pid}.tmp`;
			written.push(temporary);
			writeFileSync(temporary, file.text);
		}
		for (const file of files) renameSync(`${join(folder, file.path)}.${process.pid}.tmp`, join(folder, file.path));
	} catch (error) {
		for (const path of written) rmSync(path, { force: true });
		throw error;
	}
}

/** The plug-in: a request on standard input, files into the current folder, as `capnp compile -ovatlet:DIR` arranges it. */
function main(): void {
	try {
		const options = {
			orphans: !process.argv.includes("--no-orphans"),
			objects: !process.argv.includes("--no-objects"),
			schema: process.argv.includes("--schema"),
		};
		writeFiles(".", generate(readFileSync(0), options));
	} catch (error) {
		process.stderr.write(`capnpc-vatlet: ${(error as Error).message}\n`);
		process.exitCode = 1;
	}
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
