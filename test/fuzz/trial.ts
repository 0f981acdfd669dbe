import {
	describe,
	Exhausted,
	Fault,
	FrameReader,
	FrameState,
	MessagePool,
	type Message,
	Packer,
	Unpacker,
} from "vatlet/runtime";
import { ArenaShared, Message as OwnMessage, type CapHook, StructReader } from "vatlet/runtime";
import { Unpacking } from "../../src/wire/packed.js";
import type { Case } from "./case.js";
import { ExactSegments, FrameOutcome } from "./exact.js";
import { Features, sizeClass } from "./features.js";
import { Objects } from "./objects.js";
import { Pieces } from "./pieces.js";
import { TypedReading } from "./typed.js";
import { Walk } from "./walk.js";

/** Small, so that a message that multiplies shows quickly. */
export const LIMITS = { traversalWords: 1200, caps: 3 };
export const SEGMENTS_MAX = 24;
/** Less than the largest inputs have. */
export const WORDS_MAX = 112;

const STREAM = 16;
const OUTCOME = 17;

/** Counts its references: what is left over has leaked. */
class Counted implements CapHook {
	references = 1;
	addRef(): void {
		this.references++;
	}
	release(): void {
		if (--this.references < 0) throw new Error("a capability released too often");
	}
}

/**
 * Runs one case in every way: decoded out of pieces, plain or packed, into memory surrounded by other bytes, and into
 * buffers that end with their segments; both must read the same. Then measured, copied, compared, made canonical,
 * edited, packed again and erased. Throws where anything happens that must not.
 */
export class Trial {
	readonly features = new Features();
	readonly #walk = new Walk(this.features, LIMITS.traversalWords);
	readonly #exact = new ExactSegments(SEGMENTS_MAX, WORDS_MAX);
	readonly #message = new OwnMessage(new ArenaShared(null, LIMITS));
	/** All segments in one block, and most in blocks of their own. */
	readonly #wide = new MessagePool({
		segmentWords: WORDS_MAX,
		messages: 1,
		messageWords: WORDS_MAX,
		segments: 1,
		limits: LIMITS,
	});
	readonly #narrow = new MessagePool({
		segmentWords: 24,
		messages: 1,
		messageWords: WORDS_MAX,
		segments: 4,
		limits: LIMITS,
	});
	readonly #reader: FrameReader;
	readonly #narrowReader: FrameReader;
	readonly #objects: Objects;
	readonly #pieces = new Pieces();
	readonly #plain = new Uint8Array(WORDS_MAX * 8 + 256);
	readonly #packer = new Packer(512);
	readonly #packed = new Uint8Array(8192);
	readonly #typed = new TypedReading();
	readonly #root = new StructReader();
	readonly #hooks = [new Counted(), new Counted()];

	constructor() {
		this.#wide.seal();
		this.#reader = new FrameReader(this.#wide, SEGMENTS_MAX);
		this.#narrowReader = new FrameReader(this.#narrow, SEGMENTS_MAX);
		this.#objects = new Objects(this.features);
	}

	/** Returns a checksum of all that was read. */
	run(input: Case): number {
		this.features.start();
		const salt = input.salt;
		let bytes = input.bytes;
		let length = bytes.length;
		if (input.packed) {
			length = this.#unpack(bytes);
			bytes = this.#plain;
		}
		const exact = this.#message;
		const outcome = this.#exact.read(bytes, length, exact);
		this.features.add(OUTCOME, outcome, sizeClass(exact.segmentCount), input.packed ? 1 : 0);
		const streamed = this.#stream(input);
		if (streamed === STARVED) {
			exact.reset();
			return 1;
		}
		if ((outcome === FrameOutcome.READY) !== (streamed !== null))
			throw new Error("a frame was taken for whole, or not");
		if (streamed === null) return outcome;
		const checksum = this.#compare(exact, streamed, salt);
		const objects = this.#objects.run((salt & 64) !== 0 ? exact : streamed, salt);
		if ((salt & 15) === 3) this.#tools(streamed, salt);
		exact.reset();
		streamed.release();
		for (const hook of this.#hooks)
			if (hook.references !== 1) throw new Error("a capability has " + hook.references + " references, not 1");
		return Math.imul(checksum, 31) + objects;
	}

	/** The same bytes in two memories read the same. */
	#compare(exact: Message, streamed: Message, salt: number): number {
		for (const hook of this.#hooks) {
			exact.caps.add(hook);
			streamed.caps.add(hook);
		}
		exact.arena.openForReading();
		const checksum = this.#walk.message(exact, salt);
		if (this.#walk.message(streamed, salt) !== checksum) throw new Error("what surrounds the segments was read");
		return checksum;
	}

	/** Unpacked at once; nothing may be written behind the limit. */
	#unpack(packed: Uint8Array): number {
		const plain = this.#plain;
		const limit = WORDS_MAX * 8 + 200;
		for (let i = limit; i < plain.length; i++) plain[i] = 0xa5;
		const unpacking = new Unpacking();
		unpacking.unpack(packed, 0, packed.length, plain, 0, limit);
		for (let i = limit; i < plain.length; i++) if (plain[i] !== 0xa5) throw new Error("unpacked behind the limit");
		if (unpacking.targetOffset > limit || unpacking.sourceOffset > packed.length) throw new Error("offsets outside");
		return unpacking.targetOffset;
	}

	/** Null where the stream ends or faults before the frame is whole. */
	#stream(input: Case): Message | null | typeof STARVED {
		const narrow = (input.salt & 32) !== 0;
		const reader = narrow ? this.#narrowReader : this.#reader;
		if (!narrow) this.#poison(input.salt);
		const pieces = this.#pieces.start(input.bytes, input.salt);
		const source = input.packed ? new Unpacker(pieces, 1 + ((input.salt >>> 8) & 31)) : pieces;
		let message: Message | null = null;
		try {
			let state: FrameState = FrameState.WAITING;
			for (let turn = 0; ; turn++) {
				state = reader.pull(source);
				if (state !== FrameState.WAITING || (pieces.ended && turn > 0)) break;
			}
			if (state === FrameState.STARVED) {
				reader.close();
				return STARVED;
			}
			if (state === FrameState.READY) message = reader.take();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.features.add(STREAM, error.code, 0, 0);
		}
		if (message === null) reader.close();
		return message;
	}

	/** Memory that a message gets holds anything. */
	#poison(salt: number): void {
		const block = this.#wide.blocks.take(1)!;
		block.bytes.fill(salt & 0x4000 ? 0xff : salt >>> 24);
		block.dirtyBytes = block.bytes.length;
		this.#wide.blocks.give(block);
	}

	/** What only tools do: printing, reading by a schema, packing and unpacking the received bytes. */
	#tools(message: Message, salt: number): void {
		message.arena.openForReading();
		try {
			const text = describe(message);
			if (text.length > 1 << 18) throw new Error("a description of " + text.length + " characters");
		} catch (error) {
			this.#limited(error);
		}
		message.arena.openForReading();
		try {
			this.#typed.read(message.readRoot(this.#root), salt >>> 5);
		} catch (error) {
			this.#limited(error);
		}
		const packer = this.#packer;
		packer.start(message);
		let length = 0;
		while (!packer.done) length += packer.read(this.#packed, length, 10 + (salt & 31));
		const bytes = message.toBytes();
		const unpacked = this.#unpack(this.#packed.subarray(0, length));
		if (unpacked !== bytes.length) throw new Error("packing changed the length");
		for (let i = 0; i < unpacked; i++) if (this.#plain[i] !== bytes[i]) throw new Error("packing changed bytes");
	}

	#limited(error: unknown): void {
		if (!(error instanceof Fault) && !(error instanceof Exhausted)) throw error;
	}
}

/** The pool had no room: no result. */
const STARVED = 1;
