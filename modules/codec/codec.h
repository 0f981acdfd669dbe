/*
 * What moves or looks at many bytes per call, without the engine: plain C over plain memory, so that it runs under the
 * sanitizers and the fuzzer as it runs on a chip. Exact equals of the TypeScript in src/base and src/wire. Nothing here
 * allocates or keeps anything. The caller has checked that all ranges lie in their buffers.
 */
#ifndef VATLET_CODEC_H
#define VATLET_CODEC_H

#include <stddef.h>
#include <stdint.h>

/* Text of the engine is UTF-8 with two differences: NUL is C0 80, and a lone surrogate has three bytes of its own. */

/* Bytes that the engine's `text` takes in UTF-8. */
size_t codec_utf8_length(const uint8_t *text, size_t length);
/* Writes them at `to`; returns how many. */
size_t codec_utf8_encode(const uint8_t *text, size_t length, uint8_t *to);
/* Whether `text` in UTF-8 is `bytes`. */
int codec_utf8_equals(const uint8_t *bytes, size_t count, const uint8_t *text, size_t length);
/* The engine's form of `count` bytes, malformed parts as U+FFFD; writes where `to` is not NULL. Returns its length. */
size_t codec_utf8_decode(const uint8_t *bytes, size_t count, uint8_t *to);

/* Packing and unpacking go on where they stopped; what they must remember is in here. */
struct codec_packing {
	uint32_t source_offset; /* where the last call stopped, in bytes */
	uint32_t target_offset;
	uint32_t run;   /* bytes of a run still to come */
	uint32_t state; /* unpacking: what the next packed byte is */
	uint32_t tag;
	uint32_t bit; /* which byte of the word is next */
};

#define CODEC_PACKED_UNIT 10

void codec_pack(struct codec_packing *packing, const uint8_t *source, uint32_t offset, uint32_t end, uint8_t *target, uint32_t to, uint32_t limit);
void codec_unpack(struct codec_packing *packing, const uint8_t *source, uint32_t offset, uint32_t end, uint8_t *target, uint32_t to, uint32_t limit);

/* `count` values of `width` bytes, `step` bytes apart in a message, from or to an array. Little-endian machines only. */
void codec_gather(const uint8_t *from, uint32_t step, uint32_t count, uint8_t *array, uint32_t width);
void codec_scatter(uint8_t *to, uint32_t step, uint32_t count, const uint8_t *array, uint32_t width);

#endif
