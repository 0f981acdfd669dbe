/* The operations on an open log: look up, append, open the next sector, take in the oldest one. */
#include "store/log-store.h"

#include <string.h>

#include "host.h"
#include "store/log-scan.h"

/* The log stays about this many times as long as what it holds: less would copy more often, more would take longer to open. */
#define SLACK 2

static uint32_t tail_record_bytes(const struct flash *flash)
{
	return record_bytes(flash, &(struct record_header){ .kind = RECORD_TAIL });
}

/* What records can take of a sector: without its header, and with room for the record that retires the oldest sector. */
static uint32_t usable_bytes(const struct flash *flash)
{
	return flash->sector_bytes - round_to_unit(flash, sizeof(struct sector_header)) - tail_record_bytes(flash);
}

/* Appends bytes through whole program units. */
struct writer {
	const struct flash *flash;
	uint32_t offset;
	uint32_t filled;
	int error;
	uint8_t unit[PROGRAM_BYTES_MAX];
};

static void write_bytes(struct writer *writer, const void *bytes, uint32_t length)
{
	const uint8_t *from = bytes;
	while (length-- > 0 && writer->error == HOST_OK) {
		writer->unit[writer->filled++] = *from++;
		if (writer->filled == writer->flash->program_bytes) {
			writer->error = writer->flash->program(writer->flash->context, writer->offset, writer->unit, writer->filled);
			writer->offset += writer->filled;
			writer->filled = 0;
		}
	}
}

static void fill_unit(struct writer *writer)
{
	static const uint8_t padding = 0xff;
	while (writer->filled > 0 && writer->error == HOST_OK)
		write_bytes(writer, &padding, 1);
}

/* A piece of a record's body: in memory, or already in the flash. */
struct piece {
	const void *bytes;
	uint32_t length;
	uint32_t offset;          /* in the flash, if bytes is NULL */
};

static uint32_t write_piece(struct writer *writer, const struct piece *piece, uint32_t check)
{
	uint8_t copy[64];
	if (piece->bytes != NULL) {
		write_bytes(writer, piece->bytes, piece->length);
		return crc32_of(check, piece->bytes, piece->length);
	}
	for (uint32_t done = 0; done < piece->length && writer->error == HOST_OK;) {
		uint32_t step = piece->length - done < sizeof copy ? piece->length - done : sizeof copy;
		writer->error = writer->flash->read(writer->flash->context, piece->offset + done, copy, step);
		write_bytes(writer, copy, step);
		check = crc32_of(check, copy, step);
		done += step;
	}
	return check;
}

/* Room has been made. Returns the record's offset, or a negative code; the head is closed then, since its end is unknown. */
static int append(struct log_store *store, struct record_header *header, const struct piece *pieces, int count)
{
	static const uint8_t mark[PROGRAM_BYTES_MAX];
	const struct flash *flash = store->flash;
	uint32_t offset = store->head_sector * flash->sector_bytes + store->head_used;
	struct writer writer = { flash, offset, 0, HOST_OK, { 0 } };
	header->version = RECORD_VERSION;
	header->check = record_check(store->head_sequence, header);
	uint32_t check = crc32_of(0, header, sizeof *header);
	write_bytes(&writer, header, sizeof *header);
	for (int i = 0; i < count; i++)
		check = write_piece(&writer, &pieces[i], check);
	write_bytes(&writer, &check, 4);
	fill_unit(&writer);
	if (writer.error == HOST_OK)
		writer.error = check_body(store, offset, header) == HOST_OK ? HOST_OK : HOST_FAILED;
	write_bytes(&writer, mark, flash->program_bytes);
	if (writer.error != HOST_OK) {
		store->head_closed = store->head_torn = true;
		return writer.error;
	}
	store->head_used += record_bytes(flash, header);
	return (int)offset;
}

static int open_sector(struct log_store *store)
{
	const struct flash *flash = store->flash;
	uint32_t sector = (store->head_sector + 1) % flash->sectors;
	if (store->head_sequence + 1 - store->tail_sequence >= flash->sectors)
		return HOST_FULL;
	struct sector_header header = { SECTOR_MAGIC, store->head_sequence + 1, store->tail_sequence | (store->head_torn ? AFTER_TORN : 0), 0 };
	header.check = crc32_of(0, &header, 12);
	int error = flash->erase(flash->context, sector);
	if (error != HOST_OK)
		return error;
	struct writer writer = { flash, sector * flash->sector_bytes, 0, HOST_OK, { 0 } };
	write_bytes(&writer, &header, sizeof header);
	fill_unit(&writer);
	if (writer.error != HOST_OK)
		return writer.error;
	store->head_sector = sector;
	store->head_sequence++;
	store->head_used = round_to_unit(flash, sizeof header);
	store->head_closed = store->head_torn = false;
	return HOST_OK;
}

/* Copies what still counts of the oldest sector into the head, which was just opened and has room for all of it; then retires it. */
static int take_in_oldest(struct log_store *store)
{
	const struct flash *flash = store->flash;
	uint32_t base = sector_of(store, store->tail_sequence) * flash->sector_bytes;
	for (uint32_t i = 0; i < store->entries_count; i++) {
		struct log_store_entry *entry = &store->entries[i];
		struct record_header header;
		if (entry->offset < base || entry->offset - base >= flash->sector_bytes)
			continue;
		int error = flash->read(flash->context, entry->offset, &header, sizeof header);
		if (error != HOST_OK)
			return error;
		struct piece body = { NULL, body_bytes(&header), entry->offset + (uint32_t)sizeof header };
		header.kind = RECORD_COPY;
		int offset = append(store, &header, &body, 1);
		if (offset < 0)
			return offset;
		entry->offset = (uint32_t)offset;
	}
	struct record_header retire = { .kind = RECORD_TAIL, .value_bytes = store->tail_sequence + 1 };
	int offset = append(store, &retire, NULL, 0);
	if (offset < 0)
		return offset;
	store->tail_sequence++;
	return HOST_OK;
}

static uint32_t sectors_allowed(const struct log_store *store)
{
	uint32_t usable = usable_bytes(store->flash);
	return (SLACK * store->live_bytes + usable - 1) / usable + 1;
}

static int make_room(struct log_store *store, uint32_t bytes)
{
	const struct flash *flash = store->flash;
	for (uint32_t tries = 0; tries <= 2 * flash->sectors; tries++) {
		if (!store->head_closed && store->head_used + bytes + tail_record_bytes(flash) <= flash->sector_bytes)
			return HOST_OK;
		int error = open_sector(store);
		if (error != HOST_OK)
			return error;
		uint32_t length = store->head_sequence - store->tail_sequence + 1;
		if (length > 1 && length > sectors_allowed(store) && (error = take_in_oldest(store)) != HOST_OK)
			return error;
	}
	return HOST_FULL;
}

static uint32_t record_max(const struct flash *flash)
{
	return usable_bytes(flash) / 4;
}

size_t log_store_value_max(const struct log_store *store)
{
	struct record_header header = { .kind = RECORD_PUT, .domain_bytes = LOG_STORE_NAME_MAX, .key_bytes = LOG_STORE_NAME_MAX };
	return (record_max(store->flash) - record_bytes(store->flash, &header)) / store->flash->program_bytes * store->flash->program_bytes;
}

static bool names_fit(const char *domain, const char *key)
{
	return strlen(domain) <= LOG_STORE_NAME_MAX && strlen(key) <= LOG_STORE_NAME_MAX;
}

static int read_entry(struct log_store *store, const struct log_store_entry *entry, struct record_header *header)
{
	int error = store->flash->read(store->flash->context, entry->offset, header, sizeof *header);
	return error != HOST_OK ? error : check_body(store, entry->offset, header);
}

static uint32_t value_offset(const struct log_store_entry *entry, const struct record_header *header)
{
	return entry->offset + (uint32_t)sizeof *header + header->domain_bytes + header->key_bytes;
}

int log_store_get(struct log_store *store, const char *domain, const char *key, uint8_t *into, size_t max)
{
	struct record_header header;
	int index = names_fit(domain, key) ? find_entry(store, domain, key) : HOST_ABSENT;
	if (index < 0)
		return index;
	int error = read_entry(store, &store->entries[index], &header);
	if (error == HOST_OK) {
		uint32_t length = header.value_bytes < max ? header.value_bytes : (uint32_t)max;
		error = store->flash->read(store->flash->context, value_offset(&store->entries[index], &header), into, length);
	}
	return error != HOST_OK ? error : (int)header.value_bytes;
}

/* Writing what is there already would only wear the flash. */
static bool holds(struct log_store *store, const struct log_store_entry *entry, const uint8_t *from, size_t length)
{
	struct record_header header;
	uint8_t piece[64];
	if (read_entry(store, entry, &header) != HOST_OK || header.value_bytes != length)
		return false;
	for (uint32_t done = 0; done < length;) {
		uint32_t step = length - done < sizeof piece ? (uint32_t)length - done : (uint32_t)sizeof piece;
		if (store->flash->read(store->flash->context, value_offset(entry, &header) + done, piece, step) != HOST_OK)
			return false;
		if (memcmp(piece, from + done, step) != 0)
			return false;
		done += step;
	}
	return true;
}

int log_store_put(struct log_store *store, const char *domain, const char *key, const uint8_t *from, size_t length)
{
	const struct flash *flash = store->flash;
	if (!names_fit(domain, key) || length > flash->sector_bytes)
		return HOST_INVALID;
	struct record_header header = { .kind = RECORD_PUT, .domain_bytes = (uint8_t)strlen(domain), .key_bytes = (uint8_t)strlen(key),
		.value_bytes = (uint32_t)length };
	uint32_t bytes = record_bytes(flash, &header);
	if (bytes > record_max(flash))
		return HOST_INVALID;
	int index = find_entry(store, domain, key);
	if (index >= 0 && holds(store, &store->entries[index], from, length))
		return HOST_OK;
	uint32_t had = index >= 0 ? store->entries[index].bytes : 0;
	if (index < 0 && store->entries_count == store->entries_max)
		return HOST_FULL;
	if (store->live_bytes - had + bytes > usable_bytes(flash) * (flash->sectors - 2) / SLACK)
		return HOST_FULL;
	int result = make_room(store, bytes);
	if (result != HOST_OK)
		return result;
	struct piece pieces[3] = { { domain, header.domain_bytes, 0 }, { key, header.key_bytes, 0 }, { from, header.value_bytes, 0 } };
	result = append(store, &header, pieces, 3);
	if (result < 0)
		return result;
	if (index < 0)
		index = (int)store->entries_count++;
	store->entries[index] = (struct log_store_entry){ hash_names(domain, header.domain_bytes, key, header.key_bytes), (uint32_t)result, bytes };
	store->live_bytes += bytes - had;
	return HOST_OK;
}

int log_store_delete(struct log_store *store, const char *domain, const char *key)
{
	int index = names_fit(domain, key) ? find_entry(store, domain, key) : HOST_ABSENT;
	if (index < 0)
		return index;
	struct record_header header = { .kind = RECORD_DELETE, .domain_bytes = (uint8_t)strlen(domain), .key_bytes = (uint8_t)strlen(key) };
	int result = make_room(store, record_bytes(store->flash, &header));
	if (result != HOST_OK)
		return result;
	struct piece pieces[2] = { { domain, header.domain_bytes, 0 }, { key, header.key_bytes, 0 } };
	result = append(store, &header, pieces, 2);
	if (result < 0)
		return result;
	store->live_bytes -= store->entries[index].bytes;
	store->entries[index] = store->entries[--store->entries_count];
	return HOST_OK;
}

int log_store_key(struct log_store *store, const char *domain, int index, char *into, size_t max)
{
	const struct flash *flash = store->flash;
	struct record_header header;
	char name[LOG_STORE_NAME_MAX];
	size_t domain_bytes = strlen(domain);
	for (uint32_t i = 0; i < store->entries_count; i++) {
		uint32_t offset = store->entries[i].offset;
		int error = flash->read(flash->context, offset, &header, sizeof header);
		if (error == HOST_OK && header.domain_bytes == domain_bytes)
			error = flash->read(flash->context, offset + sizeof header, name, header.domain_bytes);
		if (error != HOST_OK)
			return error;
		if (header.domain_bytes != domain_bytes || memcmp(name, domain, domain_bytes) != 0 || index-- > 0)
			continue;
		uint32_t length = header.key_bytes < max ? header.key_bytes : (uint32_t)max;
		error = flash->read(flash->context, offset + (uint32_t)sizeof header + header.domain_bytes, into, length);
		return error != HOST_OK ? error : header.key_bytes;
	}
	return HOST_ABSENT;
}

int log_store_reset(struct log_store *store)
{
	const struct flash *flash = store->flash;
	int error = HOST_OK;
	for (uint32_t sector = 0; sector < flash->sectors; sector++) {
		/* The first sector must be blank throughout to pass for unused; the others are erased before their next use. */
		uint32_t looked_at = sector == 0 ? flash->sector_bytes : round_to_unit(flash, sizeof(struct sector_header));
		if (!is_blank(store, sector * flash->sector_bytes, looked_at, &error) && error == HOST_OK)
			error = flash->erase(flash->context, sector);
		if (error != HOST_OK)
			return error;
	}
	return HOST_OK;
}
