import {
	annotation,
	AnyBuilder,
	AnyReader,
	editStruct,
	MessagePool,
	StructListBuilder,
	StructListReader,
	TextReader,
	Uint16ListBuilder,
	Uint16ListReader,
	Uint8ListBuilder,
	Uint8ListReader,
} from "vatlet/runtime";
import {
	blob,
	BoxBuilder,
	BoxesBuilder,
	BoxesReader,
	BoxLidBuilder,
	BoxLidReader,
	BoxReader,
	Color,
	ColorAnnotations,
	default_,
	DefaultsBuilder,
	DefaultsReader,
	DeviceAnnotations,
	favourite,
	fileAnnotations,
	flag,
	greeting,
	mark,
	negative,
	OnlyUnionReader,
	origin,
	outerLimit,
	path,
	PointAnnotations,
	PointBuilder,
	PointReader,
	PointersBuilder,
	PointersReader,
	primes,
	ReadingBuilder,
	ScalarsAnnotations,
	shape,
	tree,
	UnionsBuilder,
	UnionsPairBuilder,
	UnionsPairInnerBuilder,
	UnionsPairInnerReader,
	UnionsPairInnerWhich,
	UnionsPairReader,
	UnionsPlainBuilder,
	UnionsPlainDeeperBuilder,
	UnionsReader,
	UnionsWhich,
	weight,
	words,
} from "./everything.capnp.js";
import { unit } from "./other.capnp.js";

describe("generated views", () => {
	it("read defaults from an empty struct and write what differs from them", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new DefaultsBuilder(), 0, 0);
		const reader = builder.asReader(new DefaultsReader());
		expect([reader.getBool(), reader.getInt8(), reader.getUint32(), reader.getColor()]).toEqual([
			true,
			-12,
			4000000000,
			Color.DEEP_BLUE,
		]);
		expect([reader.getFloat32(), reader.getFloat64()]).toEqual([1.25, -Infinity]);
		expect(reader.getNan()).toBeNaN();
		expect([reader.getUint64High(), reader.getUint64Low()]).toEqual([0xfedcba98, 0x76543210]);
		expect(reader.getText()).toBe('hällo "there"\n');
		expect(reader.readText(new TextReader()).equalsString('hällo "there"\n')).toBeTrue();
		expect(reader.hasPoint()).toBeFalse();
		expect(reader.readPoint(new PointReader()).getY()).toBe(-2);
		const numbers = reader.readNumbers(new Uint16ListReader());
		expect([numbers.length, numbers.get(2)]).toEqual([3, 65535]);

		const whole = message.initRoot(new DefaultsBuilder(), DefaultsBuilder.dataWords, DefaultsBuilder.pointerCount);
		whole.setBool(false);
		whole.setInt8(-12);
		whole.setUint32(0);
		whole.setColor(Color.RED);
		whole.setFloat64(0.5);
		whole.setNan(NaN);
		whole.setUint64Halves(1, 2);
		whole.asReader(reader);
		expect([reader.getBool(), reader.getInt8(), reader.getUint32(), reader.getColor()]).toEqual([
			false,
			-12,
			0,
			Color.RED,
		]);
		expect([reader.getFloat64(), reader.getUint64Low(), reader.getUint64High()]).toEqual([0.5, 1, 2]);
		expect(reader.getNan()).toBeNaN();
	});

	it("begin to edit a pointer with a copy of its default", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new DefaultsBuilder(), DefaultsBuilder.dataWords, DefaultsBuilder.pointerCount);
		builder.editPoint(new PointBuilder()).setX(10);
		builder.editNumbers(new Uint16ListBuilder()).set(0, 9);
		const reader = builder.asReader(new DefaultsReader());
		const point = reader.readPoint(new PointReader());
		expect([point.getX(), point.getY()]).toEqual([10, -2]);
		const numbers = reader.readNumbers(new Uint16ListReader());
		expect([numbers.get(0), numbers.get(1), numbers.get(2)]).toEqual([9, 2, 65535]);
		const points = builder.editPoints(new StructListBuilder<PointBuilder>());
		points.edit(1, new PointBuilder()).setX(7);
		const read = reader.readPoints(new StructListReader<PointReader>()).read(1, point);
		expect([read.getX(), read.getY()]).toEqual([7, 2]);
	});

	it("set all fields of a few numbers in one call, as one by one", () => {
		const pool = new MessagePool();
		const all = pool.take()!;
		const single = pool.take()!;
		const { dataWords, pointerCount } = ReadingBuilder;
		for (const sign of [1, -1]) {
			all
				.initRoot(new ReadingBuilder(), dataWords, pointerCount)
				.setAll(true, 200, 300 * sign, Color.DEEP_BLUE, true, 0.5, sign, 1.5);
			const builder = single.initRoot(new ReadingBuilder(), dataWords, pointerCount);
			builder.setAt(true);
			builder.setData(200);
			builder.setNew(300 * sign);
			builder.setColour(Color.DEEP_BLUE);
			builder.setLast(true);
			builder.setWeight(0.5);
			builder.setCount(sign);
			builder.setRatio(1.5);
			expect(all.toBytes()).toEqual(single.toBytes());
		}
		const again = new ReadingBuilder();
		editStruct(all.rootAny(new AnyBuilder()).at, 0, dataWords, pointerCount, again.at);
		again.setAll(false, 0, 0, Color.RED, false, 0, 0, 0);
		expect(
			all
				.toBytes()
				.subarray(16)
				.every((byte) => byte === 0),
		).toBe(true);
	});

	it("switch unions, and do not take the old member's pointer for the new one's", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new UnionsBuilder(), UnionsBuilder.dataWords, UnionsBuilder.pointerCount);
		const reader = builder.asReader(new UnionsReader());
		expect(reader.which()).toBe(UnionsWhich.NOTHING);
		builder.setText("twelve bytes");
		expect([reader.which(), reader.isText(), reader.isPoint(), reader.getText()]).toEqual([
			UnionsWhich.TEXT,
			true,
			false,
			"twelve bytes",
		]);
		builder.editPoint(new PointBuilder()).setX(1);
		const point = reader.readPoint(new PointReader());
		expect([reader.which(), point.getX(), point.getY()]).toEqual([UnionsWhich.POINT, 1, 0]);
		builder.setColor(Color.GREEN);
		expect([reader.which(), reader.getColor()]).toEqual([UnionsWhich.COLOR, Color.GREEN]);
	});

	it("set a group back when it becomes the union's member", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new UnionsBuilder(), UnionsBuilder.dataWords, UnionsBuilder.pointerCount);
		const pair = builder.initPair(new UnionsPairBuilder());
		pair.setLeft(-5);
		pair.setRight("right");
		const inner = pair.editInner(new UnionsPairInnerBuilder());
		inner.initB(3, new Uint8ListBuilder()).set(2, 7);
		const reader = builder.asReader(new UnionsReader());
		const read = reader.readPair(new UnionsPairReader());
		const readInner = read.readInner(new UnionsPairInnerReader());
		expect([read.getLeft(), read.getRight(), readInner.which()]).toEqual([-5, "right", UnionsPairInnerWhich.B]);
		expect(readInner.readB(new Uint8ListReader()).get(2)).toBe(7);
		builder.setNumber(77);
		builder.initPair(pair);
		expect([read.getLeft(), read.getRight(), readInner.which(), readInner.getA()]).toEqual([
			0,
			"",
			UnionsPairInnerWhich.A,
			true,
		]);
		builder
			.editPlain(new UnionsPlainBuilder())
			.editDeeper(new UnionsPlainDeeperBuilder())
			.setValue(new globalThis.Uint8Array([1, 2]));
		expect(reader.which()).toBe(UnionsWhich.PAIR);
	});

	it("carry AnyPointers, AnyStructs and AnyLists", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new PointersBuilder(), PointersBuilder.dataWords, PointersBuilder.pointerCount);
		builder.editAny(new AnyBuilder()).setText("any");
		builder.initAnyStruct(1, 0, new PointBuilder()).setY(3);
		builder.initAnyList(2, new Uint8ListBuilder()).set(1, 5);
		const reader = builder.asReader(new PointersReader());
		expect(reader.readAny(new AnyReader()).text()).toBe("any");
		expect(reader.readAnyStruct(new PointReader()).getY()).toBe(3);
		expect(reader.readAnyList(new Uint8ListReader()).get(1)).toBe(5);
		builder.clearAnyStruct();
		expect([reader.hasAny(), reader.hasAnyStruct(), reader.hasSelf()]).toEqual([true, false, false]);
	});
});

describe("generated generics", () => {
	it("read what a type parameter is bound to by the view that they are given", () => {
		const message = new MessagePool().take()!;
		const boxes = message.initRoot(new BoxesBuilder(), BoxesBuilder.dataWords, BoxesBuilder.pointerCount);
		boxes.initText(new BoxBuilder<TextReader>()).setValue("boxed");
		boxes.initPoint(new BoxBuilder<PointReader>()).initValue(new PointBuilder()).setX(3);
		const lid = boxes.initLid(new BoxLidBuilder<TextReader, PointReader>());
		lid.setBelow("below");
		lid.initAbove(new PointBuilder()).setY(4);
		const reader = boxes.asReader(new BoxesReader());
		const text = reader.readText(new BoxReader<TextReader>()).readValue(new TextReader());
		expect(text.toString()).toBe("boxed");
		expect(reader.readPoint(new BoxReader<PointReader>()).readValue(new PointReader()).getX()).toBe(3);
		const lidReader = reader.readLid(new BoxLidReader<TextReader, PointReader>());
		expect(lidReader.readBelow(new TextReader()).equalsString("below")).toBeTrue();
		expect(lidReader.readAbove(new PointReader()).getY()).toBe(4);
	});
});

describe("generated constants", () => {
	it("are numbers, strings and readers over words in the module", () => {
		expect([outerLimit, default_, favourite, greeting]).toEqual([10, 10, Color.GREEN, 'grüß "dich"']);
		expect(String(negative)).toBe("-9223372036854775808");
		expect(blob.equalsBytes(new globalThis.Uint8Array([0xde, 0xad, 0xbe, 0xef]))).toBeTrue();
		expect([origin.getX(), origin.getY()]).toEqual([-1, 1]);
		expect([path.length, path.read(1, new PointReader()).getX()]).toEqual([2, 3]);
		expect([primes.length, primes.get(3)]).toEqual([4, 7]);
		expect(words.text(1)).toBe("two");
		const leaf = tree.readTwo(new OnlyUnionReader()).readTwo(new OnlyUnionReader());
		expect(leaf.getThree()).toBe(5);
	});

	it("annotate declarations and their members", () => {
		expect(annotation(fileAnnotations, mark)).toBe("the file");
		expect(annotation(ColorAnnotations, mark)).toBe("an enum");
		expect(annotation(ColorAnnotations, weight, "red")).toBe(0.5);
		expect(annotation(ColorAnnotations, weight, "green")).toBeUndefined();
		expect(annotation(DeviceAnnotations, flag, "release")).toBeNull();
		expect(annotation(ScalarsAnnotations, unit, "float32")).toBe("metres");
		expect(annotation(PointAnnotations, shape)!.readStruct(new PointReader()).getY()).toBe(4);
		expect(annotation(PointAnnotations, mark)).toBeUndefined();
	});
});
