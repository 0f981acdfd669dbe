/*
 * Small records under (domain, key) in NOR flash: a log over a ring of sectors. Every change is one appended record with a checksum
 * and a commit mark that is programmed last, so a put or delete has happened whole or not at all, whenever the power goes. Sectors are
 * used in turn, which spreads the wear; when the log grows too long, what still counts of its oldest sector is copied to its end.
 *
 * All memory is the caller's. Results are HOST_ codes.
 */
#ifndef VATLET_LOG_STORE_H
#define VATLET_LOG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/flash.h"

#define LOG_STORE_NAME_MAX 63   /* bytes of a domain or of a key */

/* Where the current record of a name lies. */
struct log_store_entry {
	uint32_t hash;
	uint32_t offset;
	uint32_t bytes;
};

struct log_store {
	/* Given before log_store_open. */
	const struct flash *flash;
	struct log_store_entry *entries;
	uint32_t entries_max;

	/* Owned by the store. */
	uint32_t entries_count;
	uint32_t live_bytes;
	uint32_t head_sequence, tail_sequence;
	uint32_t head_sector;
	uint32_t head_used;      /* bytes; meaningless while head_closed */
	bool head_closed;        /* torn or absent: the next record opens a sector */
	bool head_torn;          /* it ends in a write that did not finish */
	char reason[96];         /* after HOST_CORRUPT: what is wrong where */
};

/* Reads the log; writes nothing. HOST_OK, HOST_CORRUPT, HOST_FULL (more names than entries), or what the flash said. */
int log_store_open(struct log_store *store);
/* Forgets everything that was stored; open again afterwards. */
int log_store_reset(struct log_store *store);
/* Copies up to `max` bytes; returns the whole length, or HOST_ABSENT. */
int log_store_get(struct log_store *store, const char *domain, const char *key, uint8_t *into, size_t max);
/* HOST_INVALID: a name or value too long. HOST_FULL: no room, nothing changed. */
int log_store_put(struct log_store *store, const char *domain, const char *key, const uint8_t *from, size_t length);
int log_store_delete(struct log_store *store, const char *domain, const char *key);
/* Copies the name of the index-th key of a domain, without terminator; returns its length, or HOST_ABSENT. */
int log_store_key(struct log_store *store, const char *domain, int index, char *into, size_t max);
/* The longest value for names of full length. */
size_t log_store_value_max(const struct log_store *store);

#endif
