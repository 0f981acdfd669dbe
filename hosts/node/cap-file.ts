import { readFileSync } from "node:fs";
import { AddressError, type CapnpUri, formatUri, parseUri } from "../../src/net/address.js";
import { fileReason, writeDurably } from "./files.js";

/**
 * Writes a reference, as `publish` gives it, to a `.cap` file: its URI on one line, readable by the owner only, for who can read it may use the
 * service. Throws an AddressError.
 */
export function saveCapFile(path: string, uri: CapnpUri | string): void {
	const text = formatUri(typeof uri === "string" ? parseUri(uri) : uri);
	try {
		writeDurably(path, new TextEncoder().encode(text + "\n"));
	} catch (error) {
		const why = fileReason("write", error as NodeJS.ErrnoException);
		throw new AddressError(`cannot write the capability file ${path}: ${why}`);
	}
}

/** Reads a `.cap` file. Errors name the file and what is wrong with it, never its content. */
export function loadCapFile(path: string): CapnpUri {
	let text: string;
	try {
		text = readFileSync(path, "utf8").trim();
	} catch (error) {
		const why = fileReason("read", error as NodeJS.ErrnoException);
		throw new AddressError(`cannot read the capability file ${path}: ${why}`);
	}
	if (text === "") throw new AddressError(`the capability file ${path} is empty`);
	if (/\s/.test(text)) throw new AddressError(`the capability file ${path} holds more than one capnp:// URI`);
	try {
		return parseUri(text);
	} catch (error) {
		throw new AddressError(`the capability file ${path} holds no reference: ${(error as Error).message}`);
	}
}
