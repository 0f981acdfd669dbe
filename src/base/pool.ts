/** Objects that exist once and are used again, the last one given first. `create` runs until the limit. */
export class Pool<T> {
	readonly #create: () => T;
	/** Beyond `freeCount` are some that are out. */
	readonly #free: T[] = [];
	readonly max: number;
	#freeCount = 0;
	#made = 0;

	/** `max`: objects at the same time. */
	constructor(create: () => T, max: number) {
		this.#create = create;
		this.max = max;
	}

	/** Null where all are out. */
	take(): T | null {
		if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
		if (this.#made >= this.max) return null;
		this.#made++;
		return this.#create();
	}

	/** Takes it back; the giver must not use it any more. */
	give(item: T): void {
		this.#free[this.#freeCount++] = item;
	}

	/** How many could still be taken. */
	get free(): number {
		return this.#freeCount + this.max - this.#made;
	}

	/** How many are out. */
	get used(): number {
		return this.#made - this.#freeCount;
	}

	/** Makes all of them now; from here on nothing is allocated. */
	seal(): void {
		while (this.#made < this.max) {
			this.#made++;
			this.give(this.#create());
		}
	}
}
