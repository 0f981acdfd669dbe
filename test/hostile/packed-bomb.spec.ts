import { FaultCode, FrameReader, FrameState, MessagePool, Unpacker } from "vatlet/runtime";
import { BytesSource } from "../support/bytes-source.js";
import { expectFault } from "../support/faults.js";

describe("Packed bytes", () => {
	it("that claim a gibibyte in five bytes are refused by the table they unpack to", () => {
		// One word: one segment, 2^27 words.
		const source = new BytesSource(new Uint8Array([0x80, 0x08, 0x00, 0xff, 0x00]));
		const pool = new MessagePool();
		expectFault(FaultCode.FRAME, () => new FrameReader(pool).pull(new Unpacker(source)));
		expect(pool.used).toBe(0);
	});

	it("expand only into the room that was asked for", () => {
		const zeroes = new Uint8Array(2000);
		for (let i = 1; i < zeroes.length; i += 2) zeroes[i] = 0xff;
		const unpacker = new Unpacker(new BytesSource(zeroes), 64);
		const room = new Uint8Array(40).fill(7);
		expect(unpacker.read(room, 8, 24)).toBe(24);
		expect(Array.from(room.slice(0, 8))).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
		expect(Array.from(room.slice(32))).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
	});

	it("that end early leave the stream off its boundary", () => {
		// A tag that promises bytes; a tag 0xff without its count; a run that is cut.
		for (const bytes of [[0x03, 1], [0x01], [0xff, 0, 0, 0, 0, 1, 0, 0, 0], [0xff, 0, 0, 0, 0, 2, 0, 0, 0, 2, 9]]) {
			const unpacker = new Unpacker(new BytesSource(new Uint8Array(bytes)));
			const reader = new FrameReader(new MessagePool());
			expect(reader.pull(unpacker)).toBe(FrameState.WAITING);
			expect(unpacker.atBoundary).toBe(false);
			reader.close();
		}
	});
});
