/*
 * First fit over one list of blocks in address order; neighbours merge when freed. Blocks carry a check word, since a heap that
 * goes on after an overflow destroys the evidence.
 */
#include "core/heap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/panic.h"

#ifndef VATLET_HEAP_BYTES
#define VATLET_HEAP_BYTES 32768
#endif

#define ALIGNMENT 8u
#define MARK 0x48u
#define USED 1u

/* `size` counts the header and is a multiple of 8; its low bit tells a used block. */
struct block {
	uint32_t size;
	uint32_t check;
};

static uint8_t memory[VATLET_HEAP_BYTES] __attribute__((aligned(16)));
static size_t used, peak;

static struct block *next_of(struct block *block)
{
	return (struct block *)((uint8_t *)block + (block->size & ~USED));
}

static struct block *end(void)
{
	return (struct block *)(memory + sizeof memory);
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

static struct block *first(void)
{
	struct block *block = (struct block *)memory;
	if (block->size == 0)
		mark(block, sizeof memory);
	return block;
}

static void merge(struct block *block)
{
	struct block *next;
	while ((next = next_of(block)) < end()) {
		check(next);
		if (next->size & USED)
			return;
		mark(block, block->size + next->size);
	}
}

void *malloc(size_t bytes)
{
	if (bytes > sizeof memory)
		return NULL;
	uint32_t size = (uint32_t)((bytes + sizeof(struct block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
	for (struct block *block = first(); block < end(); block = next_of(block)) {
		check(block);
		if (block->size & USED)
			continue;
		merge(block);
		if (block->size < size)
			continue;
		uint32_t rest = block->size - size;
		if (rest > sizeof(struct block)) {
			mark((struct block *)((uint8_t *)block + size), rest);
			mark(block, size);
		}
		used += block->size;
		mark(block, block->size | USED);
		if (used > peak)
			peak = used;
		return block + 1;
	}
	return NULL;
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
	merge(block);
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

size_t heap_free(void)
{
	return sizeof memory - used;
}
