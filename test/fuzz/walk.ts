import {
	AnyListReader,
	AnyReader,
	BoolListReader,
	DataReader,
	Fault,
	Float64ListReader,
	type ListReader,
	type Message,
	Place,
	StructListReader,
	StructReader,
	TextReader,
	Uint16ListReader,
	Uint32ListReader,
	Uint64ListReader,
	Uint8ListReader,
	VoidListReader,
} from "vatlet/runtime";
import { DEPTH_MAX } from "../../src/base/limits.js";
import { locate } from "../../src/layout/follow.js";
import { BIT, BYTE, COMPOSITE, POINTER } from "../../src/wire/element.js";
import { Features, sizeClass } from "./features.js";

// Reads a message in every way that its words allow, as programs with any schema would: each list as what it is and as
// something else, text and data over bytes, structs with more fields than there are.

/** Pointers looked at in one input: what the read budget cannot know is how often the same element is looked at. */
const STEPS_MAX = 120;
const ELEMENTS_MAX = 6;

/** Families of features. */
const POINTERS = 1;
const SIZES = 2;
const FAULTS = 3;

/** Views of one level of nesting. */
class Level {
	readonly any = new AnyReader();
	readonly struct = new StructReader();
	readonly structs = new StructListReader();
	readonly pointers = new AnyListReader();
	readonly element = new AnyReader();
}

export class Walk {
	readonly features: Features;
	steps = 0;
	/** What was read, so that two implementations and two copies can be compared. */
	checksum = 0;
	#salt = 0;
	readonly #wordsMax: number;
	readonly #levels: Level[] = [];
	readonly #target = new Place();
	readonly #text = new TextReader();
	readonly #data = new DataReader();
	readonly #lists = [
		new VoidListReader(),
		new BoolListReader(),
		new Uint8ListReader(),
		new Uint16ListReader(),
		new Uint32ListReader(),
		new Uint64ListReader(),
		new Float64ListReader(),
	] as const;
	/** For readings that are not followed further. */
	readonly #others: ListReader[] = [new StructListReader(), new AnyListReader()];
	readonly #root = new AnyReader();

	/** `wordsMax`: the read budget of the messages. */
	constructor(features: Features, wordsMax: number) {
		this.features = features;
		this.#wordsMax = wordsMax;
		for (let i = 0; i < STEPS_MAX + 2; i++) this.#levels.push(new Level());
	}

	/** Reads the message; `salt` chooses what is read wrongly. */
	message(message: Message, salt: number): number {
		this.steps = this.checksum = 0;
		this.#salt = salt;
		try {
			this.pointer(message.rootAny(this.#root), 0);
		} catch (error) {
			this.fault(error, 0, 0);
		}
		this.#add(message.arena.budgetWords);
		return this.checksum;
	}

	/** Faults are results: what and where counts. Anything else that is thrown is a finding. */
	fault(error: unknown, operation: number, code: number): void {
		if (!(error instanceof Fault)) throw error;
		if (error.segment < 0 || error.word < 0) throw new Error("a Fault that says not where: " + error.message);
		this.features.add(FAULTS, operation, error.code, code);
		this.#add(error.code + error.segment * 16 + error.word * 1024);
	}

	pointer(any: AnyReader, level: number): void {
		if (++this.steps > STEPS_MAX) return;
		if (level > DEPTH_MAX) throw new Error("a pointer below the depth limit was followed");
		const target = this.#target;
		try {
			if (!locate(any.at, 0, target)) return this.#add(3);
		} catch (error) {
			return this.fault(error, 1, level > 8 ? 8 : level);
		}
		const low = target.step;
		const high = target.length;
		const kind = low & 3;
		const far = target.segment === any.at.segment ? 0 : 8;
		const code = kind === 1 ? high & 7 : 0;
		this.features.add(POINTERS, kind + far, code, level > 8 ? 8 : level);
		const wrong = (this.steps + this.#salt) % 23;
		if (kind === 0 || wrong === 0) this.#struct(any, level);
		if (kind === 1 || wrong === 1) this.#list(any, code, level);
		if (kind > 1 || wrong === 2) this.#capability(any, low);
		if (kind === 1 || wrong === 3) this.#otherwise(any, code, wrong);
	}

	#struct(any: AnyReader, level: number): void {
		const reader = this.#levels[level]!.struct;
		try {
			any.readStruct(reader);
		} catch (error) {
			return this.fault(error, 2, 0);
		}
		this.struct(reader, level);
	}

	struct(reader: StructReader, level: number): void {
		const dataBytes = reader.at.dataBytes;
		const count = reader.at.pointerCount;
		this.features.add(SIZES, 8, sizeClass(dataBytes), sizeClass(count));
		for (let offset = 0; offset <= dataBytes && offset < 40; offset += 8) {
			this.#add(reader.uint32(offset) + reader.uint8(offset + 7) + reader.int16(offset + 2));
			this.#add(reader.bool(offset * 8 + 5) ? reader.uint64High(offset) : reader.int8(offset + 3));
			if (reader.float64(offset) === 0 || reader.float32(offset + 4) === 0) this.#add(2);
		}
		const any = this.#levels[level]!.any;
		const pointers = count < 24 ? count : 24;
		for (let i = 0; i <= pointers && this.steps < STEPS_MAX; i++) this.pointer(reader.anyAt(i, any), level + 1);
	}

	/** As what the pointer says it is. */
	#list(any: AnyReader, code: number, level: number): void {
		try {
			if (code === COMPOSITE) return this.#structs(any.readList(this.#levels[level]!.structs), level);
			if (code === POINTER) return this.#pointers(any.readList(this.#levels[level]!.pointers), level);
			if (code === BYTE) this.#bytes(any);
			this.#values(any, code);
		} catch (error) {
			this.fault(error, 3, code);
		}
	}

	#structs(list: StructListReader, level: number): void {
		const length = list.length;
		this.features.add(SIZES, COMPOSITE, sizeClass(length), sizeClass(list.at.step >> 3));
		const reader = this.#levels[level]!.struct;
		this.#length(list);
		for (let i = 0; i < length && i < ELEMENTS_MAX; i++) this.struct(list.read(i, reader), level);
		if (length > ELEMENTS_MAX) this.struct(list.read(length - 1, reader), level);
	}

	#pointers(list: AnyListReader, level: number): void {
		const length = list.length;
		const element = this.#levels[level]!.element;
		this.#add(length);
		for (let i = 0; i < length && i < ELEMENTS_MAX; i++) this.pointer(list.read(i, element), level + 1);
		if (length > ELEMENTS_MAX) this.pointer(list.read(length - 1, element), level + 1);
	}

	#bytes(any: AnyReader): void {
		const data = any.readData(this.#data);
		const length = data.length;
		this.#add(length);
		if (length > 0) this.#add(data.get(0) * 256 + data.get(length - 1));
		if ((this.#salt & 3) === 0 && length > 0 && !data.equalsBytes(data.toBytes())) throw new Error("data changes");
		const text = any.readText(this.#text);
		this.#add(text.lengthBytes);
		if ((this.#salt & 3) !== 1) return;
		// Malformed text reads with replacements, which are other bytes.
		if (text.equalsString(text.toString())) this.#add(text.byteAt(0));
	}

	/** As one kind of numbers, which need not be the one that it is. */
	#values(any: AnyReader, code: number): void {
		const lists = this.#lists;
		if (code === 0) return this.#length(any.readList(lists[0]));
		if (code === BIT) {
			const bits = any.readList(lists[1]);
			const length = bits.length;
			this.#add(length);
			if (length > 0) this.#add((bits.get(0) ? 1 : 0) + (bits.get(length - 1) ? 2 : 0));
			return;
		}
		const list = any.readList(lists[code as 2 | 3 | 4]);
		const length = list.length;
		this.features.add(SIZES, code, sizeClass(length), 0);
		this.#add(length);
		if (code < 5) {
			if (length > 0) this.#add(list.get(0) + list.get(length - 1));
		} else if (length > 0) {
			const words = lists[5];
			this.#add(words.low(0) + words.high(length - 1));
		}
	}

	/** No element is free; bits, which have no step either, are 64 to the word. */
	#length(list: ListReader): void {
		const { length, step } = list.at;
		if (step === 0 && length > this.#wordsMax * 64) throw new Error("a list of " + length + " elements was free");
		this.#add(length);
	}

	/** As another list than it is. */
	#otherwise(any: AnyReader, code: number, wrong: number): void {
		const other = (wrong + this.steps) % 9;
		try {
			if (other === 6) this.#bytes(any);
			else if (other < 6) {
				if (other !== code) this.#values(any, other);
			} else {
				const list = any.readList(this.#others[other - 7]!);
				this.#add(list.length);
				this.features.add(SIZES, 16 + other, code, sizeClass(list.length));
			}
		} catch (error) {
			this.fault(error, 8 + other, code);
		}
	}

	#capability(any: AnyReader, low: number): void {
		try {
			this.#add(any.hook() === null ? 5 : 6);
		} catch (error) {
			this.fault(error, 4, low === 3 ? 1 : low & 3);
		}
		if (low === 3) this.#add(any.kind);
	}

	#add(value: number): void {
		this.checksum = (Math.imul(this.checksum, 31) + value) | 0;
	}
}
