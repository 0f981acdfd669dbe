import { FrameReader, FrameState, Message, MessagePool, StructBuilder, StructReader } from "vatlet/runtime";
import { BytesSource } from "../support/bytes-source.js";
import { Seeded } from "../support/seeded.js";
import { SlowSource } from "../support/slow-source.js";
import { frame } from "../support/words.js";

describe("Framing", () => {
	it("finds messages in any pieces, and many in one", () => {
		const random = new Seeded(7);
		const parts: number[] = [];
		for (let i = 0; i < 20; i++) {
			const segments: number[][] = [];
			for (let s = 0; s <= i % 5; s++) segments.push(Array.from({ length: 2 * ((i * 3 + s) % 7) + 2 }, () => i));
			parts.push(...frame(...segments));
		}
		const pool = new MessagePool({ segmentWords: 16 });
		const reader = new FrameReader(pool);
		const source = new SlowSource(Uint8Array.from(parts), random);
		let found = 0;
		for (let turn = 0; turn < parts.length && found < 20; turn++) {
			if (reader.pull(source) !== FrameState.READY) continue;
			const message = reader.take();
			expect(message.segmentCount).toBe((found % 5) + 1);
			expect(message.segmentAt(0).view.getUint32(message.segmentAt(0).startByte, true)).toBe(found);
			expect(message.sizeWords).toBe(message.toBytes().length / 8 - ((message.segmentCount + 2) >> 1));
			message.release();
			found++;
		}
		expect(found).toBe(20);
		expect(reader.atBoundary).toBe(true);
		expect(pool.used).toBe(0);
	});

	it("says so when the pool is empty, and goes on when something came back", () => {
		const pool = new MessagePool({ segmentWords: 16, messages: 2, wordsMax: 32 });
		pool.seal();
		const reader = new FrameReader(pool);
		const one = pool.take()!;
		const two = pool.take()!;
		const source = new BytesSource(frame([1, 0, 2, 0]));
		expect(reader.pull(source)).toBe(FrameState.STARVED);
		expect(reader.pull(source)).toBe(FrameState.STARVED);
		one.release();
		expect(reader.pull(source)).toBe(FrameState.STARVED);
		expect(pool.blocks.free).toBe(0);
		two.release();
		reader.close();
	});

	it("starves while no block is left and continues with one", () => {
		const pool = new MessagePool({ segmentWords: 16, messages: 3, segments: 1, wordsMax: 16 });
		pool.seal();
		const holder = pool.take()!;
		holder.initRoot(new StructBuilder(), 1, 0);
		const reader = new FrameReader(pool);
		const source = new BytesSource(frame([0, 1, 5, 0]));
		expect(reader.pull(source)).toBe(FrameState.STARVED);
		holder.release();
		expect(reader.pull(source)).toBe(FrameState.READY);
		const message = reader.take();
		expect(message.readRoot(new StructReader()).uint32(0)).toBe(5);
		message.release();
	});

	it("builds in zeroed memory after reading into it", () => {
		const pool = new MessagePool({ segmentWords: 16, messages: 1, segments: 1, wordsMax: 16 });
		pool.seal();
		const reader = new FrameReader(pool);
		reader.pull(new BytesSource(frame(Array.from({ length: 30 }, () => 0xffffffff))));
		reader.take().release();
		const message = pool.take()!;
		const root = message.initRoot(new StructBuilder(), 4, 2);
		for (let offset = 0; offset < 32; offset += 4) expect(root.uint32(offset)).toBe(0);
		expect(root.absent(1)).toBe(true);
		message.release();
	});

	it("refuses to release twice", () => {
		const message = new MessagePool().take()!;
		message.release();
		expect(() => message.release()).toThrowError(/twice/);
		expect(message).toBeInstanceOf(Message);
	});
});
