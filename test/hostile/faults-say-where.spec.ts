import {
	CapListReader,
	DataReader,
	Fault,
	FaultCode,
	Float64ListReader,
	StructListReader,
	StructReader,
	TextReader,
} from "vatlet/runtime";
import { capPointer, farPointer, listPointer, message, structPointer } from "../support/words.js";

/** What is read, the pointer that breaks it, and what the Fault must say. Pointer 0 is the bad one, pointer 1 a good text. */
const BROKEN: readonly (readonly [
	what: string,
	pointer: number[],
	read: (root: StructReader) => unknown,
	code: FaultCode,
	text: string,
])[] = [
	["struct outside", structPointer(40, 1, 0), struct, FaultCode.BOUNDS, "struct outside its segment"],
	["list outside", listPointer(40, 5, 1), doubles, FaultCode.BOUNDS, "list outside its segment"],
	["text outside", listPointer(0, 2, 400), text, FaultCode.BOUNDS, "list outside its segment"],
	["list read as struct", listPointer(1, 2, 3), struct, FaultCode.KIND, "expected a struct, found a list"],
	["struct read as list", structPointer(1, 1, 0), doubles, FaultCode.KIND, "expected a list, found a struct"],
	["capability as data", capPointer(0), data, FaultCode.KIND, "expected a list of bytes, found a capability"],
	["struct as capability", structPointer(1, 1, 0), hook, FaultCode.KIND, "expected a capability, found a struct"],
	["bits as doubles", listPointer(1, 1, 3), doubles, FaultCode.ELEMENT, "list elements of size code 1, expected 5"],
	["bits as structs", listPointer(1, 1, 3), structs, FaultCode.ELEMENT, "list elements of size code 1, expected 7"],
	["doubles as capabilities", listPointer(1, 5, 1), caps, FaultCode.ELEMENT, "size code 5, expected 6"],
	["no such segment", farPointer(4, 0), struct, FaultCode.FAR, "far pointer to segment 4 of 1"],
	["no such capability", capPointer(3), hook, FaultCode.CAPABILITY, "capability 3 of 0"],
	["unknown pointer", [7, 0], struct, FaultCode.KIND, "expected a struct, found an unknown pointer"],
];

function struct(root: StructReader): unknown {
	return root.structAt(0, new StructReader());
}
function doubles(root: StructReader): unknown {
	return root.listAt(0, new Float64ListReader());
}
function structs(root: StructReader): unknown {
	return root.listAt(0, new StructListReader());
}
function caps(root: StructReader): unknown {
	return root.listAt(0, new CapListReader());
}
function text(root: StructReader): unknown {
	return root.textAt(0, new TextReader());
}
function data(root: StructReader): unknown {
	return root.dataAt(0, new DataReader());
}
function hook(root: StructReader): unknown {
	return root.hook(0);
}

describe("A Fault", () => {
	for (const [what, pointer, read, code, said] of BROKEN) {
		it(`about "${what}" says what and where, and the rest is read on`, () => {
			const root = message([[...structPointer(0, 0, 2), ...pointer, ...listPointer(0, 2, 5), 0x64636261, 0]]).readRoot(
				new StructReader(),
			);
			// As often as one likes.
			for (let i = 0; i < 3; i++) {
				let fault: Fault | null = null;
				try {
					read(root);
				} catch (error) {
					fault = error as Fault;
				}
				expect(fault).toBeInstanceOf(Fault);
				expect(fault!.code).toBe(code);
				expect(fault!.message).toContain(said);
				expect(fault!.message).toContain("(segment 0, word 1)");
				expect([fault!.segment, fault!.word]).toEqual([0, 1]);
				expect(root.text(1)).toBe("abcd");
			}
		});
	}
});
