import {
	AnyBuilder,
	AnyReader,
	canonicalize,
	copyWords,
	describe as describeMessage,
	FaultCode,
	isCanonical,
	MessagePool,
	Orphan,
	StructBuilder,
	StructListBuilder,
	StructListReader,
	StructReader,
	structsEqual,
	editStruct,
} from "vatlet/runtime";
import type { Segment } from "../../src/arena/segment.js";
import type { Message } from "../../src/message/message.js";
import { expectFault } from "../support/faults.js";
import { capPointer, farPointer, listPointer, message, structPointer } from "../support/words.js";

describe("Segments and whole objects", () => {
	it("behind the first one are lent: a pool has as many as its messages need at the same time, not each message its own", () => {
		const pool = new MessagePool({ segmentWords: 4, messages: 5, segments: 16, wordsMax: 64 });
		pool.seal();
		const held: Message[] = [];
		const seen = new Set<Segment>();
		for (let round = 0; round < 5; round++) {
			const built = pool.take()!;
			const root = built.initRoot(new StructBuilder(), 1, 2);
			for (let i = 0; i < 2; i++) root.putText(i, `text ${i} of round ${round}`);
			expect(built.segmentCount).toBe(3);
			for (let i = 1; i < 3; i++) {
				const segment = built.segmentAt(i);
				expect([segment.id, segment.arena]).toEqual([i, built.arena]);
				seen.add(segment);
			}
			expect(built.readRoot(new StructReader()).text(1)).toBe(`text 1 of round ${round}`);
			built.release();
			// It stays out, without them, so that the next round has another message.
			held.push(pool.take()!);
			expect(held.at(-1)).toBe(built);
		}
		expect(seen.size).toBe(2);
		for (const message of held) message.release();
		expect(pool.used).toBe(0);
	});

	it("that are lent to several messages at the same time are theirs until each is done", () => {
		const pool = new MessagePool({ segmentWords: 4, messages: 4, segments: 12, wordsMax: 48 });
		pool.seal();
		const fill = (text: string): Message => {
			const built = pool.take()!;
			const root = built.initRoot(new StructBuilder(), 1, 2);
			for (let i = 0; i < 2; i++) root.putText(i, `${text} and number ${i}`);
			return built;
		};
		const texts = ["first", "second", "third", "fourth"];
		const messages = texts.map(fill);
		expect(new Set(messages.flatMap((built) => [1, 2].map((i) => built.segmentAt(i)))).size).toBe(8);
		messages[1]!.release();
		messages[1] = fill("fifth");
		const read = messages.map((built) => built.readRoot(new StructReader()).text(1));
		expect(read).toEqual(["first", "fifth", "third", "fourth"].map((text) => `${text} and number 1`));
		for (const built of messages) built.release();
		expect(pool.blocks.free).toBe(12);
	});

	it("chain when a message outgrows its block", () => {
		const pool = new MessagePool({ segmentWords: 4 });
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 1, 2);
		root.putText(0, "longer than one small block of four words");
		const list = root.newStructList(1, 3, 1, 1, new StructListBuilder());
		for (let i = 0; i < 3; i++) list.edit(i, new StructBuilder()).putText(0, "element " + i);
		expect(built.segmentCount).toBeGreaterThan(3);
		const reader = built.readRoot(new StructReader());
		expect(reader.text(0)).toBe("longer than one small block of four words");
		const items = reader.listAt(1, new StructListReader());
		expect([0, 1, 2].map((i) => items.read(i, new StructReader()).text(0))).toEqual([
			"element 0",
			"element 1",
			"element 2",
		]);
		built.release();
		expect(pool.used).toBe(0);
	});

	it("follow far and double-far pointers", () => {
		const far = message([farPointer(1, 1), [9, 9, ...structPointer(0, 1, 0), 42, 0]]);
		expect(far.readRoot(new StructReader()).uint32(0)).toBe(42);
		const double = message([farPointer(1, 0, true), [...farPointer(2, 1), ...structPointer(0, 1, 0)], [9, 9, 43, 0]]);
		expect(double.readRoot(new StructReader()).uint32(0)).toBe(43);
		const list = message([
			farPointer(1, 0, true),
			[...farPointer(2, 1), ...listPointer(0, 7, 2)],
			[9, 9, ...structPointer(2, 1, 0), 1, 0, 2, 0],
		]);
		expect(list.rootAny(new AnyReader()).readList(new StructListReader()).read(1, new StructReader()).uint32(0)).toBe(
			2,
		);
	});

	it("fault on far pointers to nowhere, with the place", () => {
		expectFault(FaultCode.FAR, () => message([farPointer(7, 0)]).readRoot(new StructReader()));
		const fault = expectFault(FaultCode.FAR, () =>
			message([
				[...structPointer(0, 0, 1), ...farPointer(1, 5)],
				[0, 0],
			])
				.readRoot(new StructReader())
				.text(0),
		);
		expect([fault.segment, fault.word]).toEqual([0, 1]);
		expectFault(FaultCode.FAR, () => message([farPointer(1, 0), farPointer(0, 0)]).readRoot(new StructReader()));
		expectFault(FaultCode.FAR, () =>
			message([farPointer(1, 0, true), [...structPointer(0, 0, 0), 0, 0]]).readRoot(new StructReader()),
		);
	});

	it("move orphans between pointers of a message, across segments", () => {
		const built = new MessagePool({ segmentWords: 6 }).take()!;
		const root = built.initRoot(new StructBuilder(), 0, 3);
		const orphan = built.orphan(new Orphan());
		orphan.initStruct(1, 1, new StructBuilder()).putText(0, "wanderer");
		root.putText(1, "filler that takes a segment of its own");
		root.adopt(0, orphan);
		expect(orphan.isNull()).toBe(true);
		root.disown(0, orphan);
		expect(root.absent(0)).toBe(true);
		root.adopt(2, orphan);
		expect(built.readRoot(new StructReader()).structAt(2, new StructReader()).text(0)).toBe("wanderer");
		built.release();
	});

	it("refuse to adopt into another message", () => {
		const pool = new MessagePool({ segmentWords: 32 });
		const orphan = pool.take()!.orphan(new Orphan());
		const root = pool.take()!.initRoot(new StructBuilder(), 0, 1);
		expect(() => root.adopt(0, orphan)).toThrowError(/own message/);
	});

	it("measure, copy, compare and make canonical", () => {
		const pool = new MessagePool({ segmentWords: 64 });
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 3, 3);
		root.putUint32(0, 1);
		root.newStruct(0, 2, 2, new StructBuilder()).putText(1, "inner");
		expect(isCanonical(built)).toBe(false);
		const copy = pool.take()!;
		copy.rootAny(new AnyBuilder()).copy(built.rootAny(new AnyReader()));
		expect(copy.sizeWords).toBe(copyWords(built));
		const one = built.readRoot(new StructReader());
		const two = copy.readRoot(new StructReader());
		expect(structsEqual(one, two)).toBe(true);
		const canonical = pool.take()!;
		canonicalize(one, canonical);
		expect(isCanonical(canonical)).toBe(true);
		expect(canonical.sizeWords).toBe(1 + (1 + 1) + (0 + 2) + 1);
		expect(structsEqual(canonical.readRoot(new StructReader()), one)).toBe(true);
		const edited = new StructBuilder();
		editStruct(copy.rootAny(new AnyBuilder()).at, 0, 3, 3, edited.at);
		edited.putUint32(0, 2);
		expect(structsEqual(copy.readRoot(two), one)).toBe(false);
	});

	it("are described for people", () => {
		const pool = new MessagePool();
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 1, 2);
		root.putUint16(0, 258);
		root.putText(0, "name");
		root.putData(1, new Uint8Array([1, 2]));
		expect(describeMessage(built)).toBe('(0x102, "name", 2 bytes: 01 02)');
		expect(describeMessage(message([capPointer(4)]))).toBe("cap 4");
		built.release();
	});
});
