/*
 * codec.c behind standard input, for the sanitizers: records of an operation (1 byte), a limit and a length (4 bytes each,
 * little-endian) and that many bytes, each answered by a length and bytes. Every buffer is exactly as long as it may be.
 */
#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(const uint8_t *bytes, uint32_t length)
{
	fwrite(&length, 4, 1, stdout);
	fwrite(bytes, 1, length, stdout);
}

static uint8_t *exactly(size_t size)
{
	/* One byte where there are none: malloc(0) may be NULL. */
	uint8_t *bytes = malloc(size > 0 ? size : 1);
	if (bytes == NULL)
		abort();
	return bytes;
}

static void decode(const uint8_t *input, uint32_t length)
{
	size_t size = codec_utf8_decode(input, length, NULL), back;
	uint8_t *text = exactly(size), *bytes;
	codec_utf8_decode(input, length, text);
	put(text, (uint32_t)size);
	back = codec_utf8_length(text, size);
	bytes = exactly(back);
	if (codec_utf8_encode(text, size, bytes) != back || !codec_utf8_equals(bytes, back, text, size))
		abort();
	put(bytes, (uint32_t)back);
	free(bytes);
	free(text);
}

/* Packs into pieces of `limit` bytes. */
static void pack(const uint8_t *input, uint32_t length, uint32_t limit)
{
	struct codec_packing packing = {0};
	uint8_t *piece = exactly(limit), *whole = exactly((size_t)length * 2 + 16);
	uint32_t offset = 0, count = 0;
	do {
		codec_pack(&packing, input, offset, length, piece, 0, limit);
		offset = packing.source_offset;
		memcpy(whole + count, piece, packing.target_offset);
		count += packing.target_offset;
	} while (packing.target_offset > 0);
	put(whole, count);
	free(whole);
	free(piece);
}

/* Unpacks into at most `limit` bytes, byte by byte of input. */
static void unpack(const uint8_t *input, uint32_t length, uint32_t limit)
{
	struct codec_packing packing = {0};
	uint8_t *target = exactly(limit);
	uint32_t offset = 0, to = 0, end;
	for (end = 0; end <= length; end++) {
		codec_unpack(&packing, input, offset, end, target, to, limit);
		offset = packing.source_offset;
		to = packing.target_offset;
	}
	put(target, to);
	free(target);
}

int main(void)
{
	uint8_t operation;
	uint32_t limit, length;
	while (fread(&operation, 1, 1, stdin) == 1 && fread(&limit, 4, 1, stdin) == 1 && fread(&length, 4, 1, stdin) == 1) {
		uint8_t *input = exactly(length);
		if (fread(input, 1, length, stdin) != length)
			abort();
		if (operation == 1)
			decode(input, length);
		else if (operation == 2)
			pack(input, length, limit);
		else
			unpack(input, length, limit);
		free(input);
	}
	return 0;
}
