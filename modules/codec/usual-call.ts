import type { Segment } from "../../src/arena/segment.js";
import type { CallHeader } from "../../src/rpc/call-header.js";

// src/rpc/usual-call.ts in C.

export function readCallHeader(segment: Segment, into: CallHeader): boolean {
	return native("xs_codec_readCallHeader").call(undefined, segment, into);
}
