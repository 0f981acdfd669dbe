/*
 * NOR flash as the store sees it. Erasing a sector sets its bits; programming clears bits and never sets one.
 */
#ifndef VATLET_FLASH_H
#define VATLET_FLASH_H

#include <stddef.h>
#include <stdint.h>

struct flash {
	uint32_t sector_bytes;   /* multiple of program_bytes */
	uint32_t sectors;        /* at least 3 */
	uint32_t program_bytes;  /* 1, 2, 4, 8 or 16: offsets and lengths of program are multiples of it */
	void *context;
	/* Each returns 0, or a negative HOST_ code when the device reports a failure. */
	int (*read)(void *context, uint32_t offset, void *into, uint32_t length);
	int (*program)(void *context, uint32_t offset, const void *from, uint32_t length);
	int (*erase)(void *context, uint32_t sector);
};

#endif
