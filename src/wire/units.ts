/** Segment ids, counts and sizes in a frame header are 32 bits, little-endian. */
export const HEADER_FIELD_BYTES = 4;
