import { crc32 } from "../base/crc32.js";

// Frames on a serial line, as docs/serial-link.md has them: 00 01, the body and its CRC-32 in COBS, 00.

/** Kinds of frames, and what may be added to a kind. */
export const OPEN = 1;
export const ACCEPT = 2;
export const DATA = 3;
export const END = 4;
export const ACK = 5;
export const RESET = 6;
export const KIND = 0x0f;
/** Asks for an acknowledgement. */
export const POLL = 0x80;
/** A frame is missing before those that have arrived. */
export const GAP = 0x40;

/** Of a frame's body, before its payload: kind and flags, sequence, acknowledgement, credit, session. */
export const HEADER_BYTES = 8;
/** With it a body and its check are 252 bytes at most, so that COBS adds exactly one. */
export const PAYLOAD_BYTES_MAX = 240;
const CHECK_BYTES = 4;
const BODY_BYTES_MAX = HEADER_BYTES + PAYLOAD_BYTES_MAX;
const COBS_BYTES_MAX = BODY_BYTES_MAX + CHECK_BYTES + 1;
/** The longest frame on the line. */
export const FRAME_BYTES_MAX = COBS_BYTES_MAX + 3;

const DELIMITER = 0x00;
/** Start of heading: no console text has it, so that text after a frame is told from a frame by its first byte. */
const START = 0x01;

const IN_TEXT = 0;
const AFTER_DELIMITER = 1;
const IN_FRAME = 2;
/** Longer than any frame: a delimiter was lost. */
const IN_GARBAGE = 3;

/** What a byte from the line was. */
export const BYTE_TAKEN = 0;
export const BYTE_IS_TEXT = 1;
/** It ended a frame: `body` and `length` hold it until the next byte. */
export const BYTE_ENDS_FRAME = 2;

/** Takes bytes from a line one by one and finds frames between them, starting anywhere. */
export class SerialFrameDecoder {
	/** The frame's header and payload. */
	readonly body = new Uint8Array(COBS_BYTES_MAX);
	length = 0;
	/** Frames that failed their check, and starts of frames that never ended. */
	damaged = 0;
	#state = IN_TEXT;
	#count = 0;

	take(byte: number): number {
		if (this.#state === IN_FRAME && byte !== DELIMITER) {
			if (this.#count < COBS_BYTES_MAX) this.body[this.#count++] = byte;
			else this.#state = IN_GARBAGE;
			return BYTE_TAKEN;
		}
		if (byte === DELIMITER) return this.#delimiter();
		if (this.#state === IN_GARBAGE) return BYTE_TAKEN;
		if (this.#state === AFTER_DELIMITER && byte === START) {
			this.#state = IN_FRAME;
			this.#count = 0;
			return BYTE_TAKEN;
		}
		this.#state = IN_TEXT;
		return BYTE_IS_TEXT;
	}

	#delimiter(): number {
		const state = this.#state;
		this.#state = AFTER_DELIMITER;
		if (state === IN_FRAME && this.#decode()) return BYTE_ENDS_FRAME;
		if (state >= IN_FRAME) this.damaged++;
		return BYTE_TAKEN;
	}

	/** COBS in place: what is written never overtakes what is read. */
	#decode(): boolean {
		const body = this.body;
		const end = this.#count;
		let to = 0;
		let at = 0;
		while (at < end) {
			const code = body[at++]!;
			const next = at + code - 1;
			if (next > end) return false;
			while (at < next) body[to++] = body[at++]!;
			if (code < 255 && at < end) body[to++] = 0;
		}
		const length = to - CHECK_BYTES;
		if (length < HEADER_BYTES) return false;
		this.length = length;
		return readWord(body, length) === crc32(body, 0, length);
	}
}

/** Adds the check to the `length` bytes of `body`, which has room for it, and writes the frame to `into`; returns its length. */
export function encodeSerialFrame(body: Uint8Array, length: number, into: Uint8Array, offset: number): number {
	writeWord(body, length, crc32(body, 0, length));
	const end = length + CHECK_BYTES;
	let to = offset;
	into[to++] = DELIMITER;
	into[to++] = START;
	let codeAt = to++;
	for (let i = 0; i < end; i++) {
		const byte = body[i]!;
		if (byte !== 0) into[to++] = byte;
		else {
			into[codeAt] = to - codeAt;
			codeAt = to++;
		}
	}
	into[codeAt] = to - codeAt;
	into[to++] = DELIMITER;
	return to - offset;
}

/** A body's buffer, with room for the check. */
export function createSerialBody(): Uint8Array {
	return new Uint8Array(BODY_BYTES_MAX + CHECK_BYTES);
}

/** Little-endian, unsigned. */
export function readWord(bytes: Uint8Array, at: number): number {
	return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
	bytes[at] = word;
	bytes[at + 1] = word >>> 8;
	bytes[at + 2] = word >>> 16;
	bytes[at + 3] = word >>> 24;
}
