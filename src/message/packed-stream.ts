import { PACKED_UNIT_BYTES, Packing, Unpacking } from "../wire/packed.js";
import { headerBytes } from "../wire/frame.js";
import type { ByteSource } from "./frame-reader.js";
import type { Message } from "./message.js";

/** Unpacks what it pulls from another source, only as much as is asked for: a packed bomb cannot grow here. */
export class Unpacker implements ByteSource {
	readonly #inner: ByteSource;
	readonly #buffer: Uint8Array;
	readonly #state = new Unpacking();
	#start = 0;
	#end = 0;

	/** `bufferBytes` packed bytes are taken from `inner` at a time. */
	constructor(inner: ByteSource, bufferBytes = 256) {
		this.#inner = inner;
		this.#buffer = new Uint8Array(bufferBytes);
	}

	/** False where the packed stream ended inside a word or a run: it was cut off. */
	get atBoundary(): boolean {
		return this.#start === this.#end && this.#state.atBoundary;
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const state = this.#state;
		const limit = offset + max;
		let at = offset;
		for (;;) {
			state.unpack(this.#buffer, this.#start, this.#end, into, at, limit);
			this.#start = state.sourceOffset;
			at = state.targetOffset;
			if (at === limit || this.#start < this.#end) break;
			this.#start = 0;
			this.#end = this.#inner.read(this.#buffer, 0, this.#buffer.length);
			if (this.#end === 0) break;
		}
		return at - offset;
	}
}

/** The packed frame of a message, piece by piece. Borrows the message until all of it was read. */
export class Packer implements ByteSource {
	readonly #state = new Packing();
	readonly #header: Uint8Array;
	readonly #headerView: DataView;
	#headerLength = 0;
	#message: Message | null = null;
	/** -1 is the header. */
	#segment = -1;
	#offset = 0;

	constructor(segmentsMax: number) {
		this.#header = new Uint8Array(headerBytes(segmentsMax));
		this.#headerView = new DataView(this.#header.buffer);
	}

	/** Whether all was read. */
	get done(): boolean {
		return this.#message === null;
	}

	start(message: Message): void {
		this.#message = message;
		this.#headerLength = message.headerBytes(this.#headerView, 0);
		this.#segment = -1;
		this.#offset = 0;
	}

	/** Needs room for at least PACKED_UNIT_BYTES to go on; 0 before that means too little room. */
	read(into: Uint8Array, offset: number, max: number): number {
		const message = this.#message;
		const state = this.#state;
		const limit = offset + max;
		let to = offset;
		while (this.#message !== null && message !== null) {
			const segment = this.#segment < 0 ? null : message.segmentAt(this.#segment);
			const bytes = segment === null ? this.#header : segment.bytes;
			const start = segment === null ? 0 : segment.startByte;
			const end = segment === null ? this.#headerLength : segment.endByte;
			state.pack(bytes, start + this.#offset, end, into, to, limit);
			to = state.targetOffset;
			this.#offset = state.sourceOffset - start;
			if (state.sourceOffset < end) break;
			this.#offset = 0;
			if (++this.#segment === message.segmentCount) this.#message = null;
			else if (limit - to < PACKED_UNIT_BYTES) break;
		}
		return to - offset;
	}
}
