import {
	AnyBuilder,
	AnyReader,
	editStructList,
	ListListBuilder,
	ListListReader,
	type Message,
	MessagePool,
	StructListBuilder,
} from "vatlet/runtime";
import { FaultCode } from "../../src/base/fault.js";
import { expectFault } from "../support/faults.js";
import { listPointer, message } from "../support/words.js";
import {
	Color,
	DefaultsReader,
	HalvesBuilder,
	HalvesListBuilder,
	HalvesListReader,
	HalvesReader,
	HalvesRecord,
	PointListBuilder,
	PointListReader,
	PointReader,
	PointRecord,
	ReadingBuilder,
	ReadingListBuilder,
	ReadingListReader,
	ReadingRecord,
} from "./everything.capnp.js";

const { dataWords, pointerCount } = ReadingBuilder;

/** The list behind the root pointer, read. */
function read<L extends HalvesListReader | PointListReader | ReadingListReader>(from: Message, into: L): L {
	return from.rootAny(new AnyReader()).readList(into);
}

function listOfReadings<B extends StructListBuilder<ReadingBuilder>>(length: number, into: B): Message {
	const target = new MessagePool().take()!;
	target.rootAny(new AnyBuilder()).initStructList(length, dataWords, pointerCount, into);
	return target;
}

/** Points as another schema has them: each of `dataWords` and `pointers`, its first words given. */
function points(dataWords: number, pointers: number, ...elements: number[][]): Message {
	const each = dataWords + pointers;
	const tag = [elements.length << 2, dataWords | (pointers << 16)];
	const words = elements.flatMap((given) => [...given, ...new Array<number>(each * 2 - given.length).fill(0)]);
	return message([[...listPointer(0, 7, elements.length * each), ...tag, ...words]]);
}

describe("lists of small structs", () => {
	it("are set by index as through a view, all of each element", () => {
		const readings = new ReadingListBuilder();
		const whole = listOfReadings(3, readings);
		const views = new StructListBuilder<ReadingBuilder>();
		const viewed = listOfReadings(3, views);
		for (let i = 0; i < 3; i++) {
			readings.set(i, true, 255, 9, Color.GREEN, false, 1, 2, 3);
			readings.set(i, i === 1, 200 + i, -300 * i, Color.DEEP_BLUE, i !== 1, 0.5 * i, -i, 1.5);
			views
				.edit(i, new ReadingBuilder())
				.setAll(i === 1, 200 + i, -300 * i, Color.DEEP_BLUE, i !== 1, 0.5 * i, -i, 1.5);
		}
		expect(whole.toBytes()).toEqual(viewed.toBytes());
	});

	it("are copied by index into a record, over what was in it", () => {
		const readings = new ReadingListBuilder();
		const list = read(listOfReadings(2, readings), new ReadingListReader());
		readings.set(1, true, 200, -300, Color.DEEP_BLUE, true, 0.5, -7, 1e300);
		const record = new ReadingRecord();
		expect(list.get(1, record)).toBe(record);
		const { at, data, colour, last, weight, count, ratio } = record;
		expect([at, data, record.new, colour, last, weight, count, ratio]).toEqual([
			true,
			200,
			-300,
			Color.DEEP_BLUE,
			true,
			0.5,
			-7,
			1e300,
		]);
		expect(list.get(0, record)).toEqual(new ReadingRecord());
	});

	it("have fields that share a half of a word, each with all its bits and its sign and none of another's", () => {
		const target = new MessagePool().take()!;
		const halves = new HalvesListBuilder();
		target.rootAny(new AnyBuilder()).initStructList(3, HalvesBuilder.dataWords, HalvesBuilder.pointerCount, halves);
		const list = read(target, new HalvesListReader());
		const record = new HalvesRecord();
		const view = new HalvesReader();
		const check = (low: number, middle: number, top: number, short: number, third: number, fourth: number): void => {
			halves.set(1, low, middle, top as Color, short, third, fourth, top, low);
			expect({ ...list.get(1, record) }).toEqual({
				low,
				middle,
				top: top as Color,
				short,
				third,
				fourth,
				word: top,
				last: low,
			});
			list.read(1, view);
			expect([view.getLow(), view.getMiddle(), view.getTop(), view.getShort()]).toEqual([
				low,
				middle,
				top as Color,
				short,
			]);
			expect([view.getThird(), view.getFourth(), view.getWord(), view.getLast()]).toEqual([third, fourth, top, low]);
			for (const i of [0, 2]) expect(list.get(i, record)).toEqual(new HalvesRecord());
		};
		check(127, -128, 0xffff, -32768, 0, 255);
		check(-128, 127, 0, 32767, 255, 0);
		check(-1, 0, 0x8000, 0, 128, 127);
		check(0, -1, 0x7fff, -1, 127, 128);
		check(0, 0, 0, 0, 0, 0);
	});

	it("are read within each element where that is shorter than a half of a word", () => {
		const bytes = read(message([[...listPointer(0, 2, 4), 0xfc03fe01, -1]]), new HalvesListReader());
		const pairs = read(message([[...listPointer(0, 3, 2), 0x05fcfe03, -1]]), new HalvesListReader());
		const record = new HalvesRecord();
		const low = (list: HalvesListReader): number[] => [0, 1].map((i) => list.get(i, record).low);
		const middle = (list: HalvesListReader): number[] => [0, 1].map((i) => list.get(i, record).middle);
		expect([low(bytes), middle(bytes)]).toEqual([
			[1, -2],
			[0, 0],
		]);
		expect([low(pairs), middle(pairs)]).toEqual([
			[3, -4],
			[-2, 5],
		]);
		expect([record.top, record.word, record.last]).toEqual([0, 0, 0] as number[]);
	});

	it("have no elements outside", () => {
		const readings = new ReadingListBuilder();
		const list = read(listOfReadings(2, readings), new ReadingListReader());
		for (const i of [-1, 2, 0x7fffffff, -0x80000000]) {
			expect(() => readings.set(i, true, 1, 1, Color.RED, true, 1, 1, 1)).toThrowError(
				RangeError,
				/outside a list of 2/,
			);
			expect(() => list.get(i, new ReadingRecord())).toThrowError(RangeError, /outside a list of 2/);
		}
		const none = read(new MessagePool().take()!, new PointListReader());
		expect(none.length).toBe(0);
		expect(() => none.get(0, new PointRecord())).toThrowError(RangeError);
		expect(() => new PointListBuilder().set(0, 1, 2)).toThrowError(RangeError);
	});

	it("of an older schema read as zero what they do not have, of a newer one only what is known", () => {
		const record = new PointRecord();
		const older = points(0, 1, [], []);
		expect({ ...read(older, new PointListReader()).get(1, record) }).toEqual({ x: 0, y: 0 });
		const newer = read(points(2, 1, [1, 2, 3, 4], [5, 6, 7, 8]), new PointListReader());
		expect({ ...newer.get(0, record) }).toEqual({ x: 1, y: 2 });
		expect({ ...newer.get(1, record) }).toEqual({ x: 5, y: 6 });
		const half = read(message([[...listPointer(0, 7, 2), 2 << 2, 1, 0x00010203, 4, 5, 6]]), new ReadingListReader());
		const reading = half.get(0, new ReadingRecord());
		expect([reading.at, reading.data, reading.new, reading.colour, reading.last]).toEqual([
			true,
			2,
			1,
			4 as Color,
			true,
		]);
		expect([reading.weight, reading.count, reading.ratio]).toEqual([0, 0, 0]);
	});

	it("that were lists of numbers once have those in their first field", () => {
		const words = read(message([[...listPointer(0, 4, 3), 7, -8, 9, 0]]), new PointListReader());
		expect({ ...words.get(1, new PointRecord()) }).toEqual({ x: -8, y: 0 });
		const bytes = read(message([[...listPointer(0, 2, 3), 0x00ff01, 0]]), new PointListReader());
		// Too short for its field: nothing of the next element is taken for it.
		expect({ ...bytes.get(1, new PointRecord()) }).toEqual({ x: 0, y: 0 });
		expectFault(FaultCode.ELEMENT, () => read(message([[...listPointer(0, 1, 3), 7, 0]]), new PointListReader()));
	});

	it("are charged once, when they are found", () => {
		const limits = { traversalWords: 4 };
		const three = points(1, 0, [1, 2], [3, 4], [5, 6]);
		const list = message([[...listPointer(0, 7, 3), 3 << 2, 1, 1, 2, 3, 4, 5, 6]], limits)
			.rootAny(new AnyReader())
			.readList(new PointListReader());
		const record = new PointRecord();
		let sum = 0;
		for (let round = 0; round < 100; round++) for (let i = 0; i < 3; i++) sum += list.get(i, record).y;
		expect(sum).toBe(1200);
		three.arena.budgetWords = 3;
		expectFault(FaultCode.TRAVERSAL, () => read(three, new PointListReader()));
	});

	it("are set as large as they have to be where an older schema made them, in lists of lists too", () => {
		const outer = new ListListBuilder<StructListBuilder<ReadingBuilder>>();
		const target = new MessagePool().take()!;
		target.rootAny(new AnyBuilder()).initList(1, outer);
		outer.initStructs(0, 2, 1, 0, new StructListBuilder<ReadingBuilder>()).edit(1, new ReadingBuilder()).setNew(7);
		const readings = new ReadingListBuilder();
		expect(() => outer.edit(0, readings)).toThrowError(TypeError, /editStructList/);
		editStructList(outer.aim(0), 0, dataWords, pointerCount, readings.at);
		readings.set(0, true, 1, 1, Color.RED, true, 1, 1, 1);
		const list = outer.asReader(new ListListReader<ReadingListReader>()).read(0, new ReadingListReader());
		expect([list.get(0, new ReadingRecord()).ratio, list.get(1, new ReadingRecord()).new]).toEqual([1, 7]);
	});

	it("go where lists of views go: fields, defaults", () => {
		const list = new DefaultsReader().readPoints(new PointListReader());
		const first = list.read(0, new PointReader());
		expect({ ...list.get(0, new PointRecord()) }).toEqual({ x: first.getX(), y: first.getY() });
	});
});
