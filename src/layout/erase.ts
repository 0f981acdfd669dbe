import type { Segment } from "../arena/segment.js";

/** Makes the pointer at byte `pointer` null. */
export function eraseAt(segment: Segment, pointer: number): void {
	segment.view.setUint32(pointer, 0, true);
	segment.view.setUint32(pointer + 4, 0, true);
}
