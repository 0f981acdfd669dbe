import {
	AnyKind,
	AnyListReader,
	type AnyReader,
	AnyReader as Any,
	BoolListReader,
	DataReader,
	Fault,
	Float64ListReader,
	type Message,
	StructListReader,
	StructReader,
	TextReader,
	Uint16ListReader,
	Uint32ListReader,
	Uint8ListReader,
	VoidListReader,
} from "vatlet/runtime";

// Reads a message in every way that its words allow, as programs with any schema would: all list types over all lists,
// text and data over all bytes, structs with more fields than there are.

/** Steps that one input may take: what the read budget cannot know is how often the same element is looked at. */
const STEPS_MAX = 150;

export class Walk {
	steps = 0;
	readonly #text = new TextReader();
	readonly #data = new DataReader();
	readonly #voids = new VoidListReader();
	readonly #bytes = new Uint8ListReader();
	readonly #shorts = new Uint16ListReader();
	readonly #words = new Uint32ListReader();
	readonly #doubles = new Float64ListReader();
	readonly #bits = new BoolListReader();
	#checksum = 0;

	/** Faults are results. Anything else that is thrown is a finding. */
	attempt(action: () => unknown): boolean {
		try {
			action();
			return true;
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
	}

	/** What was read, so that two implementations can be compared. */
	get checksum(): number {
		return this.#checksum;
	}

	message(message: Message): void {
		this.steps = this.#checksum = 0;
		this.attempt(() => this.pointer(message.rootAny(new Any())));
	}

	pointer(any: AnyReader): void {
		if (++this.steps > STEPS_MAX) return;
		const kind = any.kind;
		this.#add(kind);
		// Every use of every kind: wrong ones must fault.
		if (kind === AnyKind.STRUCT || this.steps % 16 === 0)
			this.attempt(() => this.struct(any.readStruct(new StructReader())));
		if (kind === AnyKind.LIST || this.steps % 16 === 1) this.lists(any);
		if (kind === AnyKind.CAPABILITY || this.steps % 16 === 2) this.attempt(() => any.hook());
	}

	struct(reader: StructReader): void {
		const dataBytes = reader.at.dataBytes;
		this.#add(dataBytes);
		for (let offset = 0; offset <= dataBytes && offset < 64; offset += 8) {
			this.#add(reader.uint32(offset) + reader.uint8(offset + 7) + reader.uint16(offset + 2));
			this.#add(reader.bool(offset * 8 + 5) ? 1 : 0);
			if (Number.isNaN(reader.float64(offset)) || Number.isNaN(reader.float32(offset + 4))) this.#add(2);
			reader.bigUint64(offset);
		}
		const any = new Any();
		const count = reader.at.pointerCount;
		for (let i = 0; i <= count && this.steps < STEPS_MAX; i++) this.attempt(() => this.pointer(reader.anyAt(i, any)));
	}

	lists(any: AnyReader): void {
		this.attempt(() => this.#add(any.readText(this.#text).toString().length));
		this.attempt(() => this.#add(any.readData(this.#data).toBytes().length));
		this.attempt(() => this.#add(any.readList(this.#voids).length));
		this.attempt(() => this.#numbers(any.readList(this.#bytes)));
		this.attempt(() => this.#numbers(any.readList(this.#shorts)));
		this.attempt(() => this.#numbers(any.readList(this.#words)));
		this.attempt(() => {
			const list = any.readList(this.#doubles);
			if (list.length > 0) list.get(list.length - 1);
		});
		this.attempt(() => {
			const list = any.readList(this.#bits);
			if (list.length > 0) this.#add(list.get(list.length - 1) ? 1 : 0);
		});
		this.attempt(() => {
			const list = any.readList(new StructListReader());
			const reader = new StructReader();
			for (let i = 0; i < list.length && i < 8; i++) this.struct(list.read(i, reader));
			if (list.length > 8) this.struct(list.read(list.length - 1, reader));
		});
		this.attempt(() => {
			const list = any.readList(new AnyListReader());
			const element = new Any();
			for (let i = 0; i < list.length && i < 8; i++) this.attempt(() => this.pointer(list.read(i, element)));
		});
	}

	#numbers(list: Uint8ListReader | Uint16ListReader | Uint32ListReader): void {
		const length = list.length;
		this.#add(length);
		if (length > 0) this.#add(list.get(0) + list.get(length - 1));
	}

	#add(value: number): void {
		this.#checksum = (Math.imul(this.#checksum, 31) + value) | 0;
	}
}
