/*
 * Frames between text on a serial line, as docs/serial-link.md has them: 00 01, body and CRC-32 in COBS, 00. The exact equal of
 * src/net/serial-frame.ts: change both.
 */
#ifndef VATLET_SERIAL_FRAME_H
#define VATLET_SERIAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_HEADER_BYTES 8
#define SERIAL_PAYLOAD_BYTES_MAX 240
#define SERIAL_BODY_BYTES_MAX (SERIAL_HEADER_BYTES + SERIAL_PAYLOAD_BYTES_MAX)
#define SERIAL_CHECK_BYTES 4
#define SERIAL_COBS_BYTES_MAX (SERIAL_BODY_BYTES_MAX + SERIAL_CHECK_BYTES + 1)
#define SERIAL_FRAME_BYTES_MAX (SERIAL_COBS_BYTES_MAX + 3)

/* Takes bytes from a line one by one and finds frames between them, starting anywhere. Begins as zeros. */
struct serial_frame_decoder {
	uint8_t body[SERIAL_COBS_BYTES_MAX];   /* header and payload of the frame that ended last, until the next byte */
	uint32_t damaged;                      /* frames that failed their check, and starts of frames that never ended */

	/* inside */
	uint32_t count;
	int state;
};

/* True if the byte ended a frame: `body` holds it, and `*length` says how much. */
bool serial_frame_take(struct serial_frame_decoder *decoder, uint8_t byte, uint32_t *length);
/* Adds the check to the body, which has room for it, and writes the frame; returns its length. */
size_t serial_frame_encode(uint8_t *body, uint32_t length, uint8_t *into);
uint32_t serial_crc32(const uint8_t *bytes, uint32_t length);

static inline uint32_t serial_word(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline void serial_put_word(uint8_t *bytes, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(word >> 8 * i);
}

#endif
