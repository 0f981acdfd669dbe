import {
	BoolListBuilder,
	BoolListReader,
	DataBuilder,
	DataReader,
	FaultCode,
	Float64ListBuilder,
	Float64ListReader,
	Int64ListBuilder,
	Int64ListReader,
	ListListBuilder,
	ListListReader,
	MessagePool,
	readMessage,
	StructBuilder,
	StructListBuilder,
	StructListReader,
	StructReader,
	TextListBuilder,
	TextListReader,
	editStructList,
	truncate,
	truncateText,
	Uint16ListReader,
	Uint32ListReader,
	Uint8ListReader,
	VoidListBuilder,
	VoidListReader,
} from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { listPointer, message, NULL, structPointer } from "../support/words.js";

describe("Lists", () => {
	const pool = new MessagePool({ segmentWords: 128 });

	it("read back every kind", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 6);
		const bits = root.newList(0, 11, new BoolListBuilder());
		bits.set(0, true);
		bits.set(9, true);
		bits.set(9, false);
		bits.set(10, true);
		const longs = root.newList(1, 2, new Int64ListBuilder());
		longs.set(0, -1);
		longs.setHalves(1, 7, 1);
		root.newList(2, 1000, new VoidListBuilder());
		const texts = root.newList(3, 3, new TextListBuilder());
		texts.set(0, "eins");
		texts.set(2, "drei");
		const outer = root.newList(4, 2, new ListListBuilder());
		outer.init(1, 2, new Float64ListBuilder()).set(1, 2.5);
		const structs = root.newStructList(5, 2, 1, 1, new StructListBuilder());
		structs.edit(1, new StructBuilder()).putText(0, "zwei");

		const reader = built.readRoot(new StructReader());
		const flags = reader.listAt(0, new BoolListReader());
		expect(flags.length).toBe(11);
		expect([0, 1, 9, 10].map((i) => flags.get(i))).toEqual([true, false, false, true]);
		const numbers = reader.listAt(1, new Int64ListReader());
		expect([numbers.get(0), numbers.get(1)]).toEqual([-1, 4294967303]);
		expect(numbers.high(0)).toBe(-1);
		expect(reader.listAt(2, new VoidListReader()).length).toBe(1000);
		const words = reader.listAt(3, new TextListReader());
		expect([words.text(0), words.text(1), words.text(2)]).toEqual(["eins", "", "drei"]);
		expect(words.isNull(1)).toBe(true);
		const lists = reader.listAt(4, new ListListReader());
		expect(lists.read(0, new Float64ListReader()).length).toBe(0);
		expect(lists.read(1, new Float64ListReader()).get(1)).toBe(2.5);
		const items = reader.listAt(5, new StructListReader());
		const item = new StructReader();
		expect(items.read(1, item).text(0)).toBe("zwei");
		expect(items.read(0, item).text(0)).toBe("");
		built.release();
	});

	it("of structs throw a RangeError for an index outside, below 0 too", () => {
		const built = pool.take()!;
		const list = built.initRoot(new StructBuilder(), 1, 1).newStructList(0, 2, 1, 0, new StructListBuilder());
		const reader = built.readRoot(new StructReader()).listAt(0, new StructListReader());
		for (const i of [-1, 2, -2147483648, 2147483647]) {
			expect(() => list.edit(i, new StructBuilder())).toThrowError(RangeError);
			expect(() => reader.read(i, new StructReader())).toThrowError(RangeError);
		}
		built.release();
	});

	it("throw a RangeError for an index outside", () => {
		const built = pool.take()!;
		const list = built.initRoot(new StructBuilder(), 0, 1).newList(0, 2, new Float64ListBuilder());
		const reader = built.readRoot(new StructReader()).listAt(0, new Float64ListReader());
		for (const i of [-1, 2, 4294967296, 0x40000000]) {
			expect(() => list.set(i, 1)).toThrowError(RangeError);
			expect(() => reader.get(i)).toThrowError(RangeError);
		}
		built.release();
	});

	it("move one element view between lists", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 2);
		const one = root.newStructList(0, 2, 1, 0, new StructListBuilder());
		const two = root.newStructList(1, 2, 2, 1, new StructListBuilder());
		const item = new StructBuilder();
		one.edit(0, item).putUint32(0, 10);
		two.edit(0, item).putUint32(8, 20);
		two.edit(1, item).putText(0, "x");
		one.edit(1, item).putUint32(0, 11);
		const list = new StructListReader();
		const reader = new StructReader();
		const top = built.readRoot(new StructReader());
		expect(top.listAt(0, list).read(0, reader).uint32(0)).toBe(10);
		// The same list view, aimed elsewhere: the element view must notice.
		expect(top.listAt(1, list).read(0, reader).uint32(8)).toBe(20);
		expect(list.read(1, reader).text(0)).toBe("x");
		expect(top.listAt(0, list).read(1, reader).uint32(0)).toBe(11);
		expect(reader.uint32(8)).toBe(0);
		built.release();
	});

	it("read a list of primitives as structs that begin with them", () => {
		const reader = message([[...structPointer(0, 0, 1), ...listPointer(0, 3, 3), 0x00020001, 3]]).readRoot(
			new StructReader(),
		);
		const list = reader.listAt(0, new StructListReader());
		const item = new StructReader();
		expect(list.length).toBe(3);
		expect([0, 1, 2].map((i) => list.read(i, item).uint16(0))).toEqual([1, 2, 3]);
		expect(item.uint32(0)).toBe(0);
		expect(item.text(0)).toBe("");
	});

	it("read a list of pointers as structs that begin with one", () => {
		const reader = message([
			[...structPointer(0, 0, 1), ...listPointer(0, 6, 1), ...listPointer(0, 2, 3), 0x006968, 0],
		]).readRoot(new StructReader());
		expect(reader.listAt(0, new StructListReader()).read(0, new StructReader()).text(0)).toBe("hi");
	});

	it("read a list of structs as what they began with", () => {
		const reader = message([
			[
				...structPointer(0, 0, 1),
				...listPointer(0, 7, 4),
				...structPointer(2, 1, 1),
				0x11223344,
				0,
				...listPointer(2, 2, 2),
				5,
				0,
				...NULL,
				0x61,
				0,
			],
		]).readRoot(new StructReader());
		const bytes = reader.listAt(0, new Uint8ListReader());
		expect([bytes.length, bytes.get(0), bytes.get(1)]).toEqual([2, 0x44, 5]);
		expect(reader.listAt(0, new Uint32ListReader()).get(0)).toBe(0x11223344);
		const texts = reader.listAt(0, new TextListReader());
		expect([texts.text(0), texts.text(1)]).toEqual(["a", ""]);
	});

	it("read structs without any data as zeroes", () => {
		// Canonical form leaves out data that is zero in all elements.
		const reader = message([[...structPointer(0, 0, 1), ...listPointer(0, 7, 0), ...structPointer(2, 0, 0)]]).readRoot(
			new StructReader(),
		);
		const list = reader.listAt(0, new Uint16ListReader());
		expect([list.length, list.get(0), list.get(1)]).toEqual([2, 0, 0]);
		expect(reader.listAt(0, new TextListReader()).text(1)).toBe("");
	});

	it("refuse elements that are narrower than the schema's", () => {
		const reader = message([[...structPointer(0, 0, 1), ...listPointer(0, 3, 3), 0x00020001, 3]]).readRoot(
			new StructReader(),
		);
		expectFault(FaultCode.ELEMENT, () => reader.listAt(0, new Uint32ListReader()));
		expectFault(FaultCode.ELEMENT, () => reader.listAt(0, new BoolListReader()));
		expectFault(FaultCode.ELEMENT, () => reader.listAt(0, new TextListReader()));
		expect(reader.listAt(0, new Uint8ListReader()).get(1)).toBe(2);
	});

	it("refuse bits as structs and structs as bits", () => {
		const bits = message([[...structPointer(0, 0, 1), ...listPointer(0, 1, 3), 5, 0]]).readRoot(new StructReader());
		expectFault(FaultCode.ELEMENT, () => bits.listAt(0, new StructListReader()));
		const structs = message([
			[...structPointer(0, 0, 1), ...listPointer(0, 7, 1), ...structPointer(1, 1, 0), 5, 0],
		]).readRoot(new StructReader());
		expectFault(FaultCode.ELEMENT, () => structs.listAt(0, new BoolListReader()));
	});

	it("widen when edited as structs, keeping values", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 1);
		const doubles = root.newList(0, 2, new Float64ListBuilder());
		doubles.set(0, 1.5);
		doubles.set(1, 2.5);
		const list = new StructListBuilder();
		editStructList(root.at, 0, 2, 1, list.at);
		list.edit(1, new StructBuilder()).putText(0, "more");
		const reader = built.readRoot(new StructReader()).listAt(0, new StructListReader());
		expect(reader.read(0, new StructReader()).float64(0)).toBe(1.5);
		expect(reader.read(1, new StructReader()).float64(0)).toBe(2.5);
		expect(reader.read(1, new StructReader()).text(0)).toBe("more");
		built.release();
	});

	it("that are empty are still inside when the list before them is shortened", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 4);
		root.putText(0, "a text of some words, then only one");
		root.newList(1, 0, new Float64ListBuilder());
		root.newData(2, 0, new DataBuilder());
		root.newList(3, 40, new VoidListBuilder());
		truncateText(root.at, 0, 6);
		const reader = built.readRoot(new StructReader());
		expect(reader.text(0)).toBe("a text");
		expect(reader.listAt(1, new Float64ListReader()).length).toBe(0);
		expect(reader.dataAt(2, new DataReader()).length).toBe(0);
		expect(reader.listAt(3, new VoidListReader()).length).toBe(40);
		// So is what became empty by being shortened itself.
		truncate(root.at, 3, 0);
		truncateText(root.at, 0, 0);
		expect(readMessage(built.toBytes()).readRoot(reader).listAt(3, new VoidListReader()).length).toBe(0);
		built.release();
	});

	it("are shortened in place and give their words back at the end of the segment", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 3);
		const list = root.newList(0, 9, new BoolListBuilder());
		for (let i = 0; i < 9; i++) list.set(i, true);
		truncate(root.at, 0, 3);
		const flags = built.readRoot(new StructReader()).listAt(0, new BoolListReader());
		expect([flags.length, flags.get(2)]).toEqual([3, true]);
		const before = built.sizeWords;
		root.putText(1, "a text of some words, then only one");
		truncateText(root.at, 1, 6);
		expect(built.sizeWords).toBe(before + 1);
		expect(built.readRoot(new StructReader()).text(1)).toBe("a text");
		const structs = root.newStructList(2, 3, 1, 1, new StructListBuilder());
		structs.edit(2, new StructBuilder()).putText(0, "gone");
		truncate(root.at, 2, 1);
		expect(built.readRoot(new StructReader()).listAt(2, new StructListReader()).length).toBe(1);
		expect(() => truncate(root.at, 2, 2)).toThrowError(RangeError);
		built.release();
	});
});
