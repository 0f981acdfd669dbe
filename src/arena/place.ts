import type { Segment } from "./segment.js";

/** Nothing can be written to it, so it may be shared; engines like a field that always holds the same kind of object. */
const NOWHERE = new DataView(new ArrayBuffer(0));

/**
 * Where a view is aimed. Every view owns exactly one and the library works on places only, so that engines see one
 * shape however many structs a schema has. Offsets are absolute bytes in `view`; whoever aims has checked the bounds.
 *
 * Struct: `data`, `dataBytes`, `pointerCount`; its pointers follow its data. List: `length`, and `step` bytes from one
 * element to the next (0 for bits); `data`, `dataBytes`, `pointerCount` are those of the first element. Text and data:
 * `data`, `length`. Null targets have `dataBytes`, `pointerCount` and `length` 0, and their `view` is not touched.
 * The order of the fields is that of their use: some engines look them up one by one.
 */
export class Place {
	data = 0;
	dataBytes = 0;
	view: DataView = NOWHERE;
	length = 0;
	step = 0;
	/** The element that a view moves on, and the list that it came from: inside it only `data` changes. */
	element: Place | null = null;
	source: Place | null = null;
	pointerCount = 0;
	/** Levels of pointers that may still be followed from here. */
	depth = 0;
	segment: Segment = undefined as unknown as Segment;

	/** Byte offset of the first pointer. */
	get pointers(): number {
		return this.data + this.dataBytes;
	}

	copyFrom(other: Place): void {
		this.leave();
		this.view = other.view;
		this.data = other.data;
		this.dataBytes = other.dataBytes;
		this.pointerCount = other.pointerCount;
		this.length = other.length;
		this.step = other.step;
		this.depth = other.depth;
		this.segment = other.segment;
	}

	/** Aims at nothing: every getter then gives its default. */
	clear(): void {
		this.leave();
		this.dataBytes = 0;
		this.pointerCount = 0;
		this.length = 0;
		this.step = 0;
	}

	/** Aims at the pointer at byte `position`, as a struct of that one pointer. */
	aimPointer(segment: Segment, position: number, depth: number): this {
		this.leave();
		this.view = segment.view;
		this.segment = segment;
		this.data = position;
		this.dataBytes = 0;
		this.pointerCount = 1;
		this.length = 0;
		this.step = 0;
		this.depth = depth;
		return this;
	}

	/** As `aimPointer`, for a view that is aimed so always, mostly at where it was aimed before. */
	aimPointerAgain(segment: Segment, position: number, depth: number): this {
		if (
			this.segment === segment &&
			this.data === position &&
			this.pointerCount === 1 &&
			this.view === segment.view &&
			this.depth === depth
		)
			return this;
		return this.aimPointer(segment, position, depth);
	}

	/** To be called before aiming elsewhere: a list forgets its element view, an element view its list. */
	leave(): void {
		if (this.source !== null) {
			this.source.element = null;
			this.source = null;
		}
		if (this.element !== null) {
			this.element.source = null;
			this.element = null;
		}
	}
}
