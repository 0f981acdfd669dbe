import type { Message } from "../message/message.js";
import { readMessage } from "../message/flat.js";
import { toBase64Url } from "../base/base64url.js";
import type { Hashes } from "../ports/secure.js";
import type { Store } from "../ports/store.js";

const DIGEST_BYTES = 32;
/** What the key-value storage of every host can hold as a name. */
const KEY_CHARACTERS = 15;

/** A record that does not pass its checks; the message says which and why. */
export class RecordError extends Error {
	override name = "RecordError";
}

/**
 * State of services, as Cap'n Proto messages, found by their service ids and kept across restarts. Ids themselves are not written: a record
 * is named by the SHA-256 of the id, of which a part is its key and all of it its first 32 bytes.
 */
export class SavedStore {
	readonly #store: Store;
	readonly #domain: string;
	readonly #hashes: Hashes;
	readonly #digest = new Uint8Array(DIGEST_BYTES);

	/** `domain`: 1 to 15 letters, digits, `-` or `_`; one for each kind of service. */
	constructor(store: Store, domain: string, hashes: Hashes) {
		this.#store = store;
		this.#domain = domain;
		this.#hashes = hashes;
	}

	/** Keeps the message (borrowed) under `id`; durable when it returns. */
	save(id: Uint8Array, message: Message): void {
		const key = this.#keyOf(id);
		const words = message.toBytes();
		const record = new Uint8Array(DIGEST_BYTES + words.length);
		record.set(this.#digest, 0);
		record.set(words, DIGEST_BYTES);
		this.#store.put(this.#domain, key, record, record.length);
	}

	/** The message saved under `id`, in memory of its own; null where there is none. Throws a RecordError for a damaged one. */
	load(id: Uint8Array): Message | null {
		const key = this.#keyOf(id);
		const length = this.#store.get(this.#domain, key, new Uint8Array(0));
		if (length < 0) return null;
		if (length < DIGEST_BYTES + 16 || length % 8 !== 0)
			throw new RecordError(`record ${this.#domain}/${key} has ${length} bytes, which no saved message has`);
		const record = new Uint8Array(length);
		this.#store.get(this.#domain, key, record);
		// Another id with the same key: as good as none.
		for (let i = 0; i < DIGEST_BYTES; i++) if (record[i] !== this.#digest[i]) return null;
		try {
			return readMessage(record.subarray(DIGEST_BYTES));
		} catch (error) {
			throw new RecordError(`record ${this.#domain}/${key} holds no message: ${(error as Error).message}`);
		}
	}

	/** True if there was one. */
	remove(id: Uint8Array): boolean {
		return this.#store.remove(this.#domain, this.#keyOf(id));
	}

	#keyOf(id: Uint8Array): string {
		this.#hashes.sha256(id, 0, id.length, this.#digest, 0);
		return toBase64Url(this.#digest).slice(0, KEY_CHARACTERS);
	}
}
