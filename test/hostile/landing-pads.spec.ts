import { AnyReader, FaultCode, Float64ListReader, StructListReader, StructReader } from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { capPointer, farPointer, listPointer, message, NULL, structPointer } from "../support/words.js";

describe("A far pointer", () => {
	function root(...segments: number[][]): StructReader {
		return message(segments).readRoot(new StructReader());
	}

	it("to a segment that is not there is refused, and says which and where", () => {
		const fault = expectFault(FaultCode.FAR, () => root(farPointer(7, 0)));
		expect(fault.message).toBe("far pointer to segment 7 of 1 (segment 0, word 0)");
		expectFault(FaultCode.FAR, () => root(farPointer(0xffffffff, 0)));
		// The second half of a double-far pad names a segment too.
		const second = expectFault(FaultCode.FAR, () =>
			root(farPointer(1, 0, true), [...farPointer(9, 0), ...structPointer(0, 1, 0)]),
		);
		expect([second.segment, second.word]).toEqual([1, 0]);
	});

	it("to a pad outside is refused, by one word as by all", () => {
		for (const word of [1, 2, 0x1fffffff]) expectFault(FaultCode.FAR, () => root(farPointer(1, word), NULL));
		// Of a pad of two words, the second is outside.
		expectFault(FaultCode.FAR, () => root(farPointer(1, 0, true), farPointer(0, 0)));
		expectFault(FaultCode.FAR, () => root(farPointer(1, 0), []));
	});

	it("to another far pointer is refused, itself included", () => {
		expectFault(FaultCode.FAR, () => root(farPointer(1, 0), farPointer(0, 0)));
		expectFault(FaultCode.FAR, () => root(farPointer(0, 0)));
		expectFault(FaultCode.FAR, () => root(farPointer(1, 0), [...farPointer(1, 0, true), ...NULL]));
	});

	it("to a pad of two words that does not begin with a far pointer is refused", () => {
		for (const pad of [NULL, structPointer(0, 1, 0), listPointer(0, 2, 1), capPointer(0), farPointer(0, 0, true)])
			expectFault(FaultCode.FAR, () => root(farPointer(1, 0, true), [...pad, ...structPointer(0, 1, 0)]));
	});

	it("to a pad whose tag is no struct or list is refused", () => {
		for (const tag of [farPointer(0, 0), capPointer(0)])
			expectFault(FaultCode.FAR, () => root(farPointer(1, 0, true), [...farPointer(1, 1), ...tag]));
	});

	it("is followed by the tag's sizes, not by its offset", () => {
		const reader = root(farPointer(1, 0, true), [...farPointer(2, 1), ...structPointer(0x1ffffff, 1, 0)], [9, 9, 5, 0]);
		expect(reader.uint32(0)).toBe(5);
		expect(reader.uint32(8)).toBe(0);
	});

	it("to content outside its segment is refused, although the next segment begins there", () => {
		expectFault(FaultCode.BOUNDS, () => root(farPointer(1, 0), structPointer(0, 1, 0), [5, 0]));
		expectFault(FaultCode.BOUNDS, () =>
			root(farPointer(1, 0, true), [...farPointer(2, 1), ...structPointer(0, 1, 0)], [5, 0], [6, 0]),
		);
		expectFault(FaultCode.BOUNDS, () =>
			message([farPointer(1, 0, true), [...farPointer(2, 0), ...listPointer(0, 7, 2)], structPointer(1, 1, 0)])
				.rootAny(new AnyReader())
				.readList(new StructListReader()),
		);
	});

	it("costs a word of the read budget, so that pads are not free", () => {
		const reader = message(
			[
				[...structPointer(0, 0, 1), ...farPointer(1, 0)],
				[...listPointer(0, 5, 1), 0, 0x3ff00000],
			],
			{ traversalWords: 10 },
		).readRoot(new StructReader());
		const list = new Float64ListReader();
		for (let i = 0; i < 4; i++) expect(reader.listAt(0, list).get(0)).toBe(1);
		expectFault(FaultCode.TRAVERSAL, () => reader.listAt(0, list));
	});
});
