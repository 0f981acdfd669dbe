/* host.h's store over the board's flash. */
#include <stdio.h>

#include "board.h"
#include "host.h"
#include "store/log-store.h"

#ifndef STORE_RECORDS
#define STORE_RECORDS 64
#endif

static struct log_store_entry entries[STORE_RECORDS];
static struct log_store store = { .entries = entries, .entries_max = STORE_RECORDS };

int host_store_open(int reset)
{
	store.flash = board_store_flash();
	if (store.flash == NULL)
		return HOST_ABSENT;
	int result = reset ? log_store_reset(&store) : HOST_OK;
	if (result == HOST_OK)
		result = log_store_open(&store);
	if (result == HOST_CORRUPT)
		printf("store: %s\n", store.reason[0] != 0 ? store.reason : "a record's name is too long");
	else if (result == HOST_FULL)
		printf("store: more than %d records\n", STORE_RECORDS);
	else if (result != HOST_OK)
		printf("store: the flash does not answer\n");
	return result;
}

int host_store_get(const char *domain, const char *key, uint8_t *into, size_t max)
{
	return store.flash == NULL ? HOST_ABSENT : log_store_get(&store, domain, key, into, max);
}

int host_store_put(const char *domain, const char *key, const uint8_t *from, size_t length)
{
	return store.flash == NULL ? HOST_FAILED : log_store_put(&store, domain, key, from, length);
}

int host_store_delete(const char *domain, const char *key)
{
	return store.flash == NULL ? HOST_ABSENT : log_store_delete(&store, domain, key);
}

int host_store_key(const char *domain, int index, char *into, size_t max)
{
	return store.flash == NULL || index < 0 ? HOST_ABSENT : log_store_key(&store, domain, index, into, max);
}
