// src/wire/packed.ts in C. What is remembered between calls is a struct of six 32-bit words, in a buffer.

export const PACKED_UNIT_BYTES = 10;

const STATE_BYTES = 24;
const SOURCE_OFFSET = 0;
const TARGET_OFFSET = 4;
const STATE = 12;

function pack(
	state: ArrayBuffer,
	source: Uint8Array,
	offset: number,
	end: number,
	target: Uint8Array,
	to: number,
	limit: number,
): void {
	return native("xs_codec_pack").call(undefined, state, source, offset, end, target, to, limit);
}

function unpack(
	state: ArrayBuffer,
	source: Uint8Array,
	offset: number,
	end: number,
	target: Uint8Array,
	to: number,
	limit: number,
): void {
	return native("xs_codec_unpack").call(undefined, state, source, offset, end, target, to, limit);
}

export class Packing {
	readonly #state = new ArrayBuffer(STATE_BYTES);
	readonly #view = new DataView(this.#state);

	get sourceOffset(): number {
		return this.#view.getUint32(SOURCE_OFFSET, true);
	}

	get targetOffset(): number {
		return this.#view.getUint32(TARGET_OFFSET, true);
	}

	pack(source: Uint8Array, offset: number, end: number, target: Uint8Array, to: number, limit: number): void {
		pack(this.#state, source, offset, end, target, to, limit);
	}
}

export class Unpacking {
	readonly #state = new ArrayBuffer(STATE_BYTES);
	readonly #view = new DataView(this.#state);

	get sourceOffset(): number {
		return this.#view.getUint32(SOURCE_OFFSET, true);
	}

	get targetOffset(): number {
		return this.#view.getUint32(TARGET_OFFSET, true);
	}

	get atBoundary(): boolean {
		return this.#view.getUint32(STATE, true) === 0;
	}

	unpack(source: Uint8Array, offset: number, end: number, target: Uint8Array, to: number, limit: number): void {
		unpack(this.#state, source, offset, end, target, to, limit);
	}

	reset(): void {
		this.#view.setUint32(STATE, 0, true);
	}
}
