import { ArenaShared, type ArenaLimits } from "../arena/shared.js";
import { BlockPool } from "../arena/block.js";
import { MESSAGE_WORDS } from "../base/limits.js";
import { Message } from "./message.js";

export interface MessagePoolOptions {
	/** Words of one block: what most messages need (default 512). */
	segmentWords?: number;
	/** Messages at the same time (default 64). */
	messages?: number;
	/** Blocks of `segmentWords` that exist from the start (default 0) . */
	segments?: number;
	/** All blocks together, in words (default 8 Mi). */
	wordsMax?: number;
	/** Largest message to receive, in words (default 8 Mi). */
	messageWords?: number;
	/** Per message. */
	limits?: ArenaLimits;
}

/** Messages and the blocks they are made of. Grows to its limits until sealed. */
export class MessagePool {
	readonly messageWords: number;
	readonly blocks: BlockPool;
	readonly #shared: ArenaShared;
	/** Messages that may be out at the same time. */
	readonly messagesMax: number;
	/** Beyond `freeCount` are some that are out. */
	readonly #free: Message[] = [];
	#freeCount = 0;
	#made = 0;

	constructor(options: MessagePoolOptions = {}) {
		this.messageWords = options.messageWords ?? MESSAGE_WORDS;
		this.blocks = new BlockPool(options.segmentWords ?? 512, options.wordsMax ?? MESSAGE_WORDS);
		this.#shared = new ArenaShared(this.blocks, options.limits);
		this.messagesMax = options.messages ?? 64;
		if (options.segments !== undefined) this.blocks.fill(options.segments);
	}

	/** Messages that can still be taken without one being released. */
	get free(): number {
		return this.#freeCount + this.messagesMax - this.#made;
	}

	/** Messages that are out. */
	get used(): number {
		return this.#made - this.#freeCount;
	}

	/**
	 * Makes all messages now; from here on nothing is allocated but, once, the first segment of each message when it is used first, an entry for
	 * each further one, and segments where more messages have several at the same time than ever before.
	 */
	seal(): void {
		while (this.#made < this.messagesMax) this.give(this.make());
		this.blocks.seal();
		this.#shared.seal();
	}

	/** An empty message that the caller owns until it releases it; null where none is left. */
	take(): Message | null {
		if (this.#freeCount === 0) return this.#made >= this.messagesMax ? null : this.make();
		const message = this.#free[--this.#freeCount]!;
		message.holders = 1;
		return message;
	}

	/** Only for `Message.release`. */
	give(message: Message): void {
		this.#free[this.#freeCount++] = message;
	}

	private make(): Message {
		this.#made++;
		return new Message(this.#shared, this);
	}
}
