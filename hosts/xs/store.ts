import storage from "embedded:storage/key-value";
import type { Store } from "../../src/ports/store.js";

type Domain = ReturnType<typeof storage.open>;

/** The platform's key-value storage as a port. Records are small and rarely touched: this allocates. */
export class XsStore implements Store {
	readonly #domains = new Map<string, Domain>();

	get(domain: string, key: string, into: Uint8Array): number {
		const record = this.domain(domain).read(key) as ArrayBuffer | undefined;
		if (record === undefined) return -1;
		const length = record.byteLength;
		into.set(new Uint8Array(record, 0, Math.min(length, into.length)));
		return length;
	}
	put(domain: string, key: string, from: Uint8Array, length: number): void {
		this.domain(domain).write(key, from.slice(0, length));
	}
	remove(domain: string, key: string): boolean {
		const open = this.domain(domain);
		if (open.read(key) === undefined) return false;
		open.delete(key);
		return true;
	}
	keyAt(domain: string, index: number): string | null {
		let left = index;
		// Not by index: the SDK's storage has an iterator only.
		for (const key of this.domain(domain)) if (left-- === 0) return key;
		return null;
	}
	private domain(path: string): Domain {
		let domain = this.#domains.get(path);
		if (domain === undefined) this.#domains.set(path, (domain = storage.open({ path })));
		return domain;
	}
}
