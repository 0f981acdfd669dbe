/*
 * Memory and time of the engine. The host gives one arena (chunks grow up from its start, slots down from its end, nothing is
 * given back), or none, and then the engine grows by malloc.
 */
#include "xsAll.h"
#include "glue.h"

uint32_t glueMallocs, glueMallocsLive, glueMallocBytes;

static uint8_t *gArenaLow, *gArenaHigh;
static int gArenaKnown;

static int hasArena(void)
{
	if (!gArenaKnown) {
		size_t size = 0;
		gArenaLow = host_memory(&size);
		gArenaHigh = gArenaLow + size;
		gArenaKnown = 1;
	}
	return gArenaLow != C_NULL;
}

int32_t gluePoolFree(void)
{
	return hasArena() ? (int32_t)(gArenaHigh - gArenaLow) : -1;
}

void *xs_malloc(size_t size)
{
	glueMallocs++;
	glueMallocsLive++;
	glueMallocBytes += size;
	return malloc(size);
}

void *xs_calloc(size_t count, size_t size)
{
	void *block = xs_malloc(count * size);
	if (block)
		memset(block, 0, count * size);
	return block;
}

void *xs_realloc(void *block, size_t size)
{
	if (!block)
		return xs_malloc(size);
	glueMallocs++;
	glueMallocBytes += size;
	return realloc(block, size);
}

void xs_free(void *block)
{
	if (!block)
		return;
	glueMallocsLive--;
	free(block);
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	(void)the;
	if (!hasArena())
		return c_malloc(size);
	size = (size + 15) & ~15;
	if (gArenaHigh - gArenaLow < size)
		return C_NULL;
	void *block = gArenaLow;
	gArenaLow += size;
	return block;
}

void fxFreeChunks(txMachine *the, void *block)
{
	(void)the;
	if (!hasArena())
		c_free(block);
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	txSize size = count * (txSize)sizeof(txSlot);
	(void)the;
	if (!hasArena())
		return c_malloc(size);
	if (gArenaHigh - gArenaLow < size)
		return C_NULL;
	gArenaHigh -= size;
	return (txSlot *)gArenaHigh;
}

void fxFreeSlots(txMachine *the, void *block)
{
	(void)the;
	if (!hasArena())
		c_free(block);
}

char *fxCStackLimit(void)
{
	return host_stack_limit();
}

uint32_t modMilliseconds(void)
{
	return (uint32_t)(host_now_us() / 1000);
}

int xs_gettimeofday(c_timeval *now, void *zone)
{
	int64_t wall_ms = host_wall_ms();
	int64_t us = wall_ms < 0 ? (int64_t)host_now_us() : wall_ms * 1000;
	(void)zone;
	now->tv_sec = us / 1000000;
	now->tv_usec = us % 1000000;
	return 0;
}
