import {
	AnyBuilder,
	AnyReader,
	type CapHook,
	FaultCode,
	type Message,
	MessagePool,
	StructBuilder,
	StructReader,
	structsEqual,
} from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { capPointer, listPointer, message, NULL, structPointer } from "../support/words.js";

function equal(a: number[], b: number[]): boolean {
	const left = message([a]).readRoot(new StructReader());
	const right = message([b]).readRoot(new StructReader());
	const one = structsEqual(left, right);
	const two = structsEqual(right, left);
	expect(one).toBe(two);
	return one;
}

/** A root whose only pointer is that one, with words behind it. */
function root(pointer: number[], ...words: number[]): number[] {
	return [...structPointer(0, 0, 1), ...pointer, ...words];
}

describe("Equality", () => {
	it("does not see what a longer struct has of zeroes and nulls", () => {
		expect(equal([...structPointer(0, 1, 0), 5, 0], [...structPointer(0, 2, 1), 5, 0, 0, 0, ...NULL])).toBeTrue();
		expect(equal([...structPointer(0, 1, 0), 5, 0], [...structPointer(0, 2, 0), 5, 0, 0, 1])).toBeFalse();
		expect(equal([...structPointer(0, 0, 0)], [...structPointer(0, 0, 1), ...structPointer(-1, 0, 0)])).toBeFalse();
	});

	it("sees every byte of structs, lists and text", () => {
		expect(equal([...structPointer(0, 1, 0), 5, 0], [...structPointer(0, 1, 0), 5, 0x80000000])).toBeFalse();
		expect(equal(root(listPointer(0, 4, 2), 1, 2), root(listPointer(0, 4, 2), 1, 3))).toBeFalse();
		expect(equal(root(listPointer(0, 2, 3), 0x6261, 0), root(listPointer(0, 2, 3), 0x6361, 0))).toBeFalse();
	});

	it("does not see padding: behind bits, behind bytes, or where objects lie", () => {
		expect(equal(root(listPointer(0, 1, 3), 5, 0), root(listPointer(0, 1, 3), 0xfd, 9))).toBeTrue();
		expect(equal(root(listPointer(0, 1, 11), 0x405, 0), root(listPointer(0, 1, 11), 0x5, 0))).toBeFalse();
		expect(equal(root(listPointer(0, 2, 2), 0x6261, 0), root(listPointer(0, 2, 2), 0x99006261, 7))).toBeTrue();
		expect(equal(root(listPointer(0, 2, 2), 0x6261, 0), root(listPointer(1, 2, 2), 8, 8, 0x6261, 0))).toBeTrue();
	});

	it("tells null from empty, and lists of other lengths and kinds apart", () => {
		expect(equal(root(NULL), root(listPointer(0, 2, 0)))).toBeFalse();
		expect(equal(root(listPointer(0, 0, 3)), root(listPointer(0, 0, 4)))).toBeFalse();
		expect(equal(root(listPointer(0, 2, 1), 5, 0), root(listPointer(0, 3, 1), 5, 0))).toBeFalse();
		expect(equal(root(structPointer(-1, 0, 0)), root(listPointer(0, 2, 0)))).toBeFalse();
	});

	it("compares elements of lists of structs as structs", () => {
		const short = root(listPointer(0, 7, 2), ...structPointer(2, 1, 0), 1, 0, 2, 0);
		const long = root(listPointer(0, 7, 4), ...structPointer(2, 1, 1), 1, 0, ...NULL, 2, 0, ...NULL);
		expect(equal(short, long)).toBeTrue();
		expect(equal(short, root(listPointer(0, 7, 2), ...structPointer(2, 1, 0), 1, 0, 3, 0))).toBeFalse();
	});

	it("means the same capability, not the same index", () => {
		const hook = (): CapHook => ({ addRef: () => {}, release: () => {} });
		const [one, two] = [hook(), hook()];
		const holding = (...hooks: CapHook[]): Message => {
			const built = message([root(capPointer(hooks.length - 1))]);
			for (const each of hooks) built.caps.add(each);
			return built;
		};
		const read = (of: Message): StructReader => of.readRoot(new StructReader());
		expect(structsEqual(read(holding(one)), read(holding(two, one)))).toBeTrue();
		expect(structsEqual(read(holding(one)), read(holding(two)))).toBeFalse();
	});
});

describe("A message that was given back", () => {
	const pool = new MessagePool({ segmentWords: 512, messages: 1, segments: 1, wordsMax: 512 });

	it("has no root, not that of what was in it", () => {
		const built = pool.take()!;
		built.initRoot(new StructBuilder(), 1, 0).putUint32(0, 42);
		built.release();
		const empty = pool.take()!;
		const reader = new StructReader();
		expectFault(FaultCode.BOUNDS, () => empty.readRoot(reader));
		expect(reader.uint32(0)).toBe(0);
		expect(empty.rootAny(new AnyReader()).isNull()).toBeTrue();
		empty.release();
	});

	it("costs what was written to it, not what it could hold", () => {
		const built = pool.take()!;
		built.initRoot(new StructBuilder(), 1, 0).putUint32(0, 42);
		const { bytes, endByte } = built.segmentAt(0);
		// Nobody writes there; who wipes the whole block does.
		bytes[endByte + 100] = 7;
		built.release();
		const again = pool.take()!;
		again.rootAny(new AnyBuilder()).initStruct(1, 0, new StructBuilder());
		expect(again.segmentAt(0).bytes).toBe(bytes);
		expect(bytes[endByte + 100]).toBe(7);
		expect(again.readRoot(new StructReader()).uint32(0)).toBe(0);
		bytes[endByte + 100] = 0;
		again.release();
	});
});
