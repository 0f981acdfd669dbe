import { AnyBuilder, AnyReader, type Message, MessagePool } from "vatlet/runtime";
import { Telemetry } from "../bench/codec-cases.js";
import { AddressBook, Tree, Wide } from "../bench/codec-messages.js";
import { Packing } from "../../src/wire/packed.js";
import { frame } from "../support/words.js";
import { Seeded } from "../support/seeded.js";
import type { Case } from "./case.js";
import { Corpus, type Entry } from "./corpus.js";
import { Draft, findSites } from "./draft.js";
import { mutateBytes, mutateDraft } from "./mutate.js";
import { Trial } from "./trial.js";

/** Words of an input at most: small ones run fast and hide little. */
const WORDS_MAX = 120;
const BYTES_MAX = WORDS_MAX * 8 + 256;

/** Nearly valid frames, one after another, mutated from those that showed something new. The same seed gives the same ones. */
export class Fuzzer {
	readonly corpus = new Corpus();
	readonly trial = new Trial();
	/** The input of the last step. */
	readonly input: Case;
	readonly #random: Seeded;
	readonly #draft = new Draft(WORDS_MAX);
	readonly #bytes = new Uint8Array(BYTES_MAX);
	readonly #frame = new Uint8Array(BYTES_MAX);
	readonly #packing = new Packing();
	readonly #shapes: Entry[];
	readonly #views: Uint8Array[] = [];

	constructor(seed: number) {
		this.#random = new Seeded(seed);
		this.input = { salt: 0, packed: false, bytes: this.#bytes };
		this.#shapes = shapes().map((bytes) => ({ bytes, packed: false, owned: 0, sites: null }));
		for (let i = 0; i <= BYTES_MAX; i++) this.#views.push(this.#bytes.subarray(0, i));
	}

	/** Makes the next input, runs it and keeps it where it showed something new. Throws what was found. */
	step(): number {
		const random = this.#random;
		const entries = this.corpus.entries;
		const entry =
			entries.length === 0 || random.chance(64)
				? this.#shapes[random.below(this.#shapes.length)]!
				: entries[random.below(entries.length)]!;
		this.#make(entry, random);
		const checksum = this.trial.run(this.input);
		this.corpus.consider(this.input.bytes, this.input.packed, this.trial.features);
		return checksum;
	}

	#make(entry: Entry, random: Seeded): void {
		const input = this.input;
		const draft = this.#draft;
		input.salt = random.next();
		input.packed = entry.packed;
		let length = entry.bytes.length;
		if (!entry.packed && !random.chance(24) && draft.load(entry.bytes)) {
			entry.sites ??= findSites(draft);
			mutateDraft(draft, entry.sites, random);
			length = draft.store(this.#bytes);
			if (random.chance(12)) {
				this.#frame.set(this.#views[length]!);
				this.#packing.pack(this.#frame, 0, length, this.#bytes, 0, BYTES_MAX);
				length = this.#packing.targetOffset;
				input.packed = true;
				if (random.chance(2)) length = mutateBytes(this.#bytes, length, random);
			}
		} else {
			this.#bytes.set(entry.bytes);
			length = mutateBytes(this.#bytes, length, random);
		}
		input.bytes = this.#views[length]!;
	}
}

function shapes(): Uint8Array[] {
	const found: Uint8Array[] = [];
	for (const shape of [new Telemetry(), new AddressBook(1), new Tree(2), new Wide()]) {
		shape.write(1);
		found.push(shape.message.toBytes(), inManySegments(shape.message));
	}
	// Bits, voids, capabilities, lists of lists: one word each.
	found.push(frame([0, 0x00040001, 9, 9, 13, 0x29, 9, 0x11, 0x11, 0x18, 3, 1, 0xf0f0, 0, 1, 0x12, 0x616263, 0]));
	found.push(frame([0, 0x00010000, 0, 0]));
	return found.filter((bytes) => bytes.length <= WORDS_MAX * 8);
}

function inManySegments(message: Message): Uint8Array {
	const copy = new MessagePool({ segmentWords: 24 }).take()!;
	copy.rootAny(new AnyBuilder()).copy(message.rootAny(new AnyReader()));
	return copy.toBytes();
}
