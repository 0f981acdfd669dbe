import { FaultCode, StructListReader, StructReader } from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { capPointer, farPointer, listPointer, message, structPointer } from "../support/words.js";

describe("A composite list whose tag lies", () => {
	function read(words: number, tag: number[], ...content: number[]): StructListReader {
		return message([[...structPointer(0, 0, 1), ...listPointer(0, 7, words), ...tag, ...content]])
			.readRoot(new StructReader())
			.listAt(0, new StructListReader());
	}

	it("about its count or its sizes is refused", () => {
		expectFault(FaultCode.ELEMENT, () => read(1, structPointer(2, 1, 0), 1, 2));
		expectFault(FaultCode.ELEMENT, () => read(1, structPointer(1, 1, 1), 1, 2));
		expectFault(FaultCode.ELEMENT, () => read(1, structPointer(0x3fffffff, 0xffff, 0xffff), 1, 2));
	});

	it("by being another kind of pointer is refused", () => {
		for (const tag of [listPointer(1, 1, 0), farPointer(1, 0), capPointer(0)])
			expectFault(FaultCode.ELEMENT, () => read(1, tag, 1, 2));
	});

	it("by lying outside is refused", () => {
		expectFault(FaultCode.BOUNDS, () =>
			message([[...structPointer(0, 0, 1), ...listPointer(0, 7, 0)]])
				.readRoot(new StructReader())
				.listAt(0, new StructListReader()),
		);
		expectFault(FaultCode.BOUNDS, () => read(2, structPointer(1, 1, 0), 1, 2));
	});

	it("about fewer elements than there are words is believed", () => {
		expect(read(2, structPointer(1, 1, 0), 1, 2, 3, 4).length).toBe(1);
	});
});
