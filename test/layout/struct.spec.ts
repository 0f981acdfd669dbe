import {
	MessagePool,
	StructBuilder,
	StructReader,
	constantSegment,
	editStruct,
	bigInt64,
	bigUint64,
	boolXor,
	float32Xor,
	float64Xor,
	followStructOr,
	int16Xor,
	int8Xor,
	put64Xor,
	putBoolXor,
	putFloat32Xor,
	putFloat64Xor,
	putInt16Xor,
	uint32Xor,
} from "vatlet/runtime";
import { message, NULL, structPointer } from "../support/words.js";

describe("Structs", () => {
	const pool = new MessagePool({ segmentWords: 64 });

	it("read back what was set, every primitive at its offset", () => {
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 6, 0);
		builder.putInt8(0, -128);
		builder.putUint8(1, 255);
		builder.putInt16(2, -32768);
		builder.putUint16(4, 65535);
		builder.putInt32(8, -2147483648);
		builder.putUint32(12, 4294967295);
		builder.putFloat32(16, 1.5);
		builder.putBool(160, true);
		builder.putBool(167, true);
		builder.putBool(160, false);
		builder.putFloat64(24, -1e300);
		builder.putInt64(32, -9007199254740991);
		builder.putUint64(40, 9007199254740991);
		const reader = built.readRoot(new StructReader());
		expect(reader.int8(0)).toBe(-128);
		expect(reader.uint8(1)).toBe(255);
		expect(reader.int16(2)).toBe(-32768);
		expect(reader.uint16(4)).toBe(65535);
		expect(reader.int32(8)).toBe(-2147483648);
		expect(reader.uint32(12)).toBe(4294967295);
		expect(reader.float32(16)).toBe(1.5);
		expect(reader.bool(160)).toBe(false);
		expect(reader.bool(167)).toBe(true);
		expect(reader.float64(24)).toBe(-1e300);
		expect(reader.int64(32)).toBe(-9007199254740991);
		expect(reader.uint64(40)).toBe(9007199254740991);
		expect(bigUint64(reader.at, 40)).toBe(BigInt(9007199254740991));
		expect(bigInt64(reader.at, 32)).toBe(BigInt(-9007199254740991));
		expect(reader.uint64Low(40)).toBe(0xffffffff);
		expect(reader.uint64High(40)).toBe(0x1fffff);
		built.release();
	});

	it("refuse a 64-bit value as a number beyond 2^53 - 1, not as halves", () => {
		const reader = message([[...structPointer(0, 2, 0), 0, 0x200000, 0, 0xffe00000]]).readRoot(new StructReader());
		expect(() => reader.uint64(0)).toThrowError(RangeError);
		expect(reader.uint64High(0)).toBe(0x200000);
		expect(() => reader.int64(8)).toThrowError(RangeError);
		expect(bigInt64(reader.at, 8)).toBe(-(BigInt(2) ** BigInt(53)));
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 1, 0);
		expect(() => builder.putUint64(0, 2 ** 53)).toThrowError(RangeError);
		expect(() => builder.putInt64(0, -(2 ** 53))).toThrowError(RangeError);
		built.release();
	});

	it("read fields that an older sender did not have as their defaults", () => {
		const reader = message([structPointer(0, 0, 0)]).readRoot(new StructReader());
		expect(reader.float64(0)).toBe(0);
		expect(reader.bool(63)).toBe(false);
		expect(boolXor(reader.at, 0)).toBe(true);
		expect(int8Xor(reader.at, 0, -5)).toBe(-5);
		expect(uint32Xor(reader.at, 4, -1)).toBe(4294967295);
		expect(float32Xor(reader.at, 4, 0x3fc00000, 1.5)).toBe(1.5);
		expect(float64Xor(reader.at, 8, 0, 0x3ff80000, 1.5)).toBe(1.5);
		expect(reader.text(3)).toBe("");
		expect(reader.hook(7)).toBeNull();
		expect(reader.absent(9)).toBe(true);
		expect(reader.structAt(2, new StructReader()).uint16(0)).toBe(0);
	});

	it("read a field cut by the end of the data section as its default", () => {
		// A struct list upgraded from List(UInt16) has elements of two bytes.
		const reader = message([[...structPointer(0, 1, 0), 7, 7]]).readRoot(new StructReader());
		expect(reader.uint64(8)).toBe(0);
		expect(reader.uint32(4)).toBe(7);
		expect(reader.uint32(8)).toBe(0);
	});

	it("keep defaults as zeroes on the wire", () => {
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 3, 0);
		putInt16Xor(builder.at, 0, -7, -7);
		putBoolXor(builder.at, 16, true);
		putFloat32Xor(builder.at, 4, 1.5, 0x3fc00000);
		putFloat64Xor(builder.at, 8, 1.5, 0, 0x3ff80000);
		put64Xor(builder.at, 16, 5, 5, 0);
		const reader = built.readRoot(new StructReader());
		for (let offset = 0; offset < 24; offset += 4) expect(reader.uint32(offset)).toBe(0);
		putFloat64Xor(builder.at, 8, -2.25, 0, 0x3ff80000);
		expect(float64Xor(reader.at, 8, 0, 0x3ff80000, 1.5)).toBe(-2.25);
		expect(int16Xor(reader.at, 0, -7)).toBe(-7);
		built.release();
	});

	it("follow a pointer default only where the pointer is null", () => {
		const fallback = constantSegment([...structPointer(0, 1, 0), 42, 0]);
		const reader = message([[...structPointer(0, 0, 2), ...NULL, ...structPointer(0, 1, 0), 7, 0]]).readRoot(
			new StructReader(),
		);
		const structOr = (index: number): StructReader => {
			const into = new StructReader();
			followStructOr(reader.at, index, fallback, into.at);
			return into;
		};
		expect(structOr(0).uint32(0)).toBe(42);
		expect(structOr(1).uint32(0)).toBe(7);
		expect(structOr(5).uint32(0)).toBe(42);
	});

	it("tell an empty struct from a null one", () => {
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 0, 2);
		builder.newStruct(0, 0, 0, new StructBuilder());
		const reader = built.readRoot(new StructReader());
		expect(reader.absent(0)).toBe(false);
		expect(reader.absent(1)).toBe(true);
		built.release();
	});

	it("erase what a pointer led to when it is set again", () => {
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 0, 1);
		const child = builder.newStruct(0, 1, 1, new StructBuilder());
		child.putText(0, "secret");
		child.putUint32(0, 77);
		builder.putText(0, "open");
		const bytes = built.toBytes();
		let text = "";
		for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
		expect(text).toContain("open");
		expect(text).not.toContain("secret");
		expect(text).not.toContain("M");
		built.release();
	});

	it("grow when edited with more fields than they were copied in with", () => {
		const built = pool.take()!;
		const builder = built.initRoot(new StructBuilder(), 0, 1);
		const small = builder.newStruct(0, 1, 1, new StructBuilder());
		small.putUint32(0, 5);
		small.putText(0, "kept");
		const big = new StructBuilder();
		editStruct(builder.at, 0, 3, 2, big.at);
		big.putUint32(16, 6);
		big.putText(1, "new");
		const reader = built.readRoot(new StructReader()).structAt(0, new StructReader());
		expect(reader.uint32(0)).toBe(5);
		expect(reader.uint32(16)).toBe(6);
		expect(reader.text(0)).toBe("kept");
		expect(reader.text(1)).toBe("new");
		built.release();
	});
});
