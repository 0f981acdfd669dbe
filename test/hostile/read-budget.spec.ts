import {
	AnyBuilder,
	AnyReader,
	DataReader,
	FaultCode,
	MessagePool,
	StructListReader,
	StructReader,
	TextReader,
	Uint8ListReader,
} from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { listPointer, message, structPointer } from "../support/words.js";

const WORDS = 100;

/** A root with one pointer to `words` words. */
function pointing(pointer: number[], words: number): StructReader {
	const content = Array.from({ length: words * 2 }, () => 0);
	// The root is charged first.
	return message([[...structPointer(0, 0, 1), ...pointer, ...content]], { traversalWords: WORDS + 1 }).readRoot(
		new StructReader(),
	);
}

function times(read: () => unknown): number {
	let count = 0;
	expectFault(FaultCode.TRAVERSAL, () => {
		for (; count < 1000; count++) read();
	});
	return count;
}

describe("The read budget", () => {
	it("is charged with the size of the target, however it is read", () => {
		const struct = pointing(structPointer(0, 10, 0), 10);
		expect(times(() => struct.structAt(0, new StructReader()))).toBe(10);
		const bytes = pointing(listPointer(0, 2, 80), 10);
		expect(times(() => bytes.listAt(0, new Uint8ListReader()))).toBe(10);
		const structs = pointing(listPointer(0, 7, 0), 1);
		expect(times(() => structs.listAt(0, new StructListReader()))).toBe(100);
		const text = pointing(listPointer(0, 2, 79), 10);
		expect(times(() => text.textAt(0, new TextReader()))).toBe(10);
		expect(times(() => text.text(0))).toBe(0);
	});

	it("is charged with a word for what has none", () => {
		const empty = pointing(structPointer(-1, 0, 0), 0);
		expect(times(() => empty.structAt(0, new StructReader()))).toBe(WORDS);
		const nothing = pointing(listPointer(0, 2, 0), 0);
		expect(times(() => nothing.dataAt(0, new DataReader()))).toBe(WORDS);
	});

	it("is not charged with null pointers or fields", () => {
		const reader = pointing([0, 0], 0);
		for (let i = 0; i < 1000; i++) {
			reader.structAt(0, new StructReader());
			reader.text(0);
		}
		expect(reader.absent(0)).toBeTrue();
	});

	it("of one message is not that of another", () => {
		const used = pointing(structPointer(0, 10, 0), 10);
		times(() => used.structAt(0, new StructReader()));
		expect(
			pointing(structPointer(0, 100, 0), 100)
				.structAt(0, new StructReader())
				.uint8(0),
		).toBe(0);
	});

	it("bounds what a copy takes, and the copy that failed is given back", () => {
		const pool = new MessagePool({ segmentWords: 64, wordsMax: 4096 });
		const target = pool.take()!;
		// Ten pointers to the same fifty words.
		const pointers = Array.from({ length: 10 }, (_, i) => listPointer(9 - i, 2, 400)).flat();
		const source = message([[...structPointer(0, 0, 10), ...pointers, ...Array.from({ length: 100 }, () => 7)]], {
			traversalWords: 220,
		});
		expectFault(FaultCode.TRAVERSAL, () => target.rootAny(new AnyBuilder()).copy(source.rootAny(new AnyReader())));
		expect(target.sizeWords).toBeLessThan(240);
		target.release();
		expect(pool.used).toBe(0);
	});
});
