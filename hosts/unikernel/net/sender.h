/*
 * What was written to a stream and is not acknowledged yet. The room of a ring is a stream's own from the moment it opens: what was
 * promised is there, whatever the other streams do. lwIP sends from the ring, so that all it needs per segment is a header.
 */
#ifndef VATLET_SENDER_H
#define VATLET_SENDER_H

#include <stdbool.h>

#include "lwip/tcp.h"

#include "net/ring.h"

struct sender {
	struct tcp_pcb *pcb;      /* NULL once lwIP has freed it */
	struct ring *ring;        /* NULL once nothing will be sent any more */
	uint16_t given;           /* of the ring's bytes, the first that lwIP has */
};

/* NULL when there is no memory, not even after the longest-lingering stream has been cut off for it. */
struct ring *ring_take(void);
/* Frames may still be sent out of the ring: it is freed when there are none on their way. */
void ring_release(struct ring *ring);
/* Frees what was released; nothing is on its way any more. */
void rings_free(void);

/* Gives lwIP as much as it takes; false when it had no memory and nothing under way whose acknowledgement would be heard. */
bool sender_push(struct sender *sender);
void sender_acknowledged(struct sender *sender, uint16_t length);
void sender_release(struct sender *sender);

#endif
