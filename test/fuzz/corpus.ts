import { Features } from "./features.js";

export interface Entry {
	bytes: Uint8Array;
	packed: boolean;
	/** Features that no smaller case has shown. */
	owned: number;
	/** Words of the frame that are pointers, pads or tags; found when first needed. */
	sites: Uint16Array | null;
}

/** The smallest case for every feature. What owns no feature any more is dropped, so it stays small. */
export class Corpus {
	readonly entries: Entry[] = [];
	readonly #owners: (Entry | null)[] = new Array<Entry | null>(Features.slots).fill(null);

	/** How many features were seen. */
	features = 0;

	/** Keeps a copy of the case where it shows a feature first, or in fewer bytes. */
	consider(bytes: Uint8Array, packed: boolean, features: Features): void {
		let entry: Entry | null = null;
		for (let i = 0; i < features.count; i++) {
			const slot = features.touched[i]!;
			const owner = this.#owners[slot]!;
			if (owner !== null && owner.bytes.length <= bytes.length) continue;
			entry ??= { bytes: bytes.slice(), packed, owned: 0, sites: null };
			if (owner === null) this.features++;
			else if (--owner.owned === 0) this.#drop(owner);
			this.#owners[slot] = entry;
			entry.owned++;
		}
		if (entry !== null) this.entries.push(entry);
	}

	#drop(entry: Entry): void {
		const index = this.entries.indexOf(entry);
		const last = this.entries.pop()!;
		if (last !== entry) this.entries[index] = last;
	}
}
