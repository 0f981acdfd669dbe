import { consistsOf, DIGITS } from "../../src/base/characters.js";

/** Shape only: the socket knows the range. */
export function isIpv4(text: string): boolean {
	const parts = text.split(".");
	for (let i = 0; i < parts.length; i++) if (!consistsOf(parts[i]!, DIGITS)) return false;
	return parts.length === 4;
}

/** A server as programs name it, `a.b.c.d`, `name` or either with `:port`; and who may answer for it. */
export class ServerAddress {
	readonly host: string;
	readonly port: number;

	/** Throws where the port is none. */
	constructor(text: string, port: number) {
		const at = text.indexOf(":");
		this.host = at < 0 ? text : text.slice(0, at);
		this.port = at < 0 ? port : Number(text.slice(at + 1));
		if (!(this.port > 0 && this.port < 65536)) throw new RangeError(`${text} is no server's address`);
	}
}
