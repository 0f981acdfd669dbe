/*
 * Flash unit 1: two 16-bit chips side by side, Intel command set (CFI), so each command goes to both lanes. The first sector holds the
 * boot configuration; the store has those after it. Reads come straight from memory while the unit is in array mode, which every
 * operation restores.
 */
#include <string.h>

#include "board.h"
#include "host.h"
#include "registers.h"

#define SECTOR_BYTES 0x40000u
#define STORE_SECTORS 16u
#define STORE (FLASH_STORE + SECTOR_BYTES)

#define LANES(command) ((uint32_t)(command) << 16 | (command))
enum { PROGRAM = 0x40, ERASE = 0x20, CONFIRM = 0xd0, CLEAR_STATUS = 0x50, READ_ARRAY = 0xff };
enum { READY = 0x80, ERRORS = 0x3a };

#define PATIENCE_US 2000000u

static int finish(uintptr_t address)
{
	uint64_t patience = board_now_us() + PATIENCE_US;
	uint32_t status;
	do {
		status = REGISTER32(address);
	} while ((status & LANES(READY)) != LANES(READY) && board_now_us() < patience);
	if ((status & LANES(READY)) == LANES(READY) && !(status & LANES(ERRORS)))
		return HOST_OK;
	REGISTER32(address) = LANES(CLEAR_STATUS);
	return HOST_FAILED;
}

static int read(void *context, uint32_t offset, void *into, uint32_t length)
{
	(void)context;
	memcpy(into, (const void *)(STORE + offset), length);
	return HOST_OK;
}

static int program(void *context, uint32_t offset, const void *from, uint32_t length)
{
	int result = HOST_OK;
	(void)context;
	for (uint32_t done = 0; done < length && result == HOST_OK; done += 4) {
		uint32_t word;
		memcpy(&word, (const uint8_t *)from + done, 4);
		REGISTER32(STORE + offset + done) = LANES(PROGRAM);
		REGISTER32(STORE + offset + done) = word;
		result = finish(STORE + offset + done);
	}
	REGISTER32(STORE + offset) = LANES(READ_ARRAY);
	return result;
}

static int erase(void *context, uint32_t sector)
{
	uintptr_t address = STORE + sector * SECTOR_BYTES;
	(void)context;
	REGISTER32(address) = LANES(ERASE);
	REGISTER32(address) = LANES(CONFIRM);
	int result = finish(address);
	REGISTER32(address) = LANES(READ_ARRAY);
	return result;
}

const struct flash *board_store_flash(void)
{
	static const struct flash flash = { SECTOR_BYTES, STORE_SECTORS, 4, NULL, read, program, erase };
	return &flash;
}
