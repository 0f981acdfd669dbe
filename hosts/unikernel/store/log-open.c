/* Opening the log: which sectors count, and what the latest record of each name is. Nothing is written here. */
#include <string.h>

#include "host.h"
#include "store/log-scan.h"

/* Two names with one hash are told apart by their bytes. */
static int find_same(struct log_store *store, const struct scan *scan, uint32_t hash)
{
	const struct flash *flash = store->flash;
	char domain[LOG_STORE_NAME_MAX + 1], key[LOG_STORE_NAME_MAX + 1];
	const struct record_header *header = &scan->header;
	bool candidate = false;
	for (uint32_t i = 0; i < store->entries_count; i++)
		candidate |= store->entries[i].hash == hash;
	if (!candidate)
		return HOST_ABSENT;
	int error = flash->read(flash->context, scan->offset + sizeof *header, domain, header->domain_bytes);
	if (error == HOST_OK)
		error = flash->read(flash->context, scan->offset + sizeof *header + header->domain_bytes, key, header->key_bytes);
	if (error != HOST_OK)
		return error;
	domain[header->domain_bytes] = 0;
	key[header->key_bytes] = 0;
	return find_entry(store, domain, key);
}

static int apply(struct log_store *store, const struct scan *scan)
{
	const struct flash *flash = store->flash;
	const struct record_header *header = &scan->header;
	char names[2 * LOG_STORE_NAME_MAX];
	if (header->kind == RECORD_TAIL)
		return HOST_OK;
	if (header->domain_bytes > LOG_STORE_NAME_MAX || header->key_bytes > LOG_STORE_NAME_MAX)
		return HOST_CORRUPT;
	int error = flash->read(flash->context, scan->offset + sizeof *header, names, header->domain_bytes + header->key_bytes);
	if (error != HOST_OK)
		return error;
	uint32_t hash = hash_names(names, header->domain_bytes, names + header->domain_bytes, header->key_bytes);
	int index = find_same(store, scan, hash);
	if (index < 0 && index != HOST_ABSENT)
		return index;
	if (index >= 0)
		store->live_bytes -= store->entries[index].bytes;
	if (header->kind == RECORD_DELETE) {
		if (index >= 0)
			store->entries[index] = store->entries[--store->entries_count];
		return HOST_OK;
	}
	if (index < 0) {
		if (store->entries_count == store->entries_max)
			return HOST_FULL;
		index = (int)store->entries_count++;
	}
	uint32_t bytes = record_bytes(flash, header);
	store->entries[index] = (struct log_store_entry){ hash, scan->offset, bytes };
	store->live_bytes += bytes;
	return HOST_OK;
}

/* The newest sector, or sequence 0 if no sector has a header. */
static int find_head(struct log_store *store, struct sector_header *head)
{
	struct sector_header header;
	head->sequence = 0;
	for (uint32_t sector = 0; sector < store->flash->sectors; sector++) {
		int result = read_sector_header(store, sector, &header);
		if (result == HOST_OK && header.sequence > head->sequence) {
			*head = header;
			store->head_sector = sector;
		} else if (result != HOST_OK && result != HOST_ABSENT) {
			return result;
		}
	}
	return HOST_OK;
}

/* No header anywhere: a flash that was never used, or whose very first sector was being opened when the power went. */
static int open_fresh(struct log_store *store)
{
	const struct flash *flash = store->flash;
	int error = HOST_OK;
	uint32_t header_bytes = round_to_unit(flash, sizeof(struct sector_header));
	for (uint32_t sector = 0; sector < flash->sectors; sector++) {
		uint32_t base = sector * flash->sector_bytes;
		bool blank = sector == 0 ? is_blank(store, base + header_bytes, flash->sector_bytes - header_bytes, &error)
			: is_blank(store, base, header_bytes, &error);
		if (error != HOST_OK)
			return error;
		if (!blank)
			return corrupt(store, "no sector has a readable header, but the flash is not empty", sector, 0);
	}
	store->head_sequence = 0;
	store->tail_sequence = 1;
	store->head_sector = flash->sectors - 1;
	store->head_closed = true;
	store->head_torn = false;
	return HOST_OK;
}

/* The sector after the head is stale, blank or half erased; records of the next sequence in it mean that its header has rotted. */
static int check_successor(struct log_store *store)
{
	const struct flash *flash = store->flash;
	uint32_t sector = (store->head_sector + 1) % flash->sectors;
	struct record_header header;
	struct sector_header sector_header;
	uint32_t offset = round_to_unit(flash, sizeof sector_header);
	int error = flash->read(flash->context, sector * flash->sector_bytes + offset, &header, sizeof header);
	if (error != HOST_OK)
		return error;
	if (header.version == RECORD_VERSION && header.check == record_check(store->head_sequence + 1, &header) &&
		read_sector_header(store, sector, &sector_header) == HOST_ABSENT)
		return corrupt(store, "the header of the newest sector fails its check", sector, 0);
	return HOST_OK;
}

struct head_state {
	uint32_t tail;
	uint32_t used;
	bool torn;
	bool only_copies;
};

static int scan_head(struct log_store *store, struct head_state *state)
{
	struct scan scan;
	struct sector_header header;
	int result = read_sector_header(store, store->head_sector, &header);
	if (result != HOST_OK || header.sequence != store->head_sequence)
		return result != HOST_OK && result != HOST_ABSENT ? result : corrupt(store, "a sector of the log is missing", store->head_sector, 0);
	state->tail = header.tail & ~AFTER_TORN;
	state->only_copies = true;
	scan_start(store, &scan, store->head_sequence, store->head_sector);
	while ((result = scan_next(store, &scan)) == 1) {
		if (scan.header.kind == RECORD_TAIL)
			state->tail = scan.header.value_bytes;
		state->only_copies &= scan.header.kind == RECORD_COPY;
	}
	state->used = scan.next;
	state->torn = scan.torn;
	return result;
}

/*
 * A head that the power cut off while it was only receiving copies holds nothing of its own: it is dropped and opened again, or else a
 * series of cuts would eat up the free sectors.
 */
static int settle_head(struct log_store *store)
{
	struct head_state state;
	int result = scan_head(store, &state);
	if (result != HOST_OK)
		return result;
	if (state.torn && state.only_copies && state.tail < store->head_sequence) {
		store->head_sequence--;
		store->head_sector = (store->head_sector + store->flash->sectors - 1) % store->flash->sectors;
		result = scan_head(store, &state);
		if (result != HOST_OK)
			return result;
	}
	store->tail_sequence = state.tail;
	store->head_used = state.used;
	store->head_closed = store->head_torn = state.torn;
	if (state.tail == 0 || state.tail > store->head_sequence || store->head_sequence - state.tail >= store->flash->sectors)
		return corrupt(store, "the log claims more sectors than there are", store->head_sector, 0);
	return HOST_OK;
}

int log_store_open(struct log_store *store)
{
	struct sector_header head, header;
	struct scan scan = { .torn = false };
	int result;
	store->entries_count = store->live_bytes = 0;
	store->head_closed = false;
	store->reason[0] = 0;
	result = find_head(store, &head);
	if (result != HOST_OK)
		return result;
	if (head.sequence == 0)
		return open_fresh(store);
	store->head_sequence = head.sequence;
	if ((result = check_successor(store)) != HOST_OK || (result = settle_head(store)) != HOST_OK)
		return result;
	for (uint32_t sequence = store->tail_sequence; sequence <= store->head_sequence; sequence++) {
		uint32_t sector = sector_of(store, sequence);
		result = read_sector_header(store, sector, &header);
		if (result != HOST_OK && result != HOST_ABSENT)
			return result;
		if (result == HOST_ABSENT || header.sequence != sequence)
			return corrupt(store, "a sector of the log is missing", sector, 0);
		if (sequence > store->tail_sequence && scan.torn && !(header.tail & AFTER_TORN))
			return corrupt(store, "a record lacks its commit mark", scan.sector, scan.next);
		scan_start(store, &scan, sequence, sector);
		while ((result = scan_next(store, &scan)) == 1)
			if ((result = apply(store, &scan)) != HOST_OK)
				return result;
		if (result < 0)
			return result;
	}
	return HOST_OK;
}
