/** One input: bytes of a frame, plain or packed, and a number that all choices in running it are made from. */
export interface Case {
	salt: number;
	packed: boolean;
	bytes: Uint8Array;
}

/** As one word: `frame:SALT:HEX` or `packed:SALT:HEX`. */
export function printCase(found: Case): string {
	let hex = "";
	for (let i = 0; i < found.bytes.length; i++) hex += (found.bytes[i]! < 16 ? "0" : "") + found.bytes[i]!.toString(16);
	return (found.packed ? "packed:" : "frame:") + found.salt + ":" + hex;
}

/** Throws a SyntaxError that says what is wrong. */
export function parseCase(text: string): Case {
	const parts = text.trim().split(":");
	const kind = parts[0];
	const hex = parts[2];
	if (parts.length !== 3 || (kind !== "frame" && kind !== "packed") || !/^\d+$/.test(parts[1]!))
		throw new SyntaxError("a case is frame:SALT:HEX or packed:SALT:HEX, not " + text.slice(0, 40));
	if (hex === undefined || !/^([0-9a-f]{2})*$/.test(hex))
		throw new SyntaxError("the bytes of a case are pairs of hexadecimal digits");
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(i * 2, i * 2 + 2), 16);
	return { salt: Number(parts[1]), packed: kind === "packed", bytes };
}
