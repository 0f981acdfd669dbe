import { AnyKind, AnyReader, DataReader, FaultCode, StructListReader, StructReader } from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { capPointer, listPointer, message, structPointer } from "../support/words.js";

describe("A pointer of another kind than its use", () => {
	const reader = message([
		[
			...structPointer(0, 0, 5),
			...structPointer(4, 1, 0),
			...listPointer(3, 2, 8),
			...capPointer(0),
			7,
			0,
			0x13,
			0,
			1,
			2,
		],
	]).readRoot(new StructReader());

	it("is a Fault in every getter", () => {
		expectFault(FaultCode.KIND, () => reader.structAt(1, new StructReader()));
		expectFault(FaultCode.KIND, () => reader.structAt(2, new StructReader()));
		expectFault(FaultCode.KIND, () => reader.listAt(0, new StructListReader()));
		expectFault(FaultCode.KIND, () => reader.text(0));
		expectFault(FaultCode.KIND, () => reader.dataAt(2, new DataReader()));
		expectFault(FaultCode.KIND, () => reader.hook(0));
		expectFault(FaultCode.KIND, () => reader.hook(1));
		expectFault(FaultCode.KIND, () => reader.hook(3));
	});

	it("leaves the view that it was to be read into aimed at nothing", () => {
		const struct = reader.structAt(0, new StructReader());
		expect(struct.uint32(0)).toBe(1);
		expectFault(FaultCode.KIND, () => reader.structAt(1, struct));
		expect(struct.uint32(0)).toBe(0);
		const list = new StructListReader();
		expectFault(FaultCode.KIND, () => reader.listAt(0, list));
		expect(list.length).toBe(0);
		expect(() => list.read(0, struct)).toThrowError(RangeError);
		const data = reader.dataAt(1, new DataReader());
		expect(data.length).toBe(8);
		expectFault(FaultCode.KIND, () => reader.dataAt(2, data));
		expect(data.length).toBe(0);
	});

	it("shows its kind where any is allowed", () => {
		const any = new AnyReader();
		expect(reader.anyAt(0, any).kind).toBe(AnyKind.STRUCT);
		expect(reader.anyAt(1, any).kind).toBe(AnyKind.LIST);
		expect(reader.anyAt(2, any).kind).toBe(AnyKind.CAPABILITY);
		expect(reader.anyAt(3, any).kind).toBe(AnyKind.UNKNOWN);
		expect(reader.anyAt(4, any).kind).toBe(AnyKind.UNKNOWN);
		expect(reader.anyAt(5, any).kind).toBe(AnyKind.NULL);
	});

	it("is a Fault for a capability that nobody sent", () => {
		expectFault(FaultCode.CAPABILITY, () => reader.hook(2));
	});
});
