import { clearBytes } from "../base/bytes.js";

/** Memory for segments: a buffer of whole words, lent by a `BlockPool`. Bytes from `dirtyBytes` on are zero. */
export class Block {
	readonly bytes: Uint8Array;
	readonly view: DataView;
	dirtyBytes = 0;

	/** `buffer`: where it is not one of its own, with the byte offset in it. */
	constructor(words: number, buffer = new ArrayBuffer(words * 8), offset = 0) {
		this.bytes = new Uint8Array(buffer, offset, words * 8);
		this.view = new DataView(buffer, offset, words * 8);
	}

	get words(): number {
		return this.bytes.length >> 3;
	}

	/** Costs what was written since the last time. */
	wipe(): void {
		if (this.dirtyBytes > 0) {
			clearBytes(this.bytes, this.dirtyBytes);
			this.dirtyBytes = 0;
		}
	}
}

/** Lends blocks; makes new ones up to its limits until sealed. */
export class BlockPool {
	readonly blockWords: number;
	/** All blocks together. */
	readonly wordsMax: number;
	/** Words still allowed to be made. */
	#wordsLeft: number;
	#sealed = false;
	#free = 0;
	/** Beyond `free` are some that are out. */
	readonly #blocks: Block[] = [];

	constructor(blockWords: number, wordsMax: number) {
		this.blockWords = blockWords;
		this.wordsMax = this.#wordsLeft = wordsMax;
	}

	get free(): number {
		return this.#free;
	}

	/** Makes blocks now, so that none is made later: in one buffer, since each costs an engine more than its bytes. */
	fill(count: number): void {
		const words = this.blockWords;
		const buffer = new ArrayBuffer(count * words * 8);
		this.#wordsLeft -= count * words;
		for (let i = 0; i < count; i++) this.give(new Block(words, buffer, i * words * 8));
	}

	/** From here on nothing is allocated. */
	seal(): void {
		this.#sealed = true;
	}

	/** A block of at least `words`, or null. Its content is whatever it was; `wipe` before building in it. */
	take(words: number): Block | null {
		const blocks = this.#blocks;
		const last = this.#free - 1;
		for (let i = last; i >= 0; i--) {
			const block = blocks[i]!;
			if (block.words < words) continue;
			this.#free = last;
			if (i < last) blocks[i] = blocks[last]!;
			return block;
		}
		if (this.#sealed) return null;
		return this.make(words > this.blockWords ? words : this.blockWords);
	}

	/** Takes the block back. */
	give(block: Block): void {
		this.#blocks[this.#free++] = block;
	}

	private make(words: number): Block | null {
		if (words > this.#wordsLeft) return null;
		this.#wordsLeft -= words;
		return new Block(words);
	}
}
