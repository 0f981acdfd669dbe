/**
 * Packing (encoding specification, "Packing"): each word becomes a tag byte, whose bits say which bytes are not zero, and
 * those bytes; tag 0 is followed by a count of further zero words, tag 0xff by a count of words that follow unpacked.
 * Both directions go on where they stopped, with whatever input and room there is. Hosts with native code replace this
 * file (modules/codec/packed.ts).
 */

/** Longest piece that packing writes at once: tag, eight bytes, count. */
export const PACKED_UNIT_BYTES = 10;

/** Words of a run behind its first. */
const RUN_MAX = 255;

export class Packing {
	/** Where the last call stopped in the source and in the target. */
	sourceOffset = 0;
	targetOffset = 0;
	/** Bytes of an unpacked run still to copy. */
	#literal = 0;

	/**
	 * Packs the whole words from `offset` to `end` into `target` from `to` up to `limit`. Stops when the source is used up
	 * or fewer than PACKED_UNIT_BYTES are left; runs end with the source.
	 */
	pack(source: Uint8Array, offset: number, end: number, target: Uint8Array, to: number, limit: number): void {
		for (;;) {
			if (this.#literal > 0) {
				let count = this.#literal;
				if (count > limit - to) count = limit - to;
				for (let i = 0; i < count; i++) target[to + i] = source[offset + i]!;
				offset += count;
				to += count;
				this.#literal -= count;
			}
			if (offset >= end || limit - to < PACKED_UNIT_BYTES) break;
			const mark = to++;
			let tag = 0;
			for (let bit = 1; bit < 256; bit <<= 1) {
				const byte = source[offset++]!;
				if (byte !== 0) {
					tag |= bit;
					target[to++] = byte;
				}
			}
			target[mark] = tag;
			if (tag === 0) {
				const words = zeroWords(source, offset, end);
				target[to++] = words;
				offset += words * 8;
			} else if (tag === 0xff) {
				const words = denseWords(source, offset, end);
				target[to++] = words;
				this.#literal = words * 8;
			}
		}
		this.sourceOffset = offset;
		this.targetOffset = to;
	}
}

/** Zero words from `offset` on, at most a run. */
function zeroWords(source: Uint8Array, offset: number, end: number): number {
	const last = end - offset > RUN_MAX * 8 ? offset + RUN_MAX * 8 : end;
	let at = offset;
	while (at < last && source[at] === 0) at++;
	return (at - offset) >> 3;
}

/** Words with at most one zero byte from `offset` on, at most a run: those are shorter unpacked. */
function denseWords(source: Uint8Array, offset: number, end: number): number {
	const last = end - offset > RUN_MAX * 8 ? offset + RUN_MAX * 8 : end;
	let at = offset;
	while (at < last) {
		let zeroes = 0;
		for (let i = 0; i < 8; i++) if (source[at + i] === 0) zeroes++;
		if (zeroes > 1) break;
		at += 8;
	}
	return (at - offset) >> 3;
}

/** What the next packed byte is. */
const TAG = 0;
const BYTES = 1;
const ZERO_COUNT = 2;
const LITERAL_COUNT = 3;
const LITERAL = 4;
const ZEROES = 5;

export class Unpacking {
	sourceOffset = 0;
	targetOffset = 0;
	#state = TAG;
	#tag = 0;
	/** Which byte of the word is next. */
	#bit = 0;
	/** Bytes of a run still to come. */
	#run = 0;

	/** Whether the packed stream may end here. */
	get atBoundary(): boolean {
		return this.#state === TAG;
	}

	/** Unpacks until the source is used up or the target is full. Never writes beyond `limit`, whatever the source claims. */
	unpack(source: Uint8Array, offset: number, end: number, target: Uint8Array, to: number, limit: number): void {
		for (;;) {
			switch (this.#state) {
				case TAG:
					if (offset >= end || to >= limit) return this.#stop(offset, to);
					this.#tag = source[offset++]!;
					this.#bit = 0;
					this.#state = BYTES;
					break;
				case BYTES:
					while (this.#bit < 8) {
						if (to >= limit) return this.#stop(offset, to);
						if (((this.#tag >> this.#bit) & 1) === 0) target[to++] = 0;
						else if (offset < end) target[to++] = source[offset++]!;
						else return this.#stop(offset, to);
						this.#bit++;
					}
					this.#state = this.#tag === 0 ? ZERO_COUNT : this.#tag === 0xff ? LITERAL_COUNT : TAG;
					break;
				case ZERO_COUNT:
				case LITERAL_COUNT:
					if (offset >= end) return this.#stop(offset, to);
					this.#run = source[offset++]! * 8;
					this.#state = this.#state === ZERO_COUNT ? ZEROES : LITERAL;
					break;
				case ZEROES: {
					const count = this.#run < limit - to ? this.#run : limit - to;
					target.fill(0, to, to + count);
					to += count;
					this.#run -= count;
					if (this.#run > 0) return this.#stop(offset, to);
					this.#state = TAG;
					break;
				}
				default: {
					let count = this.#run < limit - to ? this.#run : limit - to;
					if (count > end - offset) count = end - offset;
					for (let i = 0; i < count; i++) target[to + i] = source[offset + i]!;
					offset += count;
					to += count;
					this.#run -= count;
					if (this.#run > 0) return this.#stop(offset, to);
					this.#state = TAG;
				}
			}
		}
	}

	/** Forgets a half unpacked word. */
	reset(): void {
		this.#state = TAG;
		this.#run = 0;
	}

	#stop(offset: number, to: number): void {
		this.sourceOffset = offset;
		this.targetOffset = to;
	}
}
