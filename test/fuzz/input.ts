import {
	AnyBuilder,
	AnyReader,
	canonicalize,
	copyWords,
	describe,
	Exhausted,
	Fault,
	FrameReader,
	FrameState,
	isCanonical,
	type Message,
	MessagePool,
	Packer,
	readMessage,
	StructReader,
	Unpacker,
} from "vatlet/runtime";
import { AddressBook, Tree, Wide } from "../bench/codec-messages.js";
import { Telemetry } from "../bench/codec-cases.js";
import { BytesSource } from "../support/bytes-source.js";
import { frame } from "../support/words.js";
import { Seeded } from "../support/seeded.js";
import { mutateBytes, mutateWords } from "./mutate.js";
import { Walk } from "./walk.js";

/** Small, so that a message that multiplies shows quickly. */
const LIMITS = { traversalWords: 20_000, caps: 4 };
const COPY_WORDS = 1 << 16;

/** One input per seed: the same seed is the same input, anywhere. */
export class Inputs {
	readonly #frames: Uint8Array[] = [];
	readonly #walk = new Walk();
	readonly #pool = new MessagePool({
		segmentWords: COPY_WORDS,
		messages: 4,
		wordsMax: 8 * COPY_WORDS,
		limits: { segments: 64 },
	});

	constructor() {
		const shapes = [new Telemetry(), new AddressBook(3), new Tree(3), new Wide()];
		for (const shape of shapes) {
			shape.write(1);
			this.#frames.push(shape.message.toBytes());
			this.#frames.push(inManySegments(shape.message));
		}
		// Bits, voids, capabilities, lists of lists: one word each.
		this.#frames.push(
			frame([0, 0x00040001, 9, 9, 13, 0x29, 9, 0x11, 0x11, 0x18, 3, 1, 0xf0f0, 0, 1, 0x12, 0x616263, 0]),
		);
	}

	get shapes(): number {
		return this.#frames.length;
	}

	/** The mutated frame. */
	make(seed: number): Uint8Array {
		const random = new Seeded(seed);
		const bytes = this.#frames[random.below(this.#frames.length)]!.slice();
		if (random.chance(8)) {
			mutateBytes(bytes, random);
			return bytes;
		}
		const view = new DataView(bytes.buffer);
		mutateWords(view, ((view.getUint32(0, true) + 3) >> 1) * 8, bytes.length, random);
		return bytes;
	}

	/** Does everything to the input. Throws where anything but a Fault happens. */
	run(seed: number): number {
		const bytes = this.make(seed);
		let message: Message;
		try {
			message = readMessage(bytes, LIMITS);
		} catch (error) {
			if (error instanceof Fault) return 0;
			throw error;
		}
		const walk = this.#walk;
		walk.message(message);
		if (seed % 4 === 0) this.#objects(bytes, walk);
		if (seed % 16 === 1) this.#streams(bytes, walk, new Seeded(seed));
		return walk.checksum;
	}

	#objects(bytes: Uint8Array, walk: Walk): void {
		const copy = this.#pool.take()!;
		const canonical = this.#pool.take()!;
		const whole = walk.attempt(() =>
			limited(() => copy.rootAny(new AnyBuilder()).copy(readMessage(bytes, LIMITS).rootAny(new AnyReader()))),
		);
		walk.attempt(() => copyWords(readMessage(bytes, LIMITS)));
		walk.attempt(() => describe(readMessage(bytes, LIMITS)));
		walk.attempt(() => isCanonical(readMessage(bytes, LIMITS)));
		const made = walk.attempt(() =>
			limited(() => canonicalize(readMessage(bytes, LIMITS).readRoot(new StructReader()), canonical)),
		);
		if (made && canonical.segmentCount === 1 && !isCanonical(canonical))
			throw new Error("what was made canonical is not");
		if (whole && copy.segmentCount === 1) this.#copied(bytes, copy, walk);
		canonical.release();
		copy.release();
	}

	/** A copy is well-formed and equal, and can be copied over itself piece by piece. */
	#copied(bytes: Uint8Array, copy: Message, walk: Walk): void {
		walk.attempt(() => {
			const one = readMessage(bytes, LIMITS).readRoot(new StructReader());
			if (!one.equals(copy.readRoot(new StructReader()))) throw new Error("a copy differs");
		});
		copy.rootAny(new AnyBuilder()).clear();
		const segment = copy.segmentAt(0);
		for (let at = segment.startByte; at < segment.endByte; at++)
			if (segment.bytes[at] !== 0) throw new Error("erasing left bytes");
	}

	/** Packed and unpacked in pieces, read as a stream. */
	#streams(bytes: Uint8Array, walk: Walk, random: Seeded): void {
		const packer = new Packer(512);
		const message = readMessage(bytes);
		packer.start(message);
		const packed = new Uint8Array(bytes.length * 2 + 64);
		let length = 0;
		while (!packer.done) length += packer.read(packed, length, 10 + random.below(40));
		const plain = this.#stream(packed.subarray(0, length), walk);
		if (plain === null) throw new Error("what was packed cannot be unpacked");
		// The padding of the segment table is not the message's.
		if (!equal(plain, message.toBytes())) throw new Error("unpacking gave other bytes");
		if (length > 0) mutateBytes(packed.subarray(0, length), random);
		this.#stream(packed.subarray(0, length), walk);
	}

	#stream(packed: Uint8Array, walk: Walk): Uint8Array | null {
		const reader = new FrameReader(this.#pool, 64);
		let plain: Uint8Array | null = null;
		walk.attempt(() => {
			if (reader.pull(new Unpacker(new BytesSource(packed), 32)) !== FrameState.READY) return;
			const message = reader.take();
			plain = message.toBytes();
			message.release();
		});
		reader.close();
		return plain;
	}
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

function inManySegments(message: Message): Uint8Array {
	const copy = new MessagePool({ segmentWords: 24 }).take()!;
	copy.rootAny(new AnyBuilder()).copy(message.rootAny(new AnyReader()));
	return copy.toBytes();
}

/** A copy that does not fit is no finding. */
function limited(action: () => void): void {
	try {
		action();
	} catch (error) {
		if (!(error instanceof Exhausted)) throw error;
		throw new Fault(0, error.message);
	}
}
