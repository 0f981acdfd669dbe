import type { Entropy } from "../ports/entropy.js";
import type { Identity } from "../ports/secure.js";

/** As long as nobody can guess: 160 bits. */
export const GENERATED_ID_BYTES = 20;

/** A new id that nobody can guess: for services that a store remembers. */
export function generateId(entropy: Entropy): Uint8Array {
	const id = new Uint8Array(GENERATED_ID_BYTES);
	entropy.fill(id, 0, id.length);
	return id;
}

/** The id of the service `name` of this identity: the same at each start, unguessable without the secret key, and kept nowhere. */
export function derivedId(identity: Identity, name: string): Uint8Array {
	const id = new Uint8Array(32);
	identity.derive(utf8(name), id, 0);
	return id;
}

/** An id that everybody may know: its name. */
export function publicId(name: string): Uint8Array {
	return utf8(name);
}

/** For start-up: makes strings. Lone surrogates throw, as no UTF-8 text has them. */
function utf8(text: string): Uint8Array {
	const escaped = encodeURIComponent(text);
	const bytes: number[] = [];
	for (let i = 0; i < escaped.length; i++) {
		if (escaped.charCodeAt(i) !== 0x25) bytes.push(escaped.charCodeAt(i));
		else {
			bytes.push(parseInt(escaped.slice(i + 1, i + 3), 16));
			i += 2;
		}
	}
	return new Uint8Array(bytes);
}
