import { type Seeded } from "../support/seeded.js";

/** Pointer halves that have broken readers before. */
const HALVES = [
	0, 1, 2, 3, 4, 6, 7, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0x00010000,
	0x00010001, 0xffff0000,
];

/**
 * Changes some words of the segments of a frame, mostly as pointers: other kinds, sizes, offsets and segments. The frame
 * header stays, so that what is tested lies behind it; `mutateBytes` is for the rest.
 */
export function mutateWords(view: DataView, from: number, to: number, random: Seeded): void {
	const words = (to - from) >> 3;
	if (words === 0) return;
	for (let changes = 1 + random.below(4); changes > 0; changes--) {
		const at = from + random.below(words) * 8;
		const low = view.getUint32(at, true);
		const high = view.getUint32(at + 4, true);
		switch (random.below(9)) {
			case 0:
				view.setUint32(at, (low & ~3) | random.below(4), true);
				break;
			case 1:
				view.setUint32(at, (low & 3) | ((random.below(64) - 32) << 2), true);
				break;
			case 2:
				view.setUint32(at + 4, (high & ~7) | random.below(8), true);
				break;
			case 3:
				view.setUint32(at + 4, (high & 7) | (random.below(1 << random.below(29)) << 3), true);
				break;
			case 4:
				view.setUint32(at + 4, random.below(8) | (random.below(8) << 16), true);
				break;
			case 5: {
				// A far pointer to somewhere near.
				view.setUint32(at, (random.below(words) << 3) | (random.below(2) << 2) | 2, true);
				view.setUint32(at + 4, random.below(4), true);
				break;
			}
			case 6: {
				// A word from elsewhere: shared targets and loops.
				const other = from + random.below(words) * 8;
				view.setUint32(at, view.getUint32(other, true), true);
				view.setUint32(at + 4, view.getUint32(other + 4, true), true);
				break;
			}
			case 7:
				view.setUint32(at + random.below(2) * 4, HALVES[random.below(HALVES.length)]!, true);
				break;
			default:
				view.setUint8(at + random.below(8), random.below(256));
		}
	}
}

/** Any bytes, anywhere. */
export function mutateBytes(bytes: Uint8Array, random: Seeded): void {
	for (let changes = 1 + random.below(6); changes > 0; changes--)
		bytes[random.below(bytes.length)] = random.chance(3) ? 0xff : random.below(256);
}
