/*
 * host.h's TCP streams over lwIP's raw interface.
 *
 * A stream's life: FREE -> CONNECTING -> OPEN (connect), FREE -> QUEUED -> OPEN (accept), FREE -> LISTENING; when the connection ends
 * under an open stream its pcb goes and the stream stays, readable to its last byte, until the handle is closed. Closing frees the
 * handle at once; what was written and not acknowledged lingers.
 *
 * Backpressure: a stream has a ring for each direction, taken from the C heap when it opens, so that none can crowd out another. The
 * window that a peer sees opens again only as the application reads.
 */
#ifndef VATLET_STREAM_H
#define VATLET_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/tcp.h"

#include "net/sender.h"

#define POLL_HALF_SECONDS 2

enum stream_state { STREAM_FREE, STREAM_CONNECTING, STREAM_QUEUED, STREAM_OPEN, STREAM_LISTENING };

struct stream {
	uint8_t state;
	uint8_t events;
	int8_t error;             /* HOST_OK while nothing ended the stream */
	int8_t listener;          /* QUEUED: who may accept it */
	bool ended_reported;
	uint8_t waited_seconds;   /* CONNECTING */
	uint16_t remote_port, local_port;
	ip4_addr_t remote;
	struct tcp_pcb *pcb;      /* LISTENING; of others, the sender has it */
	struct sender sender;
	struct ring *received;
};

extern struct stream streams[NET_STREAMS + NET_LISTENERS];

/* An open stream or a listener; NULL for a handle that is none. */
struct stream *stream_find(int handle);
/* A free entry: listeners and streams have separate shares, so that accepted streams cannot crowd out a listener. */
struct stream *stream_take(bool listener);
void stream_wake(struct stream *stream, int events);
/* Gives the stream its rings and makes it the pcb's owner; false when there is no memory. */
bool stream_attach(struct stream *stream, struct tcp_pcb *pcb);
void stream_remember_peer(struct stream *stream);
/* HOST_TCP_NODELAY, HOST_TCP_KEEPALIVE */
void stream_set_flags(struct stream *stream, int flags);
/* The connection is torn down, the entry free. */
void stream_drop(struct stream *stream);
/* From now on lwIP calls nobody for this pcb. */
void pcb_detach(struct tcp_pcb *pcb);
void listener_close(struct stream *listener);

/* Sends what was written since the last call; false when that has to be tried again soon. */
bool streams_output(void);
/* Takes back the frames that have left. */
void net_free_sent(void);

#endif
