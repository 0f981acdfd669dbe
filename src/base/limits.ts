/** Segments in one message. Above it a table of ids could make a peer's header itself a burden. */
export const SEGMENTS_MAX = 512;
/** Pointers inside pointers; also what bounds the stack of every recursive walk. */
export const DEPTH_MAX = 64;
/** Words that may be traversed while reading one message: 64 MiB, as in C++. */
export const TRAVERSAL_WORDS = 8 * 1024 * 1024;
/** Words of one message on the wire, where the pool does not say less. */
export const MESSAGE_WORDS = 8 * 1024 * 1024;
/** Capabilities in one message, where the pool does not say less. */
export const CAPS_MAX = 512;
