/*
 * One end of a serial link, as docs/serial-link.md has it: a reliable, ordered byte stream with a beginning and an end over a line that
 * loses, damages and repeats bytes. The exact equal of src/net/serial-link.ts: change both.
 *
 * No I/O, no clock, no malloc: bytes from the line go into serial_link_receive, bytes for it come out of serial_link_transmit, times
 * are arguments (milliseconds that never go back). Fields above "inside" may be read.
 */
#ifndef VATLET_SERIAL_LINK_H
#define VATLET_SERIAL_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serial-frame.h"

#define SERIAL_WINDOW 8
#define SERIAL_RECEIVED_BYTES_MAX 2048
#define SERIAL_NEVER UINT64_MAX

enum { SERIAL_IDLE, SERIAL_OPENING, SERIAL_OPEN, SERIAL_CLOSED };
enum { SERIAL_OK, SERIAL_RESET, SERIAL_TIMEOUT, SERIAL_REFUSED };

struct serial_link {
	int state;
	int error;
	uint32_t epoch;
	uint32_t session;
	bool peer_ended;
	uint32_t frames_in, frames_out, frames_repeated;

	/* inside */
	struct serial_frame_decoder decoder;
	uint8_t body[SERIAL_BODY_BYTES_MAX + SERIAL_CHECK_BYTES];
	uint8_t out[SERIAL_WINDOW * SERIAL_PAYLOAD_BYTES_MAX];
	uint8_t out_bytes[SERIAL_WINDOW], out_kinds[SERIAL_WINDOW];
	uint8_t in[SERIAL_RECEIVED_BYTES_MAX];
	uint32_t in_head, in_count;
	uint32_t nonce, own_nonce, accepted, candidate, candidate_nonce;
	bool listening;
	uint8_t unacknowledged, next, sent, filled, edge, expected, edge_told;
	bool gap_told, end_queued, confirmed;
	bool ack_due, gap_due, poll_due, accept_due, reset_due;
	uint32_t reset_session;
	int went_back_to, timed_frame;
	uint64_t open_at_ms, retransmit_at_ms, poll_at_ms, ask_at_ms, heard_ms, timed_ms;
	int32_t round_trip8, deviation4;
	uint32_t retransmit_ms;
};

void serial_link_init(struct serial_link *link);
void serial_link_dial(struct serial_link *link, uint32_t nonce, uint64_t now_ms);
void serial_link_listen(struct serial_link *link, uint32_t seed);
void serial_link_deafen(struct serial_link *link);

size_t serial_link_read(struct serial_link *link, uint8_t *into, size_t max);
size_t serial_link_writable(const struct serial_link *link);
size_t serial_link_write(struct serial_link *link, const uint8_t *from, size_t length);
bool serial_link_end(struct serial_link *link);
void serial_link_abort(struct serial_link *link);

void serial_link_receive(struct serial_link *link, const uint8_t *from, size_t length, uint64_t now_ms);
uint64_t serial_link_due_ms(const struct serial_link *link, uint64_t now_ms);
/* `into` has room for SERIAL_FRAME_BYTES_MAX. */
size_t serial_link_transmit(struct serial_link *link, uint8_t *into, uint64_t now_ms);

#endif
