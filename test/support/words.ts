import { type ArenaLimits, Message, readMessage } from "vatlet/runtime";

/** Halves of pointers, low first, for messages written by hand. */
export function structPointer(offsetWords: number, dataWords: number, pointerCount: number): number[] {
	return [(offsetWords << 2) >>> 0, (dataWords | (pointerCount << 16)) >>> 0];
}

export function listPointer(offsetWords: number, elementSize: number, count: number): number[] {
	return [((offsetWords << 2) | 1) >>> 0, (elementSize | (count << 3)) >>> 0];
}

export function farPointer(segment: number, word: number, double = false): number[] {
	return [((word << 3) | (double ? 4 : 0) | 2) >>> 0, segment];
}

export function capPointer(index: number): number[] {
	return [3, index];
}

export const NULL = [0, 0];

/** A framed message of segments given as 32-bit halves. */
export function frame(...segments: number[][]): Uint8Array {
	const header = [segments.length - 1, ...segments.map((segment) => segment.length / 2)];
	if (header.length % 2 === 1) header.push(0);
	const halves = header.concat(...segments);
	const bytes = new Uint8Array(halves.length * 4);
	const view = new DataView(bytes.buffer);
	halves.forEach((half, i) => view.setUint32(i * 4, half >>> 0, true));
	return bytes;
}

/** The same, read; a limit or two can be set. */
export function message(segments: number[][], limits: ArenaLimits = {}): Message {
	return readMessage(frame(...segments), limits);
}
