#include "store/log-scan.h"

#include <stdio.h>
#include <string.h>

#include "host.h"

uint32_t round_to_unit(const struct flash *flash, uint32_t bytes)
{
	return (bytes + flash->program_bytes - 1) / flash->program_bytes * flash->program_bytes;
}

uint32_t body_bytes(const struct record_header *header)
{
	return header->domain_bytes + header->key_bytes + (header->kind == RECORD_TAIL ? 0 : header->value_bytes);
}

uint32_t record_bytes(const struct flash *flash, const struct record_header *header)
{
	uint32_t checked = (uint32_t)sizeof *header + body_bytes(header) + 4;
	return round_to_unit(flash, checked) + flash->program_bytes;
}

uint32_t record_check(uint32_t sequence, const struct record_header *header)
{
	return crc32_of(crc32_of(0, &sequence, 4), header, 8);
}

uint32_t sector_of(const struct log_store *store, uint32_t sequence)
{
	uint32_t back = (store->head_sequence - sequence) % store->flash->sectors;
	return (store->head_sector + store->flash->sectors - back) % store->flash->sectors;
}

int read_sector_header(const struct log_store *store, uint32_t sector, struct sector_header *header)
{
	int error = store->flash->read(store->flash->context, sector * store->flash->sector_bytes, header, sizeof *header);
	if (error != HOST_OK)
		return error;
	bool valid = header->magic == SECTOR_MAGIC && header->check == crc32_of(0, header, 12);
	return valid ? HOST_OK : HOST_ABSENT;
}

bool is_blank(const struct log_store *store, uint32_t offset, uint32_t length, int *error)
{
	enum { WORDS = 32 };
	uint32_t words[WORDS];
	/* What the last piece leaves of them is blank, as the piece before was. */
	memset(words, 0xff, sizeof words);
	while (length > 0) {
		uint32_t step = length < sizeof words ? length : sizeof words, all = UINT32_MAX;
		*error = store->flash->read(store->flash->context, offset, words, step);
		if (*error != HOST_OK)
			return false;
		for (int i = 0; i < WORDS; i += 4)
			all &= words[i] & words[i + 1] & words[i + 2] & words[i + 3];
		if (all != UINT32_MAX)
			return false;
		offset += step;
		length -= step;
	}
	return true;
}

int corrupt(struct log_store *store, const char *what, uint32_t sector, uint32_t offset)
{
	snprintf(store->reason, sizeof store->reason, "%s (sector %lu, byte %lu)", what, (unsigned long)sector, (unsigned long)offset);
	return HOST_CORRUPT;
}

void scan_start(const struct log_store *store, struct scan *scan, uint32_t sequence, uint32_t sector)
{
	memset(scan, 0, sizeof *scan);
	scan->sequence = sequence;
	scan->sector = sector;
	scan->next = round_to_unit(store->flash, sizeof(struct sector_header));
}

/* Nothing may follow a write that did not finish: after one the log goes on in another sector. */
static int end_torn(struct log_store *store, struct scan *scan, uint32_t end, const char *otherwise)
{
	const struct flash *flash = store->flash;
	int error = HOST_OK;
	uint32_t base = scan->sector * flash->sector_bytes;
	if (end < flash->sector_bytes && !is_blank(store, base + end, flash->sector_bytes - end, &error))
		return error != HOST_OK ? error : corrupt(store, otherwise, scan->sector, scan->next);
	scan->torn = true;
	return 0;
}

static bool all_ones(const void *bytes, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		if (((const uint8_t *)bytes)[i] != 0xff)
			return false;
	return true;
}

static bool is_committed(const struct log_store *store, uint32_t offset, uint32_t bytes, int *error)
{
	uint8_t mark[PROGRAM_BYTES_MAX];
	uint32_t unit = store->flash->program_bytes;
	*error = store->flash->read(store->flash->context, offset + bytes - unit, mark, unit);
	for (uint32_t i = 0; *error == HOST_OK && i < unit; i++)
		if (mark[i] != 0)
			return false;
	return *error == HOST_OK;
}

int check_body(const struct log_store *store, uint32_t offset, const struct record_header *header)
{
	uint8_t piece[64];
	uint32_t check, stored, left = body_bytes(header);
	check = crc32_of(0, header, sizeof *header);
	offset += sizeof *header;
	while (left > 0) {
		uint32_t step = left < sizeof piece ? left : sizeof piece;
		int error = store->flash->read(store->flash->context, offset, piece, step);
		if (error != HOST_OK)
			return error;
		check = crc32_of(check, piece, step);
		offset += step;
		left -= step;
	}
	int error = store->flash->read(store->flash->context, offset, &stored, 4);
	return error != HOST_OK ? error : stored == check ? HOST_OK : HOST_CORRUPT;
}

int scan_next(struct log_store *store, struct scan *scan)
{
	const struct flash *flash = store->flash;
	struct record_header *header = &scan->header;
	int error;
	if (scan->next + sizeof *header > flash->sector_bytes)
		return 0;
	scan->offset = scan->sector * flash->sector_bytes + scan->next;
	error = flash->read(flash->context, scan->offset, header, sizeof *header);
	if (error != HOST_OK)
		return error;
	uint32_t header_end = scan->next + round_to_unit(flash, sizeof *header);
	if (all_ones(header, sizeof *header)) {
		int result = end_torn(store, scan, header_end, "a record's header is missing");
		scan->torn = false;
		return result;
	}
	if (header->check != record_check(scan->sequence, header) || header->version != RECORD_VERSION)
		return end_torn(store, scan, header_end, "a record's header fails its check");
	uint32_t bytes = record_bytes(flash, header);
	if (bytes > flash->sector_bytes - scan->next)
		return corrupt(store, "a record is longer than its sector", scan->sector, scan->next);
	if (!is_committed(store, scan->offset, bytes, &error))
		return error != HOST_OK ? error : end_torn(store, scan, scan->next + bytes, "a record lacks its commit mark");
	error = check_body(store, scan->offset, header);
	if (error != HOST_OK)
		return error != HOST_CORRUPT ? error : corrupt(store, "a record fails its check", scan->sector, scan->next);
	scan->next += bytes;
	return 1;
}

uint32_t hash_names(const void *domain, uint32_t domain_bytes, const void *key, uint32_t key_bytes)
{
	static const uint8_t between = 0;
	return crc32_of(crc32_of(crc32_of(0, domain, domain_bytes), &between, 1), key, key_bytes);
}

static bool names_match(struct log_store *store, uint32_t offset, const char *domain, const char *key)
{
	const struct flash *flash = store->flash;
	struct record_header header;
	char names[2 * LOG_STORE_NAME_MAX];
	uint32_t domain_bytes = (uint32_t)strlen(domain), key_bytes = (uint32_t)strlen(key);
	if (flash->read(flash->context, offset, &header, sizeof header) != HOST_OK)
		return false;
	if (header.domain_bytes != domain_bytes || header.key_bytes != key_bytes)
		return false;
	if (flash->read(flash->context, offset + sizeof header, names, domain_bytes + key_bytes) != HOST_OK)
		return false;
	return memcmp(names, domain, domain_bytes) == 0 && memcmp(names + domain_bytes, key, key_bytes) == 0;
}

int find_entry(struct log_store *store, const char *domain, const char *key)
{
	uint32_t hash = hash_names(domain, (uint32_t)strlen(domain), key, (uint32_t)strlen(key));
	for (uint32_t i = 0; i < store->entries_count; i++)
		if (store->entries[i].hash == hash && names_match(store, store->entries[i].offset, domain, key))
			return (int)i;
	return HOST_ABSENT;
}
