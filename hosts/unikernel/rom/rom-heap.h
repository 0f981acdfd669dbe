/*
 * The ROM heap: the engine's built-in objects and the preloaded modules, as they are after start, in flash instead of RAM.
 *
 * An image is linked twice. The first program makes everything at start. Booted with `rom-heap=ADDRESS`, it does so in one arena at
 * that RAM address, prints the arena and ends; a first run without `rom-heap-slots` says how many there have to be. Two such runs at
 * two addresses tell pointers from other words. The build writes what it found as a source, in which functions and code go by their
 * names, and links the second program with that: it starts from the heap, and what only made it is not in there.
 */
#ifndef VATLET_ROM_HEAP_H
#define VATLET_ROM_HEAP_H

#include <stdint.h>

#define ROM_HEAP_MAGIC 0x50414548u

struct rom_heap {
	uint32_t magic;
	uint32_t arena;
	uint32_t arena_bytes;
	uint32_t chunks;         /* follow the arena */
	txPreparation preparation;
};

extern const struct rom_heap gxRomHeap;

/* hosts/node/build/rom-slots.ts counts the same. */
_Static_assert(sizeof(struct rom_heap) == 37 * 4, "the header of the ROM heap");

#endif
