#include "codec.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "columns are copied as they are: a little-endian machine is needed"
#endif

static int is_surrogate(const uint8_t *text, size_t left, uint8_t low, uint8_t high)
{
	return left >= 3 && text[0] == 0xED && text[1] >= low && text[1] <= high;
}

/* The next character of the engine's text in UTF-8; returns its bytes, `*used` says how many it has there. */
static size_t character(const uint8_t *text, size_t left, uint8_t out[4], size_t *used)
{
	uint32_t point;
	if (left >= 2 && text[0] == 0xC0 && text[1] == 0x80) {
		out[0] = 0;
		*used = 2;
		return 1;
	}
	if (is_surrogate(text, left, 0xA0, 0xAF) && is_surrogate(text + 3, left - 3, 0xB0, 0xBF)) {
		/* Two halves that were concatenated are a pair. */
		point = 0x10000 + ((text[1] & 0x0Fu) << 16 | (text[2] & 0x3Fu) << 10 | (text[4] & 0x0Fu) << 6 | (text[5] & 0x3Fu));
		out[0] = (uint8_t)(0xF0 | point >> 18);
		out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3F));
		out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
		out[3] = (uint8_t)(0x80 | (point & 0x3F));
		*used = 6;
		return 4;
	}
	if (is_surrogate(text, left, 0xA0, 0xBF)) {
		memcpy(out, "\xEF\xBF\xBD", 3);
		*used = 3;
		return 3;
	}
	out[0] = text[0];
	*used = 1;
	return 1;
}

/* Nothing in it differs from UTF-8. */
static int is_plain(const uint8_t *text, size_t length)
{
	return memchr(text, 0xC0, length) == NULL && memchr(text, 0xED, length) == NULL;
}

size_t codec_utf8_length(const uint8_t *text, size_t length)
{
	uint8_t out[4];
	size_t count = 0, i = 0, used;
	if (is_plain(text, length))
		return length;
	for (; i < length; i += used)
		count += character(text + i, length - i, out, &used);
	return count;
}

size_t codec_utf8_encode(const uint8_t *text, size_t length, uint8_t *to)
{
	uint8_t out[4];
	size_t count = 0, i = 0, used, size;
	if (is_plain(text, length)) {
		memcpy(to, text, length);
		return length;
	}
	for (; i < length; i += used, count += size) {
		size = character(text + i, length - i, out, &used);
		memcpy(to + count, out, size);
	}
	return count;
}

int codec_utf8_equals(const uint8_t *bytes, size_t count, const uint8_t *text, size_t length)
{
	uint8_t out[4];
	size_t at = 0, i = 0, used, size;
	if (is_plain(text, length))
		return count == length && memcmp(bytes, text, length) == 0;
	for (; i < length; i += used, at += size) {
		size = character(text + i, length - i, out, &used);
		if (size > count - at || memcmp(bytes + at, out, size) != 0)
			return 0;
	}
	return at == count;
}

/* Bytes of the well-formed sequence at `bytes`; 0 where there is none, `*bad` then says how many belong to the malformed part. */
static size_t sequence(const uint8_t *bytes, size_t left, size_t *bad)
{
	uint8_t lead = bytes[0], low = 0x80, high = 0xBF;
	size_t more, i;
	*bad = 1;
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
	if (lead == 0xE0)
		low = 0xA0;
	else if (lead == 0xED)
		high = 0x9F;
	else if (lead == 0xF0)
		low = 0x90;
	else if (lead == 0xF4)
		high = 0x8F;
	for (i = 1; i <= more; i++) {
		if (i >= left || bytes[i] < low || bytes[i] > high) {
			*bad = i;
			return 0;
		}
		low = 0x80;
		high = 0xBF;
	}
	return more + 1;
}

size_t codec_utf8_decode(const uint8_t *bytes, size_t count, uint8_t *to)
{
	size_t i = 0, length = 0, bad, size;
	while (i < count) {
		if (bytes[i] == 0) {
			if (to != NULL) {
				to[length] = 0xC0;
				to[length + 1] = 0x80;
			}
			length += 2;
			i++;
			continue;
		}
		size = sequence(bytes + i, count - i, &bad);
		if (size == 0) {
			if (to != NULL)
				memcpy(to + length, "\xEF\xBF\xBD", 3);
			length += 3;
			i += bad;
		} else {
			if (to != NULL)
				memcpy(to + length, bytes + i, size);
			length += size;
			i += size;
		}
	}
	return length;
}

#define RUN_BYTES_MAX (255 * 8)

static uint32_t run_end(uint32_t offset, uint32_t end)
{
	return end - offset > RUN_BYTES_MAX ? offset + RUN_BYTES_MAX : end;
}

static uint32_t zero_words(const uint8_t *source, uint32_t offset, uint32_t end)
{
	uint32_t at = offset, last = run_end(offset, end);
	while (at < last && source[at] == 0)
		at++;
	return (at - offset) / 8;
}

/* Words with at most one zero byte: those are shorter unpacked. */
static uint32_t dense_words(const uint8_t *source, uint32_t offset, uint32_t end)
{
	uint32_t at = offset, last = run_end(offset, end), i, zeroes;
	for (; at < last; at += 8) {
		for (i = zeroes = 0; i < 8; i++)
			zeroes += source[at + i] == 0;
		if (zeroes > 1)
			break;
	}
	return (at - offset) / 8;
}

void codec_pack(struct codec_packing *packing, const uint8_t *source, uint32_t offset, uint32_t end, uint8_t *target, uint32_t to, uint32_t limit)
{
	for (;;) {
		uint32_t count = packing->run, mark, bit, tag = 0, words;
		if (count > 0) {
			if (count > limit - to)
				count = limit - to;
			memcpy(target + to, source + offset, count);
			offset += count;
			to += count;
			packing->run -= count;
		}
		if (offset >= end || limit - to < CODEC_PACKED_UNIT)
			break;
		mark = to++;
		for (bit = 1; bit < 256; bit <<= 1) {
			uint8_t byte = source[offset++];
			if (byte != 0) {
				tag |= bit;
				target[to++] = byte;
			}
		}
		target[mark] = (uint8_t)tag;
		if (tag == 0) {
			words = zero_words(source, offset, end);
			target[to++] = (uint8_t)words;
			offset += words * 8;
		} else if (tag == 0xFF) {
			words = dense_words(source, offset, end);
			target[to++] = (uint8_t)words;
			packing->run = words * 8;
		}
	}
	packing->source_offset = offset;
	packing->target_offset = to;
}

enum { TAG, BYTES, ZERO_COUNT, LITERAL_COUNT, LITERAL, ZEROES };

void codec_unpack(struct codec_packing *packing, const uint8_t *source, uint32_t offset, uint32_t end, uint8_t *target, uint32_t to, uint32_t limit)
{
	uint32_t count;
	for (;;) {
		switch (packing->state) {
		case TAG:
			if (offset >= end || to >= limit)
				goto stop;
			packing->tag = source[offset++];
			packing->bit = 0;
			packing->state = BYTES;
			break;
		case BYTES:
			for (; packing->bit < 8; packing->bit++) {
				if (to >= limit)
					goto stop;
				if (((packing->tag >> packing->bit) & 1) == 0)
					target[to++] = 0;
				else if (offset < end)
					target[to++] = source[offset++];
				else
					goto stop;
			}
			packing->state = packing->tag == 0 ? ZERO_COUNT : packing->tag == 0xFF ? LITERAL_COUNT : TAG;
			break;
		case ZERO_COUNT:
		case LITERAL_COUNT:
			if (offset >= end)
				goto stop;
			packing->run = source[offset++] * 8u;
			packing->state = packing->state == ZERO_COUNT ? ZEROES : LITERAL;
			break;
		default:
			count = packing->run < limit - to ? packing->run : limit - to;
			if (packing->state == ZEROES)
				memset(target + to, 0, count);
			else {
				if (count > end - offset)
					count = end - offset;
				memcpy(target + to, source + offset, count);
				offset += count;
			}
			to += count;
			packing->run -= count;
			if (packing->run > 0)
				goto stop;
			packing->state = TAG;
		}
	}
stop:
	packing->source_offset = offset;
	packing->target_offset = to;
}

void codec_gather(const uint8_t *from, uint32_t step, uint32_t count, uint8_t *array, uint32_t width)
{
	for (; count > 0; count--, from += step, array += width)
		memcpy(array, from, width);
}

void codec_scatter(uint8_t *to, uint32_t step, uint32_t count, const uint8_t *array, uint32_t width)
{
	for (; count > 0; count--, to += step, array += width)
		memcpy(to, array, width);
}
