import {
	DataBuilder,
	DataListBuilder,
	DataListReader,
	DataReader,
	MessagePool,
	StructListBuilder,
	StructListReader,
	TextReader,
	Uint16ListBuilder,
	Uint16ListReader,
} from "vatlet/runtime";
import * as schema from "./codec.capnp.js";

// Other shapes of messages: text, depth, bytes, width. Each writes into the same message again and reads it back.

export const PEOPLE = 20;
export const TREE_DEPTH = 7;
export const PART_BYTES = 4096;
export const PARTS = 16;

export class AddressBook {
	readonly #count: number;
	readonly message = new MessagePool({ segmentWords: 2048 }).take()!;
	readonly #book = new schema.AddressBookBuilder();
	readonly #people = new StructListBuilder<schema.PersonBuilder>();
	readonly #person = new schema.PersonBuilder();
	readonly #phones = new StructListBuilder<schema.PhoneBuilder>();
	readonly #phone = new schema.PhoneBuilder();
	readonly #bookReader = new schema.AddressBookReader();
	readonly #peopleReader = new StructListReader<schema.PersonReader>();
	readonly #personReader = new schema.PersonReader();
	readonly #phonesReader = new StructListReader<schema.PhoneReader>();
	readonly #phoneReader = new schema.PhoneReader();
	readonly #text = new TextReader();

	constructor(count = PEOPLE) {
		this.#count = count;
	}

	write(): void {
		const book = this.message.initRoot(
			this.#book,
			schema.AddressBookBuilder.dataWords,
			schema.AddressBookBuilder.pointerCount,
		);
		const people = book.initPeople(this.#count, this.#people);
		for (let i = 0; i < this.#count; i++) {
			const person = people.edit(i, this.#person);
			person.setId(i);
			person.setName("Alice Example");
			person.setEmail("alice@example.com");
			const phones = person.initPhones(2, this.#phones);
			for (let p = 0; p < 2; p++) {
				const phone = phones.edit(p, this.#phone);
				phone.setNumber("555-1212");
				phone.setType(p);
			}
		}
	}

	/** Looks at all text without making strings. */
	read(): number {
		this.message.arena.budgetWords = 1 << 29;
		let sum = 0;
		const people = this.message.readRoot(this.#bookReader).readPeople(this.#peopleReader);
		for (let i = 0; i < people.length; i++) {
			const person = people.read(i, this.#personReader);
			sum += person.getId() + person.readName(this.#text).lengthBytes + person.readEmail(this.#text).lengthBytes;
			const phones = person.readPhones(this.#phonesReader);
			for (let p = 0; p < phones.length; p++) {
				const phone = phones.read(p, this.#phoneReader);
				sum += phone.getType() + phone.readNumber(this.#text).lengthBytes;
			}
		}
		return sum;
	}
}

export class Tree {
	readonly message = new MessagePool({ segmentWords: 1024 }).take()!;
	readonly #builders: schema.TreeBuilder[] = [];
	readonly #readers: schema.TreeReader[] = [];

	readonly #depth: number;

	constructor(depth = TREE_DEPTH) {
		this.#depth = depth;
		for (let i = 0; i <= depth; i++) {
			this.#builders.push(new schema.TreeBuilder());
			this.#readers.push(new schema.TreeReader());
		}
	}

	write(): void {
		this.#fill(
			this.message.initRoot(this.#builders[0]!, schema.TreeBuilder.dataWords, schema.TreeBuilder.pointerCount),
			0,
		);
	}

	read(): number {
		this.message.arena.budgetWords = 1 << 29;
		return this.#sum(this.message.readRoot(this.#readers[0]!), 0);
	}

	#fill(node: schema.TreeBuilder, depth: number): void {
		node.setValue(depth);
		if (depth === this.#depth) return;
		const child = this.#builders[depth + 1]!;
		this.#fill(node.initLeft(child), depth + 1);
		this.#fill(node.initRight(child), depth + 1);
	}

	#sum(node: schema.TreeReader, depth: number): number {
		const value = node.getValue();
		if (depth === this.#depth) return value;
		const child = this.#readers[depth + 1]!;
		return value + this.#sum(node.readLeft(child), depth + 1) + this.#sum(node.readRight(child), depth + 1);
	}
}

export class Blobs {
	readonly message = new MessagePool({ segmentWords: 16384 }).take()!;
	readonly #part = new Uint8Array(PART_BYTES).fill(0x5a);
	readonly #blobs = new schema.BlobsBuilder();
	readonly #parts = new DataListBuilder();
	readonly #data = new DataBuilder();
	readonly #blobsReader = new schema.BlobsReader();
	readonly #partsReader = new DataListReader();
	readonly #dataReader = new DataReader();

	write(): void {
		const blobs = this.message.initRoot(this.#blobs, schema.BlobsBuilder.dataWords, schema.BlobsBuilder.pointerCount);
		const parts = blobs.initParts(PARTS, this.#parts);
		for (let i = 0; i < PARTS; i++) parts.init(i, PART_BYTES, this.#data).copyFrom(0, this.#part, 0, PART_BYTES);
	}

	/** Takes every part's length and two of its bytes: they are used where they are. */
	read(): number {
		this.message.arena.budgetWords = 1 << 29;
		const parts = this.message.readRoot(this.#blobsReader).readParts(this.#partsReader);
		let sum = 0;
		for (let i = 0; i < parts.length; i++) {
			const data = parts.read(i, this.#dataReader);
			sum += data.length + data.get(0) + data.get(PART_BYTES - 1);
		}
		return sum;
	}
}

export class Wide {
	readonly message = new MessagePool({ segmentWords: 128 }).take()!;
	readonly #builder = new schema.WideBuilder();
	readonly #list = new Uint16ListBuilder();
	readonly #reader = new schema.WideReader();
	readonly #listReader = new Uint16ListReader();
	readonly #text = new TextReader();

	write(): void {
		const wide = this.message.initRoot(this.#builder, schema.WideBuilder.dataWords, schema.WideBuilder.pointerCount);
		wide.setA0(-5);
		wide.setA1(1);
		wide.setA2(2);
		wide.setA3(3);
		wide.setA4(true);
		wide.setA5(5.5);
		wide.setA6(6.5);
		wide.setA7(-7);
		wide.setA8(-8);
		wide.setA9(-9);
		wide.setB0(10);
		wide.setB1(11.5);
		wide.setB2(false);
		wide.setB3(13);
		wide.setB4(14);
		wide.setB5(15);
		wide.setB6(16);
		wide.setB7(17);
		wide.setB8(18);
		wide.setB9(19);
		wide.setC0("wide");
		const list = wide.initC1(4, this.#list);
		for (let i = 0; i < 4; i++) list.set(i, i);
	}

	/** The sum is whole, so that no engine makes an object of it. */
	read(): number {
		this.message.arena.budgetWords = 1 << 29;
		const wide = this.message.readRoot(this.#reader);
		let sum = wide.getA0() + wide.getA1() + wide.getA2() + wide.getA3() + wide.getA5() + wide.getA6() + wide.getA7();
		sum += wide.getA8() + wide.getA9() + wide.getB0() + wide.getB1() + wide.getB3() + wide.getB4() + wide.getB5();
		sum += wide.getB6() + wide.getB7() + wide.getB8() + wide.getB9() + wide.readC0(this.#text).lengthBytes;
		if (wide.getA4()) sum++;
		if (wide.getB2()) sum++;
		const list = wide.readC1(this.#listReader);
		for (let i = 0; i < list.length; i++) sum += list.get(i);
		return sum | 0;
	}
}
