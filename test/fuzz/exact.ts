import { headerBytes } from "../../src/wire/frame.js";
import type { Message } from "vatlet/runtime";

/** What a frame reader must make of the bytes. */
export const FrameOutcome = { WAITING: 0, READY: 1, FAULT: 2 } as const;
export type FrameOutcome = (typeof FrameOutcome)[keyof typeof FrameOutcome];

interface Memory {
	bytes: Uint8Array;
	view: DataView;
}

/** Segments in buffers that end where they do: whoever reads outside reads outside a buffer, which throws. */
export class ExactSegments {
	readonly #segmentsMax: number;
	readonly #wordsMax: number;
	/** By segment, then by words. */
	readonly #memories: (Memory | undefined)[][] = [];
	/** Bytes of the last frame, where it was whole. */
	frameBytes = 0;

	constructor(segmentsMax: number, wordsMax: number) {
		this.#segmentsMax = segmentsMax;
		this.#wordsMax = wordsMax;
	}

	/** Puts the first frame of `bytes` into `message`, where it is whole and within the limits. */
	read(bytes: Uint8Array, length: number, message: Message): FrameOutcome {
		if (length < 8) return FrameOutcome.WAITING;
		const count = half(bytes, 0) + 1;
		if (count > this.#segmentsMax) return FrameOutcome.FAULT;
		const header = headerBytes(count);
		if (length < header) return FrameOutcome.WAITING;
		let words = 0;
		for (let i = 0; i < count; i++) words += half(bytes, 4 + i * 4);
		if (words > this.#wordsMax) return FrameOutcome.FAULT;
		if (length < header + words * 8) return FrameOutcome.WAITING;
		let offset = header;
		for (let i = 0; i < count; i++) {
			const size = half(bytes, 4 + i * 4);
			const memory = this.#memory(i, size);
			for (let j = 0; j < size * 8; j++) memory.bytes[j] = bytes[offset + j]!;
			message.arena.borrow(memory.bytes, memory.view, 0, size * 8);
			offset += size * 8;
		}
		this.frameBytes = offset;
		return FrameOutcome.READY;
	}

	#memory(segment: number, words: number): Memory {
		const sizes = (this.#memories[segment] ??= []);
		let memory = sizes[words];
		if (memory === undefined) {
			const bytes = new Uint8Array(words * 8);
			sizes[words] = memory = { bytes, view: new DataView(bytes.buffer) };
		}
		return memory;
	}
}

function half(bytes: Uint8Array, at: number): number {
	return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
