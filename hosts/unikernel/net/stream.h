/* What the stack and the streams share. */
#ifndef VATLET_STREAM_H
#define VATLET_STREAM_H

#include <stddef.h>

#include "lwip/pbuf.h"

/* A frame on loan from the link layer. The pbuf comes first: a pbuf that carries received data is one of these. */
struct received_frame {
	struct pbuf_custom custom;
};

/* Bytes by which the data of a received pbuf may grow in place. */
size_t received_room(const struct pbuf *pbuf);
/* Sends what was written since the last call. */
void streams_output(void);

#endif
