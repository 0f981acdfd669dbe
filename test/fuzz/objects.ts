import {
	AnyBuilder,
	AnyKind,
	AnyReader,
	canonicalize,
	editStruct,
	editStructList,
	Exhausted,
	Fault,
	FaultCode,
	Float64ListBuilder,
	FrameReader,
	FrameState,
	isCanonical,
	type Message,
	MessagePool,
	Orphan,
	Packer,
	Place,
	StructBuilder,
	StructListBuilder,
	StructListReader,
	StructReader,
	structsEqual,
	TextListBuilder,
	truncate,
	Uint8ListBuilder,
	Unpacker,
} from "vatlet/runtime";
import { measurePointer, Size } from "../../src/layout/measure.js";
import { type Features, sizeClass } from "./features.js";
import { Pieces } from "./pieces.js";

/** So many elements are set: as bytes they must differ. */
const SET_MAX = 64;
/** More than any copy: what is copied was charged. */
const COPY_WORDS = 1600;
const OBJECTS = 32;

/** What does things to whole objects, and what each says about the others. */
export class Objects {
	readonly #features: Features;
	readonly #single = new MessagePool({ segmentWords: COPY_WORDS, messages: 3, limits: { caps: 8 } });
	readonly #copies = new MessagePool({ segmentWords: COPY_WORDS, messages: 1, limits: { caps: 8 } });
	readonly #many = new MessagePool({ segmentWords: 12, messages: 1, segments: 40, limits: { caps: 8 } });
	readonly #received = new MessagePool({ segmentWords: COPY_WORDS, messages: 1, limits: { caps: 8 } });
	readonly #frames = new FrameReader(this.#received);
	readonly #packer = new Packer(512);
	readonly #packed = new Uint8Array(1 << 15);
	readonly #pieces = new Pieces();
	readonly #size = new Size();
	readonly #place = new Place();
	readonly #any = new AnyReader();
	readonly #anyBuilder = new AnyBuilder();
	readonly #orphan = new Orphan();
	readonly #one = new StructReader();
	readonly #two = new StructReader();
	readonly #builder = new StructBuilder();
	readonly #structs = new StructListBuilder();
	readonly #texts = new TextListBuilder();
	readonly #bytes = new Uint8ListBuilder();
	readonly #doubles = new Float64ListBuilder();
	readonly #structsRead = new StructListReader();

	constructor(features: Features) {
		this.#features = features;
	}

	/** The message keeps its capabilities; everything made of it is given back. Returns a checksum. */
	run(message: Message, salt: number): number {
		if (message.segmentAt(0).lengthWords < 1) return 0;
		const measured = this.#measure(message);
		const copy = ((salt & 1) !== 0 ? this.#many : this.#single).take()!;
		const canonical = this.#single.take()!;
		const copied = this.#copy(message, copy, measured);
		const made = this.#canonicalize(message, canonical);
		this.#features.add(OBJECTS, measured ? 1 : 0, copied ? 1 : 0, made ? 1 : 0);
		if (measured && this.#size.caps === 0 && this.#isStruct(message) && !made)
			throw new Error("what can be measured has no canonical form");
		if (made) this.#canonical(message, canonical);
		if (made && (salt & 24) === 24) this.#changed(canonical, salt >>> 6);
		let checksum = made ? sum(canonical) : this.#size.words;
		if (copied) checksum = (checksum * 31 + this.#copied(message, copy, made ? canonical : null, salt)) | 0;
		canonical.release();
		copy.release();
		return checksum;
	}

	/** Whether `action` went through. Faults and full pools are results. */
	#attempt(operation: number, error: unknown): false {
		if (error instanceof Fault) this.#features.add(OBJECTS, operation, error.code, 0);
		else if (error instanceof Exhausted) this.#features.add(OBJECTS, operation, 99, 0);
		else throw error;
		return false;
	}

	#measure(message: Message): boolean {
		message.arena.openForReading();
		this.#size.clear();
		try {
			measurePointer(message.rootPlace(), 0, this.#size, this.#place);
			return true;
		} catch (error) {
			return this.#attempt(2, error);
		}
	}

	#isStruct(message: Message): boolean {
		const kind = message.rootAny(this.#any).kind;
		return kind === AnyKind.NULL || kind === AnyKind.STRUCT;
	}

	#copy(message: Message, copy: Message, measured: boolean): boolean {
		message.arena.openForReading();
		try {
			copy.rootAny(this.#anyBuilder).copy(message.rootAny(this.#any));
		} catch (error) {
			this.#attempt(3, error);
			const excused = error instanceof Exhausted || (error as Fault).code === FaultCode.CAPABILITY;
			if (measured && !excused) throw new Error("what can be measured cannot be copied: " + String(error));
			return false;
		}
		if (!measured) throw new Error("what was copied cannot be measured");
		// Landing pads come on top, of a word or two for each object.
		const words = copy.sizeWords - 1;
		if (words < this.#size.words || (copy.segmentCount === 1 && words !== this.#size.words))
			throw new Error("a copy of " + words + " words, measured as " + this.#size.words);
		return true;
	}

	#canonicalize(message: Message, canonical: Message): boolean {
		message.arena.openForReading();
		try {
			canonicalize(message.readRoot(this.#one), canonical);
			return true;
		} catch (error) {
			return this.#attempt(4, error);
		}
	}

	#canonical(message: Message, canonical: Message): void {
		canonical.arena.openForReading();
		if (!isCanonical(canonical)) throw new Error("what was made canonical is not");
		this.#equal(message, canonical, "the canonical form differs");
		message.arena.openForReading();
		// A null root is canonical as a pointer, but becomes a struct when it is read as one.
		const absent = message.rootAny(this.#any).isNull();
		// That has taken from the budget, which a list of nothing may use up to the last word.
		message.arena.openForReading();
		if (isCanonical(message) && !absent && !sameBytes(message, canonical))
			throw new Error("two canonical forms of one value");
		this.#features.add(OBJECTS, 5, message.segmentCount === 1 ? 1 : 0, 0);
	}

	/** Values in canonical form are equal where their bytes are, so one bit makes them differ, or is not canonical. */
	#changed(canonical: Message, choice: number): void {
		const changed = this.#copies.take()!;
		changed.rootAny(this.#anyBuilder).copy(canonical.rootAny(this.#any));
		const segment = changed.segmentAt(0);
		const bit = choice % ((segment.endByte - segment.startByte) * 8);
		const at = segment.startByte + (bit >> 3);
		segment.bytes[at] = segment.bytes[at]! ^ (1 << (bit & 7));
		changed.arena.openForReading();
		canonical.arena.openForReading();
		try {
			if (isCanonical(changed) && structsEqual(changed.readRoot(this.#one), canonical.readRoot(this.#two)))
				throw new Error("two values with one bit between them are equal");
		} catch (error) {
			this.#attempt(7, error);
		}
		changed.release();
	}

	#equal(a: Message, b: Message, otherwise: string): void {
		a.arena.openForReading();
		b.arena.openForReading();
		if (!structsEqual(a.readRoot(this.#one), b.readRoot(this.#two))) throw new Error(otherwise);
	}

	/** The copy is equal, stays so when it is packed, sent, edited and made canonical, and leaves nothing when erased. */
	#copied(message: Message, copy: Message, canonical: Message | null, salt: number): number {
		const struct = this.#isStruct(copy);
		if (struct && this.#size.caps === 0) {
			this.#equal(message, copy, "a copy differs");
			if (canonical !== null) {
				const again = this.#single.take()!;
				canonicalize(copy.readRoot(this.#one), again);
				if (!sameBytes(again, canonical)) throw new Error("a copy has another canonical form");
				again.release();
			}
		}
		if ((salt & 6) === 2) this.#send(copy, salt);
		if ((salt & 6) === 4 && struct) this.#edit(message, copy, salt);
		const checksum = sum(copy);
		copy.rootAny(this.#anyBuilder).clear();
		for (let i = 0; i < copy.segmentCount; i++) {
			const segment = copy.segmentAt(i);
			for (let at = segment.startByte; at < segment.endByte; at++)
				if (segment.bytes[at] !== 0) throw new Error("erasing left bytes");
		}
		return checksum;
	}

	/** Packed, and received in pieces: the same segments. */
	#send(copy: Message, salt: number): void {
		this.#packer.start(copy);
		let length = 0;
		while (!this.#packer.done) length += this.#packer.read(this.#packed, length, 10 + ((salt >>> 3) & 63));
		const pieces = this.#pieces.start(this.#packed.subarray(0, length), salt);
		const unpacker = new Unpacker(pieces, 64);
		let state: FrameState = FrameState.WAITING;
		for (let turn = 0; state === FrameState.WAITING && turn < 2 * length + 8; turn++)
			state = this.#frames.pull(unpacker);
		if (state !== FrameState.READY) throw new Error("what was sent did not arrive");
		const received = this.#frames.take();
		if (!sameBytes(received, copy)) throw new Error("what arrived is not what was sent");
		received.release();
	}

	/** Fields more than there are, objects taken away and given back, lists cut: the value stays, or loses what was cut. */
	#edit(message: Message, copy: Message, salt: number): void {
		const plain = this.#size.caps === 0;
		try {
			const root = copy.rootAny(this.#anyBuilder);
			const at = root.readStruct(this.#one).at;
			const dataWords = at.dataBytes / 8;
			const pointerCount = at.pointerCount;
			if (dataWords + pointerCount === 0 || pointerCount > 1000 || dataWords > 1000) return;
			const builder = this.#builder;
			editStruct(root.at, 0, dataWords + ((salt >>> 3) & 1), pointerCount + ((salt >>> 4) & 1), builder.at);
			if (plain) this.#equal(message, copy, "a struct with more fields differs");
			if (pointerCount === 0) return;
			const index = (salt >>> 5) % pointerCount;
			const orphan = this.#orphan.disown(builder.at, index);
			if (!builder.absent(index)) throw new Error("a disowned pointer is still there");
			orphan.adoptInto(builder.at, index);
			if (plain) this.#equal(message, copy, "an object taken away and given back differs");
			const any = builder.anyFor(index, this.#anyBuilder);
			if (any.kind !== AnyKind.LIST) return;
			if ((salt & 0x2000) !== 0) this.#setNumbers(any, (salt & 0x200) !== 0 ? this.#bytes : this.#doubles);
			if ((salt & 0x8000) !== 0) this.#setTexts(any);
			if ((salt & 0x4000) !== 0) truncate(any.at, 0, (salt >>> 9) & 3);
			else this.#editList(any, salt);
		} catch (error) {
			// A copy nests less deep than its source may be read, and truncating beyond the end is refused.
			if (!(error instanceof Exhausted) && !(error instanceof RangeError)) throw error;
			this.#features.add(OBJECTS, 6, 0, 0);
		}
	}

	/** A list of structs with more fields than there are: as many elements. Bits and text refuse. */
	#editList(any: AnyBuilder, salt: number): void {
		try {
			const length = any.readList(this.#structsRead).length;
			const list = this.#structs;
			editStructList(any.at, 0, (salt >>> 9) & 3, (salt >>> 11) & 1, list.at);
			if (list.length !== length) throw new Error("a list was edited to another length");
			if (any.readList(this.#structsRead).length !== length) throw new Error("an edited list has another length");
			this.#features.add(OBJECTS, 8, sizeClass(length), (salt >>> 9) & 7);
		} catch (error) {
			this.#attempt(9, error);
		}
	}

	/** A list as texts: those that are set are there. */
	#setTexts(any: AnyBuilder): void {
		try {
			const list = any.editList(this.#texts);
			const length = list.length < SET_MAX ? list.length : SET_MAX;
			for (let i = 0; i < length; i++) list.set(i, "text " + i);
			for (let i = 0; i < length; i++)
				if (list.text(i) !== "text " + i) throw new Error("a text that was set is another");
			this.#features.add(OBJECTS, 12, sizeClass(list.length), 0);
		} catch (error) {
			this.#attempt(13, error);
		}
	}

	/** A list as numbers: what is set is there, and numbers that are not there stay zero. */
	#setNumbers(any: AnyBuilder, numbers: Uint8ListBuilder | Float64ListBuilder): void {
		try {
			const list = any.editList(numbers);
			const length = list.length < SET_MAX ? list.length : SET_MAX;
			for (let i = 0; i < length; i++) list.set(i, 0x55 + i);
			for (let i = 0; i < length; i++)
				if (list.get(i) !== 0x55 + i) throw new Error("a number that was set is another");
			if (any.at.segment.arena!.shared.zeroes.getFloat64(0, true) !== 0) throw new Error("absent numbers are not zero");
			this.#features.add(OBJECTS, 10, sizeClass(list.length), list.elementSize);
		} catch (error) {
			this.#attempt(11, error);
		}
	}
}

function sum(message: Message): number {
	let sum = 0;
	for (let i = 0; i < message.segmentCount; i++) {
		const { view, startByte, endByte } = message.segmentAt(i);
		for (let at = startByte; at < endByte; at += 4) sum = (Math.imul(sum, 31) + view.getInt32(at, true)) | 0;
	}
	return sum;
}

function sameBytes(a: Message, b: Message): boolean {
	if (a.segmentCount !== b.segmentCount) return false;
	for (let i = 0; i < a.segmentCount; i++) {
		const x = a.segmentAt(i);
		const y = b.segmentAt(i);
		const length = x.endByte - x.startByte;
		if (y.endByte - y.startByte !== length) return false;
		for (let at = 0; at < length; at++) if (x.bytes[x.startByte + at] !== y.bytes[y.startByte + at]) return false;
	}
	return true;
}
