/* Bytes in the order in which they came, in a fixed piece of memory. */
#ifndef VATLET_RING_H
#define VATLET_RING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lwipopts.h"

struct ring {
	struct ring *next;        /* of rings that wait to be freed */
	uint16_t from, used;
	uint8_t bytes[NET_RING_BYTES];
};

static inline size_t ring_room(const struct ring *ring)
{
	return NET_RING_BYTES - ring->used;
}

/* How many bytes lie in one run from the offset-th byte on, and where. */
static inline size_t ring_run(struct ring *ring, size_t offset, uint8_t **bytes)
{
	size_t at = (ring->from + offset) % NET_RING_BYTES;
	size_t until_end = NET_RING_BYTES - at, left = ring->used - offset;
	*bytes = ring->bytes + at;
	return left < until_end ? left : until_end;
}

/* There must be room for `length` bytes. */
static inline void ring_put(struct ring *ring, const uint8_t *bytes, size_t length)
{
	size_t at = (size_t)(ring->from + ring->used) % NET_RING_BYTES;
	size_t first = NET_RING_BYTES - at < length ? NET_RING_BYTES - at : length;
	memcpy(ring->bytes + at, bytes, first);
	memcpy(ring->bytes, bytes + first, length - first);
	ring->used += (uint16_t)length;
}

static inline void ring_drop(struct ring *ring, size_t length)
{
	ring->from = (uint16_t)((ring->from + length) % NET_RING_BYTES);
	ring->used -= (uint16_t)length;
}

#endif
