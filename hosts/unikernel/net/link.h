/*
 * The link layer that a board gives: whole Ethernet frames, received into buffers that the board owns and lends out, sent straight
 * from memory that the caller owns until link_sent gives it back.
 */
#ifndef VATLET_LINK_H
#define VATLET_LINK_H

#include <stddef.h>
#include <stdint.h>

#define LINK_FRAME_BYTES 1514
#define LINK_SLICES 4

#ifndef LINK_RECEIVE_BUFFERS
#define LINK_RECEIVE_BUFFERS 2
#endif

struct link_slice {
	const void *bytes;
	size_t length;
};

/* HOST_ABSENT without a network device. */
int link_open(uint8_t address[6]);
/* Lends the next frame: its buffer's number from 0 to LINK_RECEIVE_BUFFERS - 1, or -1. Give it back with link_return. */
int link_receive(uint8_t **frame, size_t *length);
void link_return(int buffer);
/* Takes up to LINK_SLICES slices; they stay untouched until link_sent returns `owner`. HOST_FULL when the ring has no room. */
int link_send(const struct link_slice *slices, int count, void *owner);
/* The owner of a frame that has left, or NULL. */
void *link_sent(void);

#endif
