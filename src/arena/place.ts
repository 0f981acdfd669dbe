import type { Segment } from "./segment.js";

/** Nothing can be written to it, so it may be shared; engines like a field that always holds the same kind of object. */
const NOWHERE = new DataView(new ArrayBuffer(0));

/**
 * Where a view is aimed. Every view owns exactly one and the library works on places only, so that engines see one
 * shape however many structs a schema has. Offsets are absolute bytes in `view`; whoever aims has checked the bounds.
 *
 * Struct: `data`, `dataBytes`, `pointers`, `pointerCount`. List: `length`, and `step` bytes from one element to the
 * next (0 for bits); `data`, `dataBytes`, `pointers`, `pointerCount` are those of the first element. Text and data:
 * `data`, `length`. Null targets have `dataBytes`, `pointerCount` and `length` 0, and their `view` is not touched.
 */
export class Place {
	view: DataView = NOWHERE;
	data = 0;
	dataBytes = 0;
	pointers = 0;
	pointerCount = 0;
	length = 0;
	step = 0;
	/** Levels of pointers that may still be followed from here. */
	depth = 0;
	segment: Segment = undefined as unknown as Segment;
	/** The list that this is an element of, as it was when its `epoch` was ours: moving on inside it changes two offsets only. */
	source: Place | null = null;
	/** Counts how often this was aimed anew. */
	epoch = 0;

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
		this.source = null;
		this.epoch = (this.epoch + 1) | 0;
	}

	/** Aims at nothing: every getter then gives its default. */
	clear(): void {
		this.dataBytes = 0;
		this.pointerCount = 0;
		this.length = 0;
		this.step = 0;
		this.source = null;
		this.epoch = (this.epoch + 1) | 0;
	}
}
