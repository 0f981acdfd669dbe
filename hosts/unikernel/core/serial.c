/* host.h's serial lines over the board's one line, with the console's text between. */
#include "core/serial.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "host.h"

/* A frame of the serial link is 256 bytes at most. */
#define QUEUE_BYTES 1024u
#define INPUT_BYTES 512u
/* For console text that waits behind frames: a line that stands still for this long has nobody at its other end. */
#define PATIENCE_US 500000u

/* From the C heap while the line is open: most devices with a network never open it. */
static struct buffers {
	uint8_t queue[QUEUE_BYTES], input[INPUT_BYTES];
} *buffers;
static uint32_t queue_head, queue_count, input_head, input_count;
static uint32_t bytes_in, bytes_out;
static bool starved, readable_told;

static void send_some(void)
{
	while (queue_count > 0) {
		uint32_t run = QUEUE_BYTES - queue_head < queue_count ? QUEUE_BYTES - queue_head : queue_count;
		uint32_t sent = (uint32_t)board_serial_send(buffers->queue + queue_head, run);
		queue_head = (queue_head + sent) % QUEUE_BYTES;
		queue_count -= sent;
		bytes_out += sent;
		if (sent < run)
			break;
	}
	board_serial_await_room(queue_count > 0);
}

static void receive_some(void)
{
	while (input_count < INPUT_BYTES) {
		uint32_t tail = (input_head + input_count) % INPUT_BYTES;
		uint32_t run = INPUT_BYTES - tail < INPUT_BYTES - input_count ? INPUT_BYTES - tail : INPUT_BYTES - input_count;
		uint32_t came = (uint32_t)board_serial_receive(buffers->input + tail, run);
		if (came == 0)
			return;
		input_count += came;
		bytes_in += came;
		readable_told = false;
	}
}

bool serial_poll(void)
{
	if (buffers == NULL)
		return false;
	send_some();
	receive_some();
	return (input_count > 0 && !readable_told) || (starved && queue_count == 0);
}

void serial_console(const char *bytes, size_t length)
{
	uint64_t patience_us = board_now_us() + PATIENCE_US;
	while (queue_count > 0 && board_now_us() < patience_us)
		send_some();
	for (size_t at = 0; at < length;) {
		const char *nul = memchr(bytes + at, 0, length - at);
		size_t run = nul == NULL ? length - at : (size_t)(nul - (bytes + at));
		board_console(bytes + at, run);
		at += run + (nul != NULL);
	}
}

uint32_t serial_bytes_in(void)
{
	return bytes_in;
}

uint32_t serial_bytes_out(void)
{
	return bytes_out;
}

int host_serial_open(const char *name, uint32_t baud)
{
	if (strcmp(name, board_serial_name()) != 0)
		return HOST_ABSENT;
	if (buffers != NULL || (buffers = malloc(sizeof *buffers)) == NULL)
		return HOST_FULL;
	if (baud != 0)
		board_serial_speed(baud);
	input_count = queue_count = 0;
	receive_some();
	return 0;
}

int host_serial_events(int handle)
{
	int events = 0;
	(void)handle;
	if (input_count > 0 && !readable_told) {
		readable_told = true;
		events |= HOST_READABLE;
	}
	if (starved && queue_count == 0) {
		starved = false;
		events |= HOST_WRITABLE;
	}
	return events;
}

int host_serial_readable(int handle)
{
	(void)handle;
	return (int)input_count;
}

int host_serial_writable(int handle)
{
	(void)handle;
	if (queue_count > 0)
		starved = true;
	return (int)(QUEUE_BYTES - queue_count);
}

int host_serial_read(int handle, uint8_t *into, size_t max)
{
	uint32_t count = max < input_count ? (uint32_t)max : input_count;
	uint32_t first = INPUT_BYTES - input_head < count ? INPUT_BYTES - input_head : count;
	(void)handle;
	memcpy(into, buffers->input + input_head, first);
	memcpy(into + first, buffers->input, count - first);
	input_head = (input_head + count) % INPUT_BYTES;
	input_count -= count;
	if (count > 0)
		receive_some();
	return (int)count;
}

int host_serial_write(int handle, const uint8_t *from, size_t length)
{
	uint32_t room = QUEUE_BYTES - queue_count, count = length < room ? (uint32_t)length : room;
	(void)handle;
	for (uint32_t i = 0; i < count; i++)
		buffers->queue[(queue_head + queue_count + i) % QUEUE_BYTES] = from[i];
	queue_count += count;
	if (count < length)
		starved = true;
	send_some();
	return (int)count;
}

void host_serial_close(int handle)
{
	(void)handle;
	serial_console("", 0);
	queue_count = 0;
	free(buffers);
	buffers = NULL;
}
