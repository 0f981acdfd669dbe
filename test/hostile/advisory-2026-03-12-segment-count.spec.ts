import { FaultCode, FrameReader, MessagePool, readMessage } from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { BytesSource } from "../support/bytes-source.js";

/** Advisory 2026-03-12-0: a segment count of 0xFFFFFFFF is 0 once one is added in 32 bits. */
describe("A frame of 2^32 segments", () => {
	it("is refused, flat and as a stream, before anything is reserved", () => {
		const bytes = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
		expectFault(FaultCode.FRAME, () => readMessage(bytes));
		const pool = new MessagePool();
		expectFault(FaultCode.FRAME, () => new FrameReader(pool).pull(new BytesSource(bytes)));
		expect(pool.used).toBe(0);
	});

	it("is refused for every count above the limit", () => {
		for (const count of [512, 513, 0x7fffffff, 0x80000000, 0xfffffffe]) {
			const bytes = new Uint8Array(8);
			new DataView(bytes.buffer).setUint32(0, count, true);
			expectFault(FaultCode.FRAME, () => new FrameReader(new MessagePool()).pull(new BytesSource(bytes)));
			expectFault(FaultCode.FRAME, () => readMessage(bytes));
		}
	});
});
