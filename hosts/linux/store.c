/*
 * The store: one file per record in a folder, named `domain=key` with every byte outside of A-Z a-z 0-9 - _ as %XX, so that
 * no name leaves the folder. A record is replaced by rename: after a power loss it is the old one or the new one.
 * File: "VREC", CRC-32 of what follows, length, bytes; little-endian.
 */
#include "host.h"
#include "linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 12, RECORD_BYTES_MAX = 64 * 1024 };

static char gFolder[PATH_MAX - 512] = "vatlet-store";
static uint8_t gRecord[HEADER_BYTES + RECORD_BYTES_MAX];

void linux_store_path(const char *path)
{
	if (strlen(path) >= sizeof(gFolder))
		linux_stop("the store's path is too long", path);
	strcpy(gFolder, path);
}

static uint32_t crc32(const uint8_t *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return ~crc;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Names */

static char *encode(char *at, const char *end, const char *name)
{
	for (; *name && at + 4 < end; name++) {
		unsigned char c = (unsigned char)*name;
		int plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
		if (plain)
			*at++ = (char)c;
		else
			at += sprintf(at, "%%%02X", c);
	}
	*at = 0;
	return *name ? NULL : at;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The length of the name, or HOST_INVALID. */
static int decode(const char *text, char *into, size_t max)
{
	size_t length = 0;
	while (*text) {
		int c = (unsigned char)*text++;
		if (c == '%') {
			int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
			if (low < 0)
				return HOST_INVALID;
			c = high << 4 | low;
			text += 2;
		}
		if (length + 1 >= max)
			return HOST_INVALID;
		into[length++] = (char)c;
	}
	into[length] = 0;
	return (int)length;
}

static int pathOf(const char *domain, const char *key, char path[PATH_MAX])
{
	const char *end = path + PATH_MAX - 8;
	char *at = path + sprintf(path, "%s/", gFolder);
	const char *name = at;
	at = encode(at, end, domain);
	if (!at || at + 1 >= end)
		return HOST_INVALID;
	*at++ = '=';
	at = encode(at, end, key);
	return at && at - name <= 250 ? HOST_OK : HOST_INVALID;
}

/* Records */

static int readRecord(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? HOST_ABSENT : HOST_FAILED;
	ssize_t size = read(fd, gRecord, sizeof(gRecord));
	close(fd);
	if (size < 0)
		return HOST_FAILED;
	if (size < HEADER_BYTES || memcmp(gRecord, "VREC", 4) || get32(gRecord + 8) != (uint32_t)(size - HEADER_BYTES))
		return HOST_CORRUPT;
	if (get32(gRecord + 4) != crc32(gRecord + 8, (size_t)size - 8))
		return HOST_CORRUPT;
	return (int)(size - HEADER_BYTES);
}

static int syncFolder(void)
{
	int fd = open(gFolder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return HOST_FAILED;
	int result = fsync(fd);
	close(fd);
	return result < 0 ? HOST_FAILED : HOST_OK;
}

static int isRecord(const char *name)
{
	return strchr(name, '=') != NULL && name[0] != '.';
}

int host_store_open(int reset)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int result = HOST_OK;
	DIR *folder = opendir(gFolder);
	/* No folder is an empty store: it is made for the first record. */
	if (!folder)
		return errno == ENOENT ? HOST_OK : HOST_FAILED;
	while ((entry = readdir(folder))) {
		int temporary = !strncmp(entry->d_name, ".new=", 5);
		if (!isRecord(entry->d_name) && !temporary)
			continue;
		snprintf(path, sizeof(path), "%s/%s", gFolder, entry->d_name);
		if (temporary || reset)
			unlink(path);
		else if (readRecord(path) < 0)
			result = HOST_CORRUPT;
	}
	closedir(folder);
	return result;
}

int host_store_get(const char *domain, const char *key, uint8_t *into, size_t max)
{
	char path[PATH_MAX];
	int length = pathOf(domain, key, path);
	if (length < 0)
		return length;
	length = readRecord(path);
	if (length > 0)
		memcpy(into, gRecord + HEADER_BYTES, (size_t)length < max ? (size_t)length : max);
	return length;
}

static int writeWhole(const char *path, const uint8_t *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return HOST_FAILED;
	ssize_t count = write(fd, bytes, length);
	int result = HOST_OK;
	/* A part is all that there was room for. */
	if (count >= 0 && count != (ssize_t)length)
		result = HOST_FULL;
	else if (count < 0 || fsync(fd) < 0)
		result = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? HOST_FULL : HOST_FAILED;
	close(fd);
	return result;
}

int host_store_put(const char *domain, const char *key, const uint8_t *from, size_t length)
{
	char path[PATH_MAX], temporary[PATH_MAX];
	int result = pathOf(domain, key, path);
	if (result < 0)
		return result;
	if (length > RECORD_BYTES_MAX)
		return HOST_FULL;
	if (mkdir(gFolder, 0700) < 0 && errno != EEXIST)
		return HOST_FAILED;
	memcpy(gRecord, "VREC", 4);
	put32(gRecord + 8, (uint32_t)length);
	memcpy(gRecord + HEADER_BYTES, from, length);
	put32(gRecord + 4, crc32(gRecord + 8, length + 4));
	snprintf(temporary, sizeof(temporary), "%s/.new=", gFolder);
	result = writeWhole(temporary, gRecord, HEADER_BYTES + length);
	if (result < 0) {
		unlink(temporary);
		return result;
	}
	return rename(temporary, path) < 0 ? HOST_FAILED : syncFolder();
}

int host_store_delete(const char *domain, const char *key)
{
	char path[PATH_MAX];
	int result = pathOf(domain, key, path);
	if (result < 0)
		return result;
	if (unlink(path) < 0)
		return errno == ENOENT ? HOST_ABSENT : HOST_FAILED;
	return syncFolder();
}

int host_store_key(const char *domain, int index, char *into, size_t max)
{
	char prefix[256];
	struct dirent *entry;
	int length = HOST_ABSENT;
	char *end = encode(prefix, prefix + sizeof(prefix) - 2, domain);
	if (!end)
		return HOST_INVALID;
	*end++ = '=';
	*end = 0;
	DIR *folder = opendir(gFolder);
	if (!folder)
		return HOST_ABSENT;
	while ((entry = readdir(folder)))
		if (!strncmp(entry->d_name, prefix, (size_t)(end - prefix)) && index-- == 0) {
			length = decode(entry->d_name + (end - prefix), into, max);
			break;
		}
	closedir(folder);
	return length;
}
