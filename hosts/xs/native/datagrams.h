/* Datagrams that wait to be read: what the hosts share of host.h's UDP. */
#ifndef VATLET_DATAGRAMS_H
#define VATLET_DATAGRAMS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

struct datagram {
	struct datagram *next;
	uint8_t address[4];
	uint16_t port, length;
	uint8_t bytes[];
};

struct datagrams {
	struct datagram *first;
	int waiting;
	size_t bytes;   /* of all that wait */
};

/* Whether the next may find no room, depending on its length. */
static inline bool datagrams_full(const struct datagrams *queue)
{
	return queue->waiting >= HOST_UDP_WAITING_MAX || queue->bytes + HOST_UDP_BYTES_MAX > HOST_UDP_WAITING_BYTES_MAX;
}

/* A block for `length` bytes, not yet in the queue; null when it is full, or memory is. */
static inline struct datagram *datagrams_new(const struct datagrams *queue, size_t length)
{
	if (queue->waiting >= HOST_UDP_WAITING_MAX || length > HOST_UDP_BYTES_MAX || queue->bytes + length > HOST_UDP_WAITING_BYTES_MAX)
		return NULL;
	struct datagram *made = malloc(sizeof *made + length);
	if (made != NULL)
		*made = (struct datagram){ .length = (uint16_t)length };
	return made;
}

static inline void datagrams_put(struct datagrams *queue, struct datagram *made)
{
	struct datagram **last = &queue->first;
	while (*last != NULL)
		last = &(*last)->next;
	*last = made;
	queue->waiting++;
	queue->bytes += made->length;
}

static inline void datagrams_drop(struct datagrams *queue)
{
	struct datagram *first = queue->first;
	queue->first = first->next;
	queue->waiting--;
	queue->bytes -= first->length;
	free(first);
}

static inline int datagrams_read(struct datagrams *queue, uint8_t *into, size_t max, uint8_t address[4], uint16_t *port)
{
	const struct datagram *first = queue->first;
	if (first == NULL)
		return HOST_AGAIN;
	size_t count = first->length < max ? first->length : max;
	memcpy(into, first->bytes, count);
	memcpy(address, first->address, 4);
	*port = first->port;
	datagrams_drop(queue);
	return (int)count;
}

static inline void datagrams_clear(struct datagrams *queue)
{
	while (queue->first != NULL)
		datagrams_drop(queue);
}

#endif
