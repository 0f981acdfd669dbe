/*
 * The C library's copying and filling by words: its own go byte by byte, and collecting garbage, records of TLS and opening the store are
 * little else. Compiled without the compiler's own idea of what such loops are, which would be calls of themselves.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;
#define WORD sizeof(word)
/* Below it, finding out costs more than it saves. */
#define WORTH 12u

/*
 * `count` words to an aligned place, from one that is `skew` bytes behind an aligned one. What is read beside the source shares a word
 * with it.
 */
static void copy_skewed(word *to, const uint8_t *from, size_t count, unsigned skew)
{
	const word *source = (const word *)(from - skew);
	unsigned down = skew * 8, up = 32 - down;
	uint32_t low = *source++;
	while (count-- > 0) {
		uint32_t high = *source++;
		*to++ = low >> down | high << up;
		low = high;
	}
}

static void copy_words(word *to, const word *from, size_t count)
{
	for (; count >= 4; count -= 4, to += 4, from += 4) {
		uint32_t a = from[0], b = from[1], c = from[2], d = from[3];
		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
	}
	while (count-- > 0)
		*to++ = *from++;
}

/* From the first byte on: right also where the source lies above the target and overlaps it. */
static void copy_up(uint8_t *to, const uint8_t *from, size_t length)
{
	if (length >= WORTH) {
		for (; (uintptr_t)to % WORD != 0; length--)
			*to++ = *from++;
		unsigned skew = (uintptr_t)from % WORD;
		size_t count = length / WORD;
		if (skew == 0)
			copy_words((word *)to, (const word *)from, count);
		else
			copy_skewed((word *)to, from, count, skew);
		to += count * WORD;
		from += count * WORD;
		length %= WORD;
	}
	while (length-- > 0)
		*to++ = *from++;
}

static void copy_down(uint8_t *to, const uint8_t *from, size_t length)
{
	to += length;
	from += length;
	if (length >= WORTH && ((uintptr_t)to - (uintptr_t)from) % WORD == 0) {
		for (; (uintptr_t)to % WORD != 0; length--)
			*--to = *--from;
		for (; length >= WORD; length -= WORD)
			*(word *)(to -= WORD) = *(const word *)(from -= WORD);
	}
	while (length-- > 0)
		*--to = *--from;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	copy_up(to, from, length);
	return to;
}

/* Words are read before the ones they overlap are written only while the target is at least a word below. */
void *memmove(void *to, const void *from, size_t length)
{
	uintptr_t below = (uintptr_t)from - (uintptr_t)to;
	if (below >= length && (uintptr_t)to - (uintptr_t)from < length)
		copy_down(to, from, length);
	else if (below >= 4 * WORD)
		copy_up(to, from, length);
	else
		for (uint8_t *t = to, *end = t + length, *f = (uint8_t *)from; t < end;)
			*t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t length)
{
	uint8_t *at = to;
	if (length >= WORTH) {
		uint32_t four = (uint8_t)value * 0x01010101u;
		for (; (uintptr_t)at % WORD != 0; length--)
			*at++ = (uint8_t)value;
		for (; length >= WORD; length -= WORD, at += WORD)
			*(word *)at = four;
	}
	while (length-- > 0)
		*at++ = (uint8_t)value;
	return to;
}
