import {
	closeSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Store } from "../../src/ports/store.js";

/** No room: on the disk, in the user's quota, or for a file of that size. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Why a file could not be read or written, for a person. */
export function fileReason(verb: "read" | "write", { code = "", message }: NodeJS.ErrnoException): string {
	if (code === "ENOENT") return verb === "read" ? "there is no such file" : "its folder does not exist";
	if (code === "ENOTDIR") return "what should be its folder is a file";
	if (code === "EACCES" || code === "EPERM") return "not permitted";
	if (code === "EISDIR") return "it is a folder";
	if (code === "EROFS") return "its disk is read-only";
	return FULL.has(code) ? "the disk is full" : message;
}

const NAME = /^[A-Za-z0-9_-]{1,15}$/;

/** A record is a file, a domain a folder. Files are readable by their owner only: records hold references, which are secrets. */
export class FileStore implements Store {
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
		mkdirSync(root, { recursive: true, mode: 0o700 });
	}

	get(domain: string, key: string, into: Uint8Array): number {
		let bytes: Uint8Array;
		try {
			bytes = readFileSync(this.#path(domain, key));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return -1;
			throw error;
		}
		into.set(bytes.subarray(0, into.length));
		return bytes.length;
	}

	put(domain: string, key: string, from: Uint8Array, length: number): void {
		const path = this.#path(domain, key);
		try {
			mkdirSync(join(this.#root, domain), { recursive: true, mode: 0o700 });
			writeDurably(path, from.subarray(0, length));
		} catch (error) {
			const why = fileReason("write", error as NodeJS.ErrnoException);
			throw new Error(`the record ${domain}/${key} cannot be written: ${why}`, { cause: error });
		}
	}

	remove(domain: string, key: string): boolean {
		try {
			rmSync(this.#path(domain, key));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
			throw error;
		}
		syncFolder(join(this.#root, domain));
		return true;
	}

	keyAt(domain: string, index: number): string | null {
		checkName(domain);
		try {
			return readdirSync(join(this.#root, domain)).filter((name) => NAME.test(name))[index] ?? null;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
			throw error;
		}
	}

	#path(domain: string, key: string): string {
		checkName(domain);
		checkName(key);
		return join(this.#root, domain, key);
	}
}

/** Replaces a file so that a reader, and a power cut, finds the old content or the new: write beside it, sync, rename, sync the folder. */
export function writeDurably(path: string, bytes: Uint8Array): void {
	// The dot keeps it out of every listing of records.
	const temporary = `${path}.${process.pid}.new`;
	// What a killed process of that number left, perhaps with other rights or as a link to elsewhere, is not written to.
	rmSync(temporary, { force: true });
	const file = openSync(temporary, "wx", 0o600);
	try {
		for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
		fsyncSync(file);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	} finally {
		closeSync(file);
	}
	renameSync(temporary, path);
	syncFolder(join(path, ".."));
}

function syncFolder(path: string): void {
	const folder = openSync(path, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

function checkName(name: string): void {
	if (!NAME.test(name)) throw new RangeError(`"${name}" cannot name a record: 1 to 15 letters, digits, "-" or "_"`);
}
