/*
 * Memory and time of the engine. The host gives one arena (chunks grow up from its start, slots down from its end, nothing is
 * given back), or none, and then the engine grows by malloc.
 */
#include "xsAll.h"
#include "glue.h"

uint32_t glueMallocs, glueMallocsLive, glueMallocBytes;

static uint8_t *gArenaLow, *gArenaHigh;
static int gArenaKnown;
/* Everything goes into one run of memory and stays there: it is to be written into flash. */
static int gCapturing;

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

#define CAPTURE_BYTES (1 << 20)
/* Chunks lie right behind the arena, in one block that is larger than they need: its rest can be left out. What only the capturing engine itself needs lies below the arena. */
#define CAPTURE_OUTSIDE_BYTES (256 << 10)

static uint8_t *gOutside, *gCaptureChunks;

void glueCaptureFrom(uint8_t *arena)
{
	gOutside = arena - CAPTURE_OUTSIDE_BYTES;
	gArenaLow = arena;
	gCaptureChunks = gArenaHigh = arena + CAPTURE_BYTES;
	gArenaKnown = gCapturing = 1;
}

uint8_t *glueCaptureEnd(void)
{
	return gArenaLow;
}

void *glueCapture(size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if ((size_t)(gArenaHigh - gArenaLow) < size)
		return C_NULL;
	void *block = gArenaLow;
	gArenaLow += size;
	return block;
}

/* The engine's own structure is the first block, its stack the first run of slots. */
static void *captureOutside(size_t size)
{
	void *block = gOutside;
	gOutside += (size + 15) & ~(size_t)15;
	return block;
}

static void *captureChunks(size_t size)
{
	void *block = gCaptureChunks;
	gCaptureChunks += (size + 15) & ~(size_t)15;
	return block;
}

/* The size before each block is for realloc, and for giving the latest block back. */
static void *captureBlock(size_t size)
{
	size_t *block = glueMallocs == 1 ? captureOutside(size + 16) : glueCapture(size + 16);
	if (!block)
		return C_NULL;
	block[0] = (size + 15) & ~(size_t)15;
	return (uint8_t *)block + 16;
}

static void captureFree(void *block)
{
	size_t size = *(size_t *)((uint8_t *)block - 16);
	if ((uint8_t *)block + size == gArenaLow) {
		gArenaLow = (uint8_t *)block - 16;
		memset(gArenaLow, 0, size + 16);
	}
}

static void *captureAgain(void *block, size_t size)
{
	size_t had = *(size_t *)((uint8_t *)block - 16);
	void *moved = captureBlock(size);
	return moved ? memcpy(moved, block, had < size ? had : size) : C_NULL;
}

static void *captureSlots(size_t size)
{
	static int stackTaken;
	if (stackTaken)
		return glueCapture(size);
	stackTaken = 1;
	return captureOutside(size);
}

int32_t gluePoolFree(void)
{
	return hasArena() ? (int32_t)(gArenaHigh - gArenaLow) : -1;
}

/* A host whose C heap is full gets a piece of the pool, which stays its own. */
void *host_heap_more(size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (gCapturing || !hasArena() || (size_t)(gArenaHigh - gArenaLow) < size)
		return C_NULL;
	gArenaHigh -= size;
	return gArenaHigh;
}

/*
 * The engine takes a block per `try`, and per `for … of`, for its jump buffer. Those of the usual depth are kept here: a
 * handler on a path that runs for every message costs no malloc.
 */
#ifndef GLUE_JUMPS
	#define GLUE_JUMPS 8
#endif
static txJump gJumps[GLUE_JUMPS];
static uint32_t gJumpsUsed;

static void *takeJump(void)
{
	for (int i = 0; i < GLUE_JUMPS; i++)
		if (!(gJumpsUsed & (1u << i))) {
			gJumpsUsed |= 1u << i;
			return &gJumps[i];
		}
	return C_NULL;
}

static int isJump(const void *block)
{
	return (const txJump *)block >= gJumps && (const txJump *)block < gJumps + GLUE_JUMPS;
}

void *xs_malloc(size_t size)
{
	if (size == sizeof(txJump)) {
		void *jump = takeJump();
		if (jump)
			return jump;
	}
	glueMallocs++;
	glueMallocsLive++;
	glueMallocBytes += size;
	return gCapturing ? captureBlock(size) : malloc(size);
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
	if (isJump(block)) {
		void *larger = xs_malloc(size);
		if (larger) {
			memcpy(larger, block, size < sizeof(txJump) ? size : sizeof(txJump));
			xs_free(block);
		}
		return larger;
	}
	glueMallocs++;
	glueMallocBytes += size;
	return gCapturing ? captureAgain(block, size) : realloc(block, size);
}

void xs_free(void *block)
{
	if (!block)
		return;
	if (isJump(block)) {
		gJumpsUsed &= ~(1u << ((txJump *)block - gJumps));
		return;
	}
	glueMallocsLive--;
	if (gCapturing)
		captureFree(block);
	else
		free(block);
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	(void)the;
	if (gCapturing)
		return captureChunks(size);
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
	if (gCapturing)
		return captureSlots(size);
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

/* What a script set the clock to, less the time since start; -1: nothing. */
static int64_t gWallBaseMs = -1;

int64_t glueWallMs(void)
{
	return gWallBaseMs < 0 ? host_wall_ms() : gWallBaseMs + (int64_t)(host_now_us() / 1000);
}

void glueSetWallMs(int64_t unix_ms)
{
	int64_t base = unix_ms - (int64_t)(host_now_us() / 1000);
	gWallBaseMs = base < 0 ? 0 : base;
}

int xs_gettimeofday(c_timeval *now, void *zone)
{
	int64_t wall_ms = glueWallMs();
	int64_t us = wall_ms < 0 ? (int64_t)host_now_us() : wall_ms * 1000;
	(void)zone;
	now->tv_sec = us / 1000000;
	now->tv_usec = us % 1000000;
	return 0;
}
