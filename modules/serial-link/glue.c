/* XS binding of the serial link: the class that stands in for that of src/net/serial-link.ts. Allocates in its constructor alone. */
#include "xsmc.h"
#include <math.h>
#include "serial-link.h"

void xs_serial_link_destructor(void *data)
{
	(void)data;
}

/* The engine is a chunk of the XS heap, which has no pointers in it and may move: asked for anew after whatever may allocate. */
static struct serial_link *link_of(xsMachine *the)
{
	struct serial_link *link = xsmcGetHostChunk(xsThis);
	if (!link)
		xsTypeError("not a serial link");
	return link;
}

static uint8_t *range(xsMachine *the, xsIntegerValue offset, xsIntegerValue length, int writable)
{
	void *bytes;
	xsUnsignedValue size;
	if (writable)
		xsmcGetBufferWritable(xsArg(0), &bytes, &size);
	else
		xsmcGetBufferReadable(xsArg(0), &bytes, &size);
	if (offset < 0 || length < 0 || (xsUnsignedValue)offset > size || (xsUnsignedValue)length > size - (xsUnsignedValue)offset)
		xsRangeError("range outside of the buffer");
	return (uint8_t *)bytes + offset;
}

static uint64_t time_of(xsMachine *the, int index)
{
	xsNumberValue time = xsmcToNumber(xsArg(index));
	return time > 0 ? (uint64_t)time : 0;
}

static uint32_t word_of(xsMachine *the, int index)
{
	return (uint32_t)(int64_t)xsmcToNumber(xsArg(index));
}

void xs_serial_link(xsMachine *the)
{
	xsmcSetHostChunk(xsThis, NULL, sizeof(struct serial_link));
	serial_link_init(link_of(the));
}

void xs_serial_link_dial(xsMachine *the)
{
	uint32_t nonce = word_of(the, 0);
	uint64_t now_ms = time_of(the, 1);
	serial_link_dial(link_of(the), nonce, now_ms);
}

void xs_serial_link_listen(xsMachine *the)
{
	uint32_t seed = word_of(the, 0);
	serial_link_listen(link_of(the), seed);
}

void xs_serial_link_deafen(xsMachine *the)
{
	serial_link_deafen(link_of(the));
}

void xs_serial_link_readable(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)link_of(the)->in_count);
}

void xs_serial_link_read(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), max = xsmcToInteger(xsArg(2));
	uint8_t *into = range(the, offset, max, 1);
	xsmcSetInteger(xsResult, (xsIntegerValue)serial_link_read(link_of(the), into, (size_t)max));
}

void xs_serial_link_writable(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)serial_link_writable(link_of(the)));
}

void xs_serial_link_write(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2));
	uint8_t *from = range(the, offset, length, 0);
	xsmcSetInteger(xsResult, (xsIntegerValue)serial_link_write(link_of(the), from, (size_t)length));
}

void xs_serial_link_end(xsMachine *the)
{
	xsmcSetBoolean(xsResult, serial_link_end(link_of(the)));
}

void xs_serial_link_abort(xsMachine *the)
{
	serial_link_abort(link_of(the));
}

void xs_serial_link_receive(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2));
	uint64_t now_ms = time_of(the, 3);
	uint8_t *from = range(the, offset, length, 0);
	serial_link_receive(link_of(the), from, (size_t)length, now_ms);
}

void xs_serial_link_dueMs(xsMachine *the)
{
	uint64_t due_ms = serial_link_due_ms(link_of(the), time_of(the, 0));
	xsmcSetNumber(xsResult, due_ms == SERIAL_NEVER ? (xsNumberValue)INFINITY : (xsNumberValue)due_ms);
}

void xs_serial_link_transmit(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(1));
	uint64_t now_ms = time_of(the, 2);
	uint8_t *into = range(the, offset, SERIAL_FRAME_BYTES_MAX, 1);
	xsmcSetInteger(xsResult, (xsIntegerValue)serial_link_transmit(link_of(the), into, now_ms));
}

void xs_serial_link_get_state(xsMachine *the)
{
	xsmcSetInteger(xsResult, link_of(the)->state);
}

void xs_serial_link_get_error(xsMachine *the)
{
	xsmcSetInteger(xsResult, link_of(the)->error);
}

void xs_serial_link_get_epoch(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)link_of(the)->epoch);
}

void xs_serial_link_get_session(xsMachine *the)
{
	xsmcSetNumber(xsResult, link_of(the)->session);
}

void xs_serial_link_get_peerEnded(xsMachine *the)
{
	xsmcSetBoolean(xsResult, link_of(the)->peer_ended);
}

void xs_serial_link_get_framesDamaged(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)link_of(the)->decoder.damaged);
}

void xs_serial_link_get_framesRepeated(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)link_of(the)->frames_repeated);
}
