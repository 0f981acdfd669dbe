/*
 * codec.c for XS. Every range is checked against its buffer here: the TypeScript above has checked what a peer sent, this
 * is against our own bugs. Buffer pointers are fetched again after anything that may allocate.
 */
#include "xsmc.h"
#include "codec.h"

#include <string.h>

static uint32_t offset_of(xsMachine *the, int index)
{
	xsIntegerValue value = xsmcToInteger(xsArg(index));
	if (value < 0)
		xsRangeError("negative offset");
	return (uint32_t)value;
}

/* `length` bytes from `offset` of the buffer in argument `index`. */
static uint8_t *range(xsMachine *the, int index, uint32_t offset, uint32_t length, int writable)
{
	void *data;
	xsUnsignedValue size;
	if (writable)
		xsmcGetBufferWritable(xsArg(index), &data, &size);
	else
		xsmcGetBufferReadable(xsArg(index), &data, &size);
	if (offset > size || length > size - offset)
		xsRangeError("range outside its buffer");
	return (uint8_t *)data + offset;
}

/* (source, from, target, to, length) */
void xs_codec_copyBytes(xsMachine *the)
{
	uint32_t length = offset_of(the, 4);
	uint8_t *source = range(the, 0, offset_of(the, 1), length, 0);
	uint8_t *target = range(the, 2, offset_of(the, 3), length, 1);
	memmove(target, source, length);
}

/* (bytes, end) */
void xs_codec_clearBytes(xsMachine *the)
{
	uint32_t end = offset_of(the, 1);
	memset(range(the, 0, 0, end, 1), 0, end);
}

/* (a, aFrom, b, bFrom, length) */
void xs_codec_equalBytes(xsMachine *the)
{
	uint32_t length = offset_of(the, 4);
	uint8_t *a = range(the, 0, offset_of(the, 1), length, 0);
	uint8_t *b = range(the, 2, offset_of(the, 3), length, 0);
	xsmcSetBoolean(xsResult, memcmp(a, b, length) == 0);
}

/* (text) */
void xs_codec_utf8Length(xsMachine *the)
{
	const uint8_t *text = (const uint8_t *)xsmcToString(xsArg(0));
	xsmcSetInteger(xsResult, (xsIntegerValue)codec_utf8_length(text, strlen((const char *)text)));
}

/* (text, bytes, offset): the offset behind */
void xs_codec_encodeUtf8(xsMachine *the)
{
	const uint8_t *text = (const uint8_t *)xsmcToString(xsArg(0));
	size_t length = strlen((const char *)text);
	uint32_t offset = offset_of(the, 2), size = (uint32_t)codec_utf8_length(text, length);
	codec_utf8_encode(text, length, range(the, 1, offset, size, 1));
	xsmcSetInteger(xsResult, (xsIntegerValue)(offset + size));
}

/* (bytes, offset, length, text) */
void xs_codec_equalsUtf8(xsMachine *the)
{
	const uint8_t *text = (const uint8_t *)xsmcToString(xsArg(3));
	uint32_t length = offset_of(the, 2);
	uint8_t *bytes = range(the, 0, offset_of(the, 1), length, 0);
	xsmcSetBoolean(xsResult, codec_utf8_equals(bytes, length, text, strlen((const char *)text)));
}

/* (bytes, offset, length): a string */
void xs_codec_decodeUtf8(xsMachine *the)
{
	uint32_t offset = offset_of(the, 1), length = offset_of(the, 2);
	size_t size = codec_utf8_decode(range(the, 0, offset, length, 0), length, NULL);
	xsmcSetStringBuffer(xsResult, NULL, (xsIntegerValue)size);
	codec_utf8_decode(range(the, 0, offset, length, 0), length, (uint8_t *)xsmcToString(xsResult));
}

typedef void (*step)(struct codec_packing *, const uint8_t *, uint32_t, uint32_t, uint8_t *, uint32_t, uint32_t);

/* (state, source, offset, end, target, to, limit); `state` is the bytes of a struct codec_packing */
static void run(xsMachine *the, step step)
{
	struct codec_packing packing;
	uint32_t offset = offset_of(the, 2), end = offset_of(the, 3), to = offset_of(the, 5), limit = offset_of(the, 6);
	if (offset > end || to > limit)
		xsRangeError("range ends before it starts");
	memcpy(&packing, range(the, 0, 0, sizeof packing, 0), sizeof packing);
	step(&packing, range(the, 1, 0, end, 0), offset, end, range(the, 4, 0, limit, 1), to, limit);
	memcpy(range(the, 0, 0, sizeof packing, 1), &packing, sizeof packing);
}

void xs_codec_pack(xsMachine *the)
{
	run(the, codec_pack);
}

void xs_codec_unpack(xsMachine *the)
{
	run(the, codec_unpack);
}

/* Bytes from the first of `count` values to behind the last. */
static uint32_t span(xsMachine *the, uint32_t step, uint32_t count, uint32_t width)
{
	uint64_t bytes = count == 0 ? 0 : (uint64_t)(count - 1) * step + width;
	if (bytes > 0x7FFFFFFF)
		xsRangeError("range outside its buffer");
	return (uint32_t)bytes;
}

/* (bytes, offset, step, count, array's buffer, byte offset in it, width) */
void xs_codec_gather(xsMachine *the)
{
	uint32_t step = offset_of(the, 2), count = offset_of(the, 3), width = offset_of(the, 6);
	uint8_t *from = range(the, 0, offset_of(the, 1), span(the, step, count, width), 0);
	codec_gather(from, step, count, range(the, 4, offset_of(the, 5), span(the, width, count, width), 1), width);
}

void xs_codec_scatter(xsMachine *the)
{
	uint32_t step = offset_of(the, 2), count = offset_of(the, 3), width = offset_of(the, 6);
	uint8_t *to = range(the, 0, offset_of(the, 1), span(the, step, count, width), 1);
	codec_scatter(to, step, count, range(the, 4, offset_of(the, 5), span(the, width, count, width), 0), width);
}
