import { HEADER_FIELD_BYTES } from "./units.js";

// A frame (encoding specification, "Serialization Over a Stream"): segment count - 1, the size of each segment in words,
// padding to a word, the segments.

/** Bytes of the header of a message with `segments` segments. */
export function headerBytes(segments: number): number {
	return ((segments + 2) >> 1) * 2 * HEADER_FIELD_BYTES;
}
