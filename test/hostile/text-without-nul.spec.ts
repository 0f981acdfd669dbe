import {
	AnyBuilder,
	AnyReader,
	FaultCode,
	MessagePool,
	StructBuilder,
	StructReader,
	TextReader,
	editStruct,
} from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { listPointer, message, structPointer } from "../support/words.js";

describe("Text without its NUL", () => {
	it("is a Fault that says where, and data all the same", () => {
		const read = message([
			[...structPointer(0, 0, 2), ...listPointer(1, 2, 2), ...listPointer(0, 2, 0), 0x00636261, 0],
		]).readRoot(new StructReader());
		const fault = expectFault(FaultCode.TEXT, () => read.text(0));
		expect([fault.segment, fault.word]).toEqual([0, 3]);
		expectFault(FaultCode.TEXT, () => read.textAt(0, new TextReader()));
		expectFault(FaultCode.TEXT, () => read.anyAt(0, new AnyReader()).text());
		// No bytes at all have no NUL either.
		expectFault(FaultCode.TEXT, () => read.text(1));
	});

	it("is a Fault in a builder too, that was given it by a copy", () => {
		const source = message([[...structPointer(0, 0, 1), ...listPointer(0, 2, 2), 0x00636261, 0]]);
		const built = new MessagePool({ segmentWords: 32 }).take()!;
		built.rootAny(new AnyBuilder()).copy(source.rootAny(new AnyReader()));
		const root = new StructBuilder();
		editStruct(built.rootAny(new AnyBuilder()).at, 0, 0, 1, root.at);
		expectFault(FaultCode.TEXT, () => root.text(0));
		expectFault(FaultCode.TEXT, () => root.textAt(0, new TextReader()));
		root.putText(0, "ok");
		expect(root.text(0)).toBe("ok");
	});
});
