import { MessagePool, StructBuilder } from "vatlet/runtime";

// Not on devices: it takes a quarter of a megabyte.

describe("A struct of 2^15 pointers", () => {
	it("is erased when its pointer, of which only the highest bit is set, is set again", () => {
		const built = new MessagePool({ segmentWords: 40_000 }).take()!;
		const builder = built.initRoot(new StructBuilder(), 0, 1);
		builder.newStruct(0, 0, 0x8000, new StructBuilder()).putText(0, "secret");
		builder.newStruct(0, 1, 0, new StructBuilder());
		expect(Buffer.from(built.toBytes()).includes("secret")).toBeFalse();
	});
});
