/*
 * The ROM heap: the engine's built-in objects and the preloaded modules, as they are after start, in flash instead of RAM.
 *
 * It is captured at build time by the image itself. Booted with `rom-heap=ADDRESS`, it makes everything in one arena at that RAM
 * address, prints the arena and ends; a first run without `rom-heap-slots` says how many there have to be. Two such runs at two addresses tell pointers from other words: the build moves the pointers to
 * where the arena comes to lie in flash, right after the program, and from then on the machine starts from there.
 */
#ifndef VATLET_ROM_HEAP_H
#define VATLET_ROM_HEAP_H

#include <stdint.h>

#define ROM_HEAP_MAGIC 0x50414548u

/* At __rom_heap in flash; the arena follows, then the chunks. The build changes the addresses into those in flash, as it does with every pointer. */
struct rom_heap {
	uint32_t magic;
	uint32_t arena;
	uint32_t arena_bytes;
	uint32_t chunks;         /* where the chunks were that follow the arena in flash */
	txPreparation preparation;
};

/* hosts/node/build/rom-heap.ts counts the same. */
_Static_assert(sizeof(struct rom_heap) == 37 * 4, "the header of the ROM heap");

#endif
