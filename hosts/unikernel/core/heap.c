/*
 * First fit over the blocks of each region in address order; neighbours merge when freed. Blocks carry a check word, since a heap that
 * goes on after an overflow destroys the evidence. The first region is fixed; when the regions are full, the pool of the layer above
 * lends another for good.
 */
#include "core/heap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/panic.h"

#ifndef VATLET_HEAP_BYTES
#define VATLET_HEAP_BYTES 16384
#endif

#define ALIGNMENT 8u
#define MARK 0x48u
#define USED 1u
#define REGIONS_MAX 16
/* What a region has at least: a handshake's largest needs come one by one. */
#define REGION_BYTES 1024u

/* `size` counts the header and is a multiple of 8; its low bit tells a used block. */
struct block {
	uint32_t size;
	uint32_t check;
};

struct region {
	struct block *first, *end;
	struct block *lowest;     /* no block before it is free: what lives long gathers there, and is not walked over again and again */
};

static uint8_t memory[VATLET_HEAP_BYTES] __attribute__((aligned(16)));
static struct region regions[REGIONS_MAX];
static int region_count;
static size_t whole, used, peak;

/* At least so many bytes, aligned to 16, or null; the layer above may have memory to spare. */
__attribute__((weak)) void *host_heap_more(size_t bytes)
{
	(void)bytes;
	return NULL;
}

static struct block *next_of(struct block *block)
{
	return (struct block *)((uint8_t *)block + (block->size & ~USED));
}

static void mark(struct block *block, uint32_t size)
{
	block->size = size;
	block->check = ~size ^ MARK;
}

static void check(const struct block *block)
{
	if (block->check != (~block->size ^ MARK))
		panic("heap", "a block's header was overwritten", PANIC_STACK);
}

/* The pool lends downwards, with slots of the engine between: what lies right below the last region makes that larger. */
static void add_region(void *from, uint32_t bytes)
{
	struct block *end = (struct block *)((uint8_t *)from + bytes);
	struct region *last = &regions[region_count - 1];
	if (region_count > 1 && last->first == end)
		last->first = last->lowest = from;
	else
		regions[region_count++] = (struct region){ from, end, from };
	mark(from, bytes);
	whole += bytes;
}

static void merge(struct block *block, const struct block *end)
{
	struct block *next;
	while ((next = next_of(block)) < end) {
		check(next);
		if (next->size & USED)
			return;
		mark(block, block->size + next->size);
	}
}

static void *take(struct region *region, uint32_t size)
{
	struct block *lowest = NULL;
	for (struct block *block = region->lowest; block < region->end; block = next_of(block)) {
		check(block);
		if (block->size & USED)
			continue;
		merge(block, region->end);
		if (lowest == NULL)
			lowest = block;
		if (block->size < size)
			continue;
		uint32_t rest = block->size - size;
		if (rest > sizeof(struct block)) {
			mark((struct block *)((uint8_t *)block + size), rest);
			mark(block, size);
		}
		used += block->size;
		mark(block, block->size | USED);
		region->lowest = lowest == block ? next_of(block) : lowest;
		if (used > peak)
			peak = used;
		return block + 1;
	}
	return NULL;
}

void *malloc(size_t bytes)
{
	if (bytes > SIZE_MAX / 2)
		return NULL;
	if (region_count == 0)
		add_region(memory, sizeof memory);
	uint32_t size = (uint32_t)((bytes + sizeof(struct block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
	for (int i = 0; i < region_count; i++) {
		void *block = take(&regions[i], size);
		if (block != NULL)
			return block;
	}
	uint32_t more = size < REGION_BYTES ? REGION_BYTES : (size + 15) & ~15u;
	void *lent = region_count < REGIONS_MAX ? host_heap_more(more) : NULL;
	if (lent == NULL)
		return NULL;
	add_region(lent, more);
	return take(&regions[region_count - 1], size);
}

static struct region *region_of(const struct block *block)
{
	for (int i = 0; i < region_count; i++)
		if (block >= regions[i].first && block < regions[i].end)
			return &regions[i];
	panic("heap", "a pointer that is not from the heap was freed", PANIC_STACK);
}

void free(void *pointer)
{
	if (pointer == NULL)
		return;
	struct block *block = (struct block *)pointer - 1;
	check(block);
	if (!(block->size & USED))
		panic("heap", "a block was freed twice", PANIC_STACK);
	mark(block, block->size & ~USED);
	used -= block->size;
	struct region *region = region_of(block);
	if (block < region->lowest)
		region->lowest = block;
	merge(block, region->end);
}

void *calloc(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	void *pointer = malloc(count * size);
	if (pointer != NULL)
		memset(pointer, 0, count * size);
	return pointer;
}

void *realloc(void *pointer, size_t bytes)
{
	if (pointer == NULL)
		return malloc(bytes);
	struct block *block = (struct block *)pointer - 1;
	check(block);
	size_t had = (block->size & ~USED) - sizeof(struct block);
	if (bytes <= had)
		return pointer;
	void *moved = malloc(bytes);
	if (moved != NULL) {
		memcpy(moved, pointer, had);
		free(pointer);
	}
	return moved;
}

size_t heap_peak(void)
{
	return peak;
}

size_t heap_used(void)
{
	return used;
}

size_t heap_free(void)
{
	return (region_count == 0 ? sizeof memory : whole) - used;
}
