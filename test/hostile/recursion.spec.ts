import {
	AnyBuilder,
	AnyReader,
	canonicalize,
	copyWords,
	describe as describeMessage,
	FaultCode,
	isCanonical,
	MessagePool,
	StructReader,
	structsEqual,
} from "vatlet/runtime";
import { OnlyUnion, OnlyUnionReader } from "../capnpc/everything.capnp.js";
import { expectFault } from "../support/faults.js";
import { message, structPointer } from "../support/words.js";

/** A struct whose only pointer leads to itself: millions of levels in 24 bytes of frame. */
describe("A message that contains itself", () => {
	/** A union that holds one of its own kind. */
	const two = [...structPointer(0, 1, 1), 1, 0, ...structPointer(-2, 1, 1)];
	const loop = [...structPointer(0, 0, 1), ...structPointer(-1, 0, 1)];

	it("ends at the depth limit when read", () => {
		const reader = new StructReader();
		message([loop]).readRoot(reader);
		let levels = 1;
		expectFault(FaultCode.DEPTH, () => {
			for (; levels < 1000; levels++) reader.structAt(0, reader);
		});
		expect(levels).toBe(64);
	});

	it("ends at the depth limit in every walk", () => {
		const pool = new MessagePool({ segmentWords: 4096 });
		expectFault(FaultCode.DEPTH, () =>
			pool
				.take()!
				.rootAny(new AnyBuilder())
				.copy(message([loop]).rootAny(new AnyReader())),
		);
		expectFault(FaultCode.DEPTH, () => canonicalize(message([loop]).readRoot(new StructReader()), pool.take()!));
		expectFault(FaultCode.DEPTH, () => copyWords(message([loop])));
		expectFault(FaultCode.DEPTH, () => describeMessage(message([loop])));
		expectFault(FaultCode.DEPTH, () =>
			structsEqual(message([loop]).readRoot(new StructReader()), message([loop]).readRoot(new StructReader())),
		);
		expect(isCanonical(message([loop]))).toBe(false);
	});

	it("ends at the depth limit as a plain object of its type", () => {
		expectFault(FaultCode.DEPTH, () => OnlyUnion.toObject(message([two]).readRoot(new OnlyUnionReader())));
	});

	it("leaves the next message readable", () => {
		expect(
			message([[...structPointer(0, 1, 0), 5, 0]])
				.readRoot(new StructReader())
				.uint32(0),
		).toBe(5);
	});
});
