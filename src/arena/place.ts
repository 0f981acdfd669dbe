import type { Segment } from "./segment.js";

/**
 * Where a view is aimed. Every view owns exactly one and the library works on places only, so that engines see one
 * shape however many structs a schema has. Offsets are absolute bytes in `view`; whoever aims has checked the bounds.
 *
 * Struct: `data`, `dataBytes`, `pointers`, `pointerCount`. List: `length`, and `step` bytes from one element to the
 * next (0 for bits); `data`, `dataBytes`, `pointers`, `pointerCount` are those of the first element. Text and data:
 * `data`, `length`. Null targets have `dataBytes`, `pointerCount` and `length` 0, and their `view` is not touched.
 */
export class Place {
	view: DataView = undefined as unknown as DataView;
	data = 0;
	dataBytes = 0;
	pointers = 0;
	pointerCount = 0;
	length = 0;
	step = 0;
	/** Levels of pointers that may still be followed from here. */
	depth = 0;
	segment: Segment = undefined as unknown as Segment;

	copyFrom(other: Place): void {
		this.view = other.view;
		this.data = other.data;
		this.dataBytes = other.dataBytes;
		this.pointers = other.pointers;
		this.pointerCount = other.pointerCount;
		this.length = other.length;
		this.step = other.step;
		this.depth = other.depth;
		this.segment = other.segment;
	}

	/** Aims at nothing: every getter then gives its default. */
	clear(): void {
		this.dataBytes = 0;
		this.pointerCount = 0;
		this.length = 0;
		this.step = 0;
	}
}
