import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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
			// Found out before the first file gets its name, not in the middle.
			if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
				throw Object.assign(new Error(path), { code: "EISDIR", path });
			mkdirSync(dirname(path), { recursive: true });
			const temporary = `${path}.${process.pid}.tmp`;
			written.push(temporary);
			writeFileSync(temporary, file.text);
		}
		for (const file of files) renameSync(`${join(folder, file.path)}.${process.pid}.tmp`, join(folder, file.path));
	} catch (error) {
		for (const path of written) rmSync(path, { force: true });
		throw unwritable(error as NodeJS.ErrnoException, folder);
	}
}

const REASONS: Partial<Record<string, string>> = {
	EACCES: "permission denied",
	EROFS: "the file system is read-only",
	ENOSPC: "no space left",
	ENOTDIR: "a file is where a folder is needed",
	EEXIST: "a file is where a folder is needed",
	EISDIR: "a folder is where the file should be",
};

/** The same error in words that say what to do. */
function unwritable(error: NodeJS.ErrnoException, folder: string): Error {
	const reason = REASONS[error.code ?? ""];
	if (reason === undefined) return error;
	return new Error(`cannot write ${error.path ?? folder}: ${reason}; nothing was written`, { cause: error });
}
