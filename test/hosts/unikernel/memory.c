/* The C heap and the copying of the unikernel, against the simplest way to do the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "probe.h"

static uint32_t noise = 1;

static uint32_t next(uint32_t below)
{
	noise = noise * 1664525u + 1013904223u;
	return (noise >> 8) % below;
}

enum { HELD = 240, ROUNDS = 20000 };

/* Blocks of many sizes come and go; each keeps what was put into it. Afterwards the heap is one piece again. */
void check_heap(void)
{
	static uint8_t *held[HELD];
	static uint16_t lengths[HELD];
	int wrong = 0, full = 0, before = host_meter(HOST_METER_HEAP_USED);
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t i = next(HELD);
		if (held[i] != NULL) {
			for (int j = 0; j < lengths[i]; j++)
				wrong += held[i][j] != (uint8_t)(i * 7 + 1);
			free(held[i]);
			held[i] = NULL;
			continue;
		}
		lengths[i] = (uint16_t)(next(8) == 0 ? next(4000) : next(200));
		held[i] = malloc(lengths[i]);
		if (held[i] == NULL)
			full++;
		else
			memset(held[i], (int)(i * 7 + 1), lengths[i]);
	}
	for (int i = 0; i < HELD; i++)
		free(held[i]);
	int left = host_meter(HOST_METER_HEAP_USED) - before;
	void *whole = malloc((size_t)host_meter(HOST_METER_RAM_FREE) - 64);
	printf("heap %d wrong, %d left, %s, %s\n", wrong, left, whole == NULL ? "in pieces" : "in one piece", full > 0 ? "was full" : "never full");
	free(whole);
}

static int differs(const uint8_t *a, const uint8_t *b, int length)
{
	for (int i = 0; i < length; i++)
		if (a[i] != b[i])
			return 1;
	return 0;
}

static void fill(uint8_t *bytes, int length)
{
	for (int i = 0; i < length; i++)
		bytes[i] = (uint8_t)next(256);
}

enum { AREA = 128 };

/* Every length, alignment and overlap of some dozen bytes. */
void check_copies(void)
{
	static uint8_t area[AREA], expected[AREA], source[AREA];
	int wrong = 0;
	for (int length = 0; length < 50; length++)
		for (int to = 16; to < 24; to++)
			for (int from = 0; from < 60; from++) {
				fill(area, AREA);
				for (int i = 0; i < AREA; i++)
					expected[i] = area[i];
				for (int i = 0; i < length; i++)
					expected[to + i] = area[from + i];
				memmove(area + to, area + from, (size_t)length);
				wrong += differs(area, expected, AREA);
				for (int i = 0; i < AREA; i++)
					source[i] = expected[i] = area[i] ^ 0x5a;
				for (int i = 0; i < length; i++)
					expected[to + i] = area[from + i];
				memcpy(source + to, area + from, (size_t)length);
				wrong += differs(source, expected, AREA);
				for (int i = 0; i < length; i++)
					expected[to + i] = (uint8_t)from;
				memset(source + to, from, (size_t)length);
				wrong += differs(source, expected, AREA);
			}
	printf("copies %d wrong\n", wrong);
}
