/**
 * Small records under (domain, key), kept across restarts and power cuts. `put` and `remove` are atomic: after a cut, the record is the
 * old one or the new one, never a mixture. What returned is durable.
 *
 * Domains and keys are 1 to 15 characters out of `A–Z a–z 0–9 - _`: what the smallest host can name.
 */
export interface Store {
	/** The whole length in bytes of the record, or -1 when there is none; copies what fits into `into`. Throws when stored bytes fail their checks. */
	get(domain: string, key: string, into: Uint8Array): number;
	/** Throws when the store is full or its medium failed; the old record then stands. */
	put(domain: string, key: string, from: Uint8Array, length: number): void;
	/** True if there was one. */
	remove(domain: string, key: string): boolean;
	/** Name of the `index`-th key of a domain in no particular order, or null past the last. Stable while nothing is put or removed. */
	keyAt(domain: string, index: number): string | null;
}
