import type { StructType } from "../cap/descriptor.js";
import type { Input } from "../cap/remote-types.js";
import { StructReader } from "../layout/struct-reader.js";
import { MessagePool } from "../message/message-pool.js";
import type { Hashes } from "../ports/secure.js";
import type { Store } from "../ports/store.js";
import { SavedStore } from "../vat/saved-store.js";

/** State of services as plain objects of one struct type, found by service id, kept across restarts. */
export class SavedObjects<T> {
	readonly #records: SavedStore;
	readonly #type: StructType<T>;
	readonly #messages = new MessagePool({ messages: 1 });

	/** `domain`: 1 to 15 letters, digits, `-` or `_`; one for each kind of service. */
	constructor(store: Store, domain: string, type: StructType<T>, hashes: Hashes) {
		this.#records = new SavedStore(store, domain, hashes);
		this.#type = type;
	}

	/** Durable when it returns. Capabilities cannot be saved: save their sturdy refs (`vat.save`) as text. */
	save(id: Uint8Array, object: Input<T>): void {
		const message = this.#messages.take()!;
		try {
			const { dataWords, pointerCount } = this.#type;
			this.#type.fromObject(object, message.initRoot(this.#type.createBuilder(), dataWords, pointerCount));
			this.#records.save(id, message);
		} finally {
			message.release();
		}
	}

	/** Null where nothing is saved under `id`. Throws a RecordError for a damaged record. */
	load(id: Uint8Array): T | null {
		const message = this.#records.load(id);
		return message === null ? null : this.#type.toObject(message.readRoot(new StructReader()));
	}

	/** True if there was one. */
	remove(id: Uint8Array): boolean {
		return this.#records.remove(id);
	}
}
