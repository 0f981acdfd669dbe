#include "serial-frame.h"

enum { IN_TEXT, AFTER_DELIMITER, IN_FRAME, IN_GARBAGE };
enum { DELIMITER = 0x00, START = 0x01 };

uint32_t serial_crc32(const uint8_t *bytes, uint32_t length)
{
	static const uint32_t nibbles[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
	};
	uint32_t crc = UINT32_MAX;
	while (length-- > 0) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ nibbles[crc & 15];
		crc = crc >> 4 ^ nibbles[crc & 15];
	}
	return ~crc;
}

/* COBS in place: what is written never overtakes what is read. */
static bool decode(struct serial_frame_decoder *decoder, uint32_t *length)
{
	uint8_t *body = decoder->body;
	uint32_t end = decoder->count, to = 0, at = 0;
	while (at < end) {
		uint32_t code = body[at++], next = at + code - 1;
		if (next > end)
			return false;
		while (at < next)
			body[to++] = body[at++];
		if (code < 255 && at < end)
			body[to++] = 0;
	}
	if (to < SERIAL_HEADER_BYTES + SERIAL_CHECK_BYTES)
		return false;
	*length = to - SERIAL_CHECK_BYTES;
	return serial_word(body + *length) == serial_crc32(body, *length);
}

bool serial_frame_take(struct serial_frame_decoder *decoder, uint8_t byte, uint32_t *length)
{
	if (byte == DELIMITER) {
		int state = decoder->state;
		decoder->state = AFTER_DELIMITER;
		if (state == IN_FRAME && decode(decoder, length))
			return true;
		if (state >= IN_FRAME)
			decoder->damaged++;
	}
	else if (decoder->state == IN_FRAME) {
		if (decoder->count < SERIAL_COBS_BYTES_MAX)
			decoder->body[decoder->count++] = byte;
		else
			decoder->state = IN_GARBAGE;
	}
	else if (decoder->state == AFTER_DELIMITER && byte == START) {
		decoder->state = IN_FRAME;
		decoder->count = 0;
	}
	else if (decoder->state != IN_GARBAGE)
		decoder->state = IN_TEXT;
	return false;
}

size_t serial_frame_encode(uint8_t *body, uint32_t length, uint8_t *into)
{
	serial_put_word(body + length, serial_crc32(body, length));
	uint32_t end = length + SERIAL_CHECK_BYTES;
	uint8_t *to = into, *code;
	*to++ = DELIMITER;
	*to++ = START;
	code = to++;
	for (uint32_t i = 0; i < end; i++) {
		if (body[i] != 0)
			*to++ = body[i];
		else {
			*code = (uint8_t)(to - code);
			code = to++;
		}
	}
	*code = (uint8_t)(to - code);
	*to++ = DELIMITER;
	return (size_t)(to - into);
}
