/*
 * The flash store over an emulated flash whose power fails in the middle of a chosen operation. For every program and every erase of a
 * workload: nothing acknowledged is lost, nothing half-written is read, the store opens again and goes on, also when the power fails
 * once more during what follows. Then every byte of a filled store is damaged in turn: it is noticed, or nothing is read wrongly.
 *
 * Prints one line per geometry; exits 1 at the first violation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "store/log-store.h"

#define KEYS 6
#define OPERATIONS 150
#define AFTERWARDS 12
#define VALUE_MAX 200
#define NEVER 0x7fffffff

struct model {
	int length[KEYS];            /* -1: absent */
	uint8_t value[KEYS][VALUE_MAX];
};

static uint8_t memory[64 * 1024];
static uint32_t wear[64];
static struct flash flash;
static struct log_store_entry entries[KEYS + 1];
static struct log_store store;
static int countdown;                /* operations until the power fails */
static int dead;
static unsigned seed;

static unsigned next_random(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static void fail(const char *what, int cut, int operation)
{
	printf("VIOLATION: %s (cut %d, operation %d, %s)\n", what, cut, operation, store.reason);
	exit(1);
}

static int flash_read(void *context, uint32_t offset, void *into, uint32_t length)
{
	(void)context;
	if (offset + length > flash.sectors * flash.sector_bytes)
		fail("read outside the flash", 0, 0);
	memcpy(into, memory + offset, length);
	return HOST_OK;
}

/* Cells change one by one: a cut leaves some of the zeros programmed. */
static int flash_program(void *context, uint32_t offset, const void *from, uint32_t length)
{
	(void)context;
	if (dead)
		return HOST_FAILED;
	if (offset % flash.program_bytes != 0 || length % flash.program_bytes != 0)
		fail("unaligned program", 0, 0);
	int cut = countdown-- == 0;
	for (uint32_t i = 0; i < length; i++) {
		uint8_t byte = ((const uint8_t *)from)[i];
		if (!cut && (memory[offset + i] & byte) != byte)
			fail("program over programmed cells", 0, 0);
		memory[offset + i] &= cut ? byte | (uint8_t)next_random() : byte;
	}
	dead = cut;
	return cut ? HOST_FAILED : HOST_OK;
}

/* A cut leaves old bytes, erased ones and noise. */
static int flash_erase(void *context, uint32_t sector)
{
	(void)context;
	if (dead)
		return HOST_FAILED;
	int cut = countdown-- == 0;
	uint8_t *base = memory + sector * flash.sector_bytes;
	uint32_t reached = cut ? next_random() % flash.sector_bytes : flash.sector_bytes;
	memset(base, 0xff, reached);
	for (uint32_t i = 0; cut && i < 16 && reached + i < flash.sector_bytes; i++)
		base[reached + i] |= (uint8_t)next_random();
	wear[sector]++;
	dead = cut;
	return cut ? HOST_FAILED : HOST_OK;
}

static int power_up(int cut_after)
{
	memset(&store, 0, sizeof store);
	store.flash = &flash;
	store.entries = entries;
	store.entries_max = KEYS + 1;
	dead = 0;
	countdown = cut_after;
	return log_store_open(&store);
}

static void key_name(int key, char into[8])
{
	snprintf(into, 8, "key%u", (unsigned)key % KEYS);
}

static int matches(const struct model *model, int key)
{
	uint8_t value[VALUE_MAX];
	char name[8];
	key_name(key, name);
	int length = log_store_get(&store, "test", name, value, sizeof value);
	if (model->length[key] < 0)
		return length == HOST_ABSENT;
	return length == model->length[key] && memcmp(value, model->value[key], (size_t)length) == 0;
}

static int matches_all(const struct model *model)
{
	int count = 0;
	char name[8];
	for (int key = 0; key < KEYS; key++) {
		if (!matches(model, key))
			return 0;
		count += model->length[key] >= 0;
	}
	return log_store_key(&store, "test", count, name, sizeof name) == HOST_ABSENT &&
		(count == 0 || log_store_key(&store, "test", count - 1, name, sizeof name) == 4);
}

/* One random operation. The model becomes what holds if it succeeds; returns its result. */
static int operate(struct model *model, int value_max)
{
	uint8_t value[VALUE_MAX];
	char name[8];
	int key = (int)(next_random() % KEYS);
	key_name(key, name);
	if (next_random() % 5 == 0) {
		int had = model->length[key];
		model->length[key] = -1;
		int result = log_store_delete(&store, "test", name);
		return had < 0 && result == HOST_ABSENT ? HOST_OK : result;
	}
	int length = (int)(next_random() % (unsigned)(value_max + 1));
	for (int i = 0; i < length; i++)
		value[i] = (uint8_t)next_random();
	memcpy(model->value[key], value, (size_t)length);
	model->length[key] = length;
	return log_store_put(&store, "test", name, value, (size_t)length);
}

/* Runs operations until one fails or all are done; `before` is the last acknowledged state, `after` what the failing one wanted. */
static int run(struct model *before, struct model *after, int operations, int value_max)
{
	for (int i = 0; i < operations; i++) {
		*after = *before;
		int result = operate(after, value_max);
		if (dead)
			return i;
		if (result != HOST_OK && result != HOST_FULL)
			fail("an operation failed without a power cut", countdown, i);
		if (result == HOST_OK)
			*before = *after;
	}
	return operations;
}

static void empty(struct model *model)
{
	memset(memory, 0xff, sizeof memory);
	memset(model, 0, sizeof *model);
	for (int key = 0; key < KEYS; key++)
		model->length[key] = -1;
}

static void settle(struct model *before, const struct model *after, int cut, int where)
{
	if (matches_all(before))
		return;
	if (!matches_all(after))
		fail("neither the old nor the new state is there", cut, where);
	*before = *after;
}

static int cut_everywhere(int value_max)
{
	struct model before, after;
	int cuts = 0;
	for (;; cuts++) {
		empty(&before);
		seed = 1;
		if (power_up(cuts) != HOST_OK)
			fail("a fresh flash does not open", cuts, 0);
		int done = run(&before, &after, OPERATIONS, value_max);
		if (!dead)
			return cuts;
		seed = (unsigned)cuts * 7919u + 1u;
		/* Once more during what follows, soon or later. */
		if (power_up((int)(next_random() % 40)) != HOST_OK)
			fail("does not open after a cut", cuts, done);
		settle(&before, &after, cuts, done);
		done = run(&before, &after, AFTERWARDS, value_max);
		int again = dead;
		if (power_up(NEVER) != HOST_OK)
			fail("does not open after the second cut", cuts, done);
		if (again)
			settle(&before, &after, cuts, done);
		else if (!matches_all(&before))
			fail("lost an acknowledged state", cuts, done);
		run(&before, &after, AFTERWARDS, value_max);
		if (power_up(NEVER) != HOST_OK || !matches_all(&before))
			fail("does not hold what was written after the cuts", cuts, done);
	}
}

static int same_series_of_cuts(int value_max)
{
	struct model before, after;
	empty(&before);
	seed = 5;
	int cuts = 0;
	for (; cuts < 2000; cuts++) {
		if (power_up((int)(next_random() % 25)) != HOST_OK)
			fail("does not open within a series of cuts", cuts, 0);
		if (cuts > 0)
			settle(&before, &after, cuts, 0);
		run(&before, &after, 1000, value_max);
	}
	if (power_up(NEVER) != HOST_OK)
		fail("does not open after a series of cuts", cuts, 0);
	settle(&before, &after, cuts, 0);
	if (run(&before, &after, 50, value_max) != 50 || !matches_all(&before))
		fail("does not work after a series of cuts", cuts, 0);
	return cuts;
}

static int damage_every_byte(int value_max, int *noticed)
{
	struct model before, after;
	empty(&before);
	seed = 3;
	power_up(NEVER);
	run(&before, &after, 60, value_max);
	char name[8];
	uint8_t value[4] = { 1, 2, 3, 4 };
	after = before;
	key_name(0, name);
	if (log_store_put(&store, "test", name, value, sizeof value) != HOST_OK)
		fail("no room for the last record", 0, 0);
	after.length[0] = sizeof value;
	memcpy(after.value[0], value, sizeof value);
	uint32_t mark_end = store.head_sector * flash.sector_bytes + store.head_used;
	*noticed = 0;
	for (uint32_t i = 0; i < flash.sectors * flash.sector_bytes; i++) {
		memory[i] ^= 0x41;
		int result = power_up(NEVER);
		memory[i] ^= 0x41;
		if (result == HOST_CORRUPT) {
			if (store.reason[0] == 0)
				fail("corrupt without a reason", 0, (int)i);
			++*noticed;
			continue;
		}
		if (result != HOST_OK)
			fail("damage gives another error than HOST_CORRUPT", result, (int)i);
		memory[i] ^= 0x41;
		int in_last_mark = i >= mark_end - flash.program_bytes && i < mark_end;
		if (!matches_all(&after) && !(in_last_mark && matches_all(&before)))
			fail("damage is read as data", 0, (int)i);
		memory[i] ^= 0x41;
	}
	return (int)(flash.sectors * flash.sector_bytes);
}

static void try_geometry(uint32_t sector_bytes, uint32_t sectors, uint32_t program_bytes, int value_max)
{
	int noticed;
	flash = (struct flash){ sector_bytes, sectors, program_bytes, NULL, flash_read, flash_program, flash_erase };
	memset(wear, 0, sizeof wear);
	int cuts = cut_everywhere(value_max);
	int series = same_series_of_cuts(value_max);
	uint32_t least = wear[0], most = wear[0];
	for (uint32_t i = 1; i < sectors; i++) {
		least = wear[i] < least ? wear[i] : least;
		most = wear[i] > most ? wear[i] : most;
	}
	int damaged = damage_every_byte(value_max, &noticed);
	printf("%u x %u / %u: %d cuts, a series of %d, %d of %d damaged bytes noticed, erasures per sector %u to %u\n", sectors, sector_bytes,
		program_bytes, cuts, series, noticed, damaged, least, most);
}

int main(void)
{
	try_geometry(1024, 5, 4, 60);
	try_geometry(4096, 4, 16, 200);
	try_geometry(1024, 3, 1, 30);
	return 0;
}
