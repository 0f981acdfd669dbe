import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { GeneratedFile } from "./emit-file.js";

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
