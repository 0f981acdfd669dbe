import { FaultCode, FrameReader, FrameState, MessagePool, readMessage } from "vatlet/runtime";
import { BytesSource } from "../support/bytes-source.js";
import { expectFault } from "../support/faults.js";
import { frame } from "../support/words.js";

describe("A frame that claims more than it may or brings", () => {
	function header(...fields: number[]): Uint8Array {
		const bytes = new Uint8Array(fields.length * 4);
		fields.forEach((field, i) => new DataView(bytes.buffer).setUint32(i * 4, field, true));
		return bytes;
	}

	it("is refused by its table, before memory is reserved", () => {
		const pool = new MessagePool({ segmentWords: 8, messageWords: 100 });
		for (const bytes of [header(0, 101), header(0, 0xffffffff), header(1, 0xffffffff, 2, 0), header(2, 40, 40, 40)]) {
			expectFault(FaultCode.FRAME, () => new FrameReader(pool).pull(new BytesSource(bytes)));
			expectFault(FaultCode.FRAME, () => readMessage(bytes));
		}
		expect(pool.used).toBe(0);
	});

	it("waits for the rest of a short one, and says that the stream may not end there", () => {
		const whole = frame([0, 0, 1, 2], [3, 4]);
		for (let length = 1; length < whole.length; length++) {
			const pool = new MessagePool({ segmentWords: 8 });
			const reader = new FrameReader(pool);
			expect(reader.pull(new BytesSource(whole.slice(0, length)))).toBe(FrameState.WAITING);
			expect(reader.atBoundary).toBe(false);
			reader.close();
			expect(pool.used).toBe(0);
			expectFault(FaultCode.FRAME, () => readMessage(whole.slice(0, length)));
		}
	});

	it("is refused with bytes behind it, when it is all there should be", () => {
		const whole = frame([0, 0]);
		const more = new Uint8Array(whole.length + 8);
		more.set(whole);
		expectFault(FaultCode.FRAME, () => readMessage(more));
	});

	it("is refused without a root pointer", () => {
		expectFault(FaultCode.BOUNDS, () => readMessage(frame([])).rootPlace());
	});
});
