/** An entry in a table whose ids this side gives. */
export interface OwnEntry {
	id: number;
}

/** Entries by ids of this side: small numbers, the last one freed is the next one given. Entries are made once and used again. */
export class OwnTable<T extends OwnEntry> {
	readonly max: number;
	readonly #create: () => T;
	/** By id; null where free. */
	readonly #entries: (T | null)[] = [];
	/** Beyond `freeCount` are some that are in use. */
	readonly #free: T[] = [];
	#freeCount = 0;
	count = 0;

	/** `sealed`: make all entries now. */
	constructor(create: () => T, max: number, sealed: boolean) {
		this.#create = create;
		this.max = max;
		if (!sealed) return;
		for (let id = 0; id < max; id++) this.#entries[id] = null;
		for (let id = max - 1; id >= 0; id--) this.#free[this.#freeCount++] = this.make(id);
	}

	get full(): boolean {
		return this.count >= this.max;
	}

	/** Ids from 0 to here may be in use: for walking all. */
	get span(): number {
		return this.#entries.length;
	}

	/** A free entry with its id, or null where all are in use. */
	take(): T | null {
		if (this.count >= this.max) return null;
		const entry = this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.make(this.#entries.length);
		this.#entries[entry.id] = entry;
		this.count++;
		return entry;
	}

	give(entry: T): void {
		this.#entries[entry.id] = null;
		this.#free[this.#freeCount++] = entry;
		this.count--;
	}

	/** The entry in use, or null: `id` may be any u32, as read off the wire. */
	at(id: number): T | null {
		return id < this.#entries.length ? this.#entries[id]! : null;
	}

	private make(id: number): T {
		const entry = this.#create();
		entry.id = id;
		return entry;
	}
}

/** An entry in a table whose ids the peer gives. */
export interface ForeignEntry {
	id: number;
}

/**
 * Entries by ids of the peer. Ids are small as a rule, but may be any u32: open addressing with linear probing, in at
 * least twice as many slots as entries, so that no choice of ids costs more than a walk over `max` slots.
 */
export class ForeignTable<T extends ForeignEntry> {
	readonly max: number;
	#slots: (T | null)[];
	#mask: number;
	count = 0;

	/** `sealed`: make all slots now. */
	constructor(max: number, sealed: boolean) {
		let size = 16;
		if (sealed) while (size < max * 2) size *= 2;
		this.max = max;
		this.#slots = new Array(size).fill(null);
		this.#mask = size - 1;
	}

	get full(): boolean {
		return this.count >= this.max;
	}

	at(id: number): T | null {
		const entry = this.#slots[id & this.#mask]!;
		return entry === null || entry.id === id ? entry : this.#slots[this.find(id)]!;
	}

	/** The slot of `id`, or the empty one that its probing ends at. */
	private find(id: number): number {
		const slots = this.#slots;
		const mask = this.#mask;
		let i = id & mask;
		while (slots[i] !== null && slots[i]!.id !== id) i = (i + 1) & mask;
		return i;
	}

	/** `entry.id` is not in the table. */
	add(entry: T): void {
		if (this.count * 2 >= this.#slots.length) this.grow();
		const slots = this.#slots;
		const home = entry.id & this.#mask;
		slots[slots[home] === null ? home : this.find(entry.id)] = entry;
		this.count++;
	}

	remove(id: number): void {
		const slots = this.#slots;
		const mask = this.#mask;
		let hole = id & mask;
		if (slots[hole] === null || slots[hole]!.id !== id) hole = this.find(id);
		if (slots[hole] === null) return;
		this.count--;
		// Entries behind the hole move up, or their probing would end at it.
		for (let i = (hole + 1) & mask; slots[i] !== null; i = (i + 1) & mask) {
			const entry = slots[i]!;
			if (((i - (entry.id & mask)) & mask) >= ((i - hole) & mask)) {
				slots[hole] = entry;
				hole = i;
			}
		}
		slots[hole] = null;
	}

	/** For walking all: slots from 0 to here, null where empty. */
	get span(): number {
		return this.#slots.length;
	}

	slot(index: number): T | null {
		return this.#slots[index]!;
	}

	private grow(): void {
		const old = this.#slots;
		this.#slots = new Array(old.length * 2).fill(null);
		this.#mask = this.#slots.length - 1;
		this.count = 0;
		for (let i = 0; i < old.length; i++) if (old[i] !== null) this.add(old[i]!);
	}
}
