/*
 * The store's sectors through the ROM's flash functions. Program and cache share the flash chip: while the ROM talks to it nothing may run or be
 * read from there, so this runs from RAM with interrupts off. The ROM takes words from RAM, hence the bounce buffer.
 */
#include <string.h>

#include "board.h"
#include "host.h"
#include "registers.h"
#include "serial.h"

#define SECTOR_BYTES 4096u
#define STORE_SECTORS 16u
#define STORE (CONFIG_FLASH_OFFSET + SECTOR_BYTES)
#define PIECE_WORDS 16u

static uint32_t piece[PIECE_WORDS];

/* length 0: erases the sector at `address`. */
static IN_RAM int flash_change(uint32_t address, uint32_t length)
{
	csr_clear(mstatus, MSTATUS_MIE);
	uint32_t autoload = Cache_Disable_ICache();
	int result = length == 0 ? esp_rom_spiflash_erase_sector(address / SECTOR_BYTES)
		: esp_rom_spiflash_write(address, piece, (int32_t)length);
	Cache_Invalidate_ICache_All();
	Cache_Enable_ICache(autoload);
	csr_set(mstatus, MSTATUS_MIE);
	return result;
}

static int read(void *context, uint32_t offset, void *into, uint32_t length)
{
	(void)context;
	memcpy(into, (const void *)(FLASH_DATA + STORE + offset), length);
	return HOST_OK;
}

static int program(void *context, uint32_t offset, const void *from, uint32_t length)
{
	(void)context;
	for (uint32_t done = 0; done < length;) {
		uint32_t count = length - done < sizeof piece ? length - done : sizeof piece;
		memcpy(piece, (const uint8_t *)from + done, count);
		if (flash_change(STORE + offset + done, count) != 0)
			return HOST_FAILED;
		done += count;
	}
	return HOST_OK;
}

static int erase(void *context, uint32_t sector)
{
	(void)context;
	return flash_change(STORE + sector * SECTOR_BYTES, 0) == 0 ? HOST_OK : HOST_FAILED;
}

const struct flash *board_store_flash(void)
{
	static const struct flash flash = { SECTOR_BYTES, STORE_SECTORS, 4, NULL, read, program, erase };
	static bool unlocked;
	if (!unlocked)
		unlocked = esp_rom_spiflash_unlock() == 0;
	return unlocked ? &flash : NULL;
}
