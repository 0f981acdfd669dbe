/* Reading the log: shared by opening and by the operations. */
#ifndef VATLET_LOG_SCAN_H
#define VATLET_LOG_SCAN_H

#include "store/log-format.h"
#include "store/log-store.h"

uint32_t round_to_unit(const struct flash *flash, uint32_t bytes);
uint32_t body_bytes(const struct record_header *header);
/* Bytes of a whole record in the log. */
uint32_t record_bytes(const struct flash *flash, const struct record_header *header);
uint32_t record_check(uint32_t sequence, const struct record_header *header);
/* The physical sector of a sequence number within the log. */
uint32_t sector_of(const struct log_store *store, uint32_t sequence);
/* HOST_OK, HOST_ABSENT (not a sector header), or what the flash said. */
int read_sector_header(const struct log_store *store, uint32_t sector, struct sector_header *header);
bool is_blank(const struct log_store *store, uint32_t offset, uint32_t length, int *error);
int corrupt(struct log_store *store, const char *what, uint32_t sector, uint32_t offset);

struct scan {
	uint32_t sequence;
	uint32_t sector;
	uint32_t offset;        /* of the current record, within the flash */
	uint32_t next;          /* within the sector */
	struct record_header header;
	bool torn;              /* set at the end: the last write did not finish */
};

void scan_start(const struct log_store *store, struct scan *scan, uint32_t sequence, uint32_t sector);
/* 1: scan->header and scan->offset hold the next whole record. 0: the end. Negative: HOST_CORRUPT or what the flash said. */
int scan_next(struct log_store *store, struct scan *scan);
/* HOST_OK if header and body of a committed record match their check. */
int check_body(const struct log_store *store, uint32_t offset, const struct record_header *header);

int find_entry(struct log_store *store, const char *domain, const char *key);
uint32_t hash_names(const void *domain, uint32_t domain_bytes, const void *key, uint32_t key_bytes);

#endif
