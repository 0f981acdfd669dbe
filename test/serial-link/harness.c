/*
 * Runs modules/serial-link as it is told on standard input: records of operation, two numbers, and bytes. After each it writes what came
 * of it and what the link looks like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serial-link.h"

enum { NEW, DIAL, LISTEN, DEAFEN, READ, WRITE, END, ABORT, RECEIVE, TRANSMIT };

static struct serial_link link_;

static void put(uint32_t word)
{
	uint8_t bytes[4];
	serial_put_word(bytes, word);
	fwrite(bytes, 1, sizeof bytes, stdout);
}

static uint32_t operate(int operation, uint32_t number, uint32_t now_ms, const uint8_t *bytes, uint32_t length, uint8_t *into, uint32_t *written)
{
	switch (operation) {
	case NEW: serial_link_init(&link_); return 0;
	case DIAL: serial_link_dial(&link_, number, now_ms); return 0;
	case LISTEN: serial_link_listen(&link_, number); return 0;
	case DEAFEN: serial_link_deafen(&link_); return 0;
	case READ: return *written = (uint32_t)serial_link_read(&link_, into, number);
	case WRITE: return (uint32_t)serial_link_write(&link_, bytes, length);
	case END: return serial_link_end(&link_);
	case ABORT: serial_link_abort(&link_); return 0;
	case RECEIVE: serial_link_receive(&link_, bytes, length, now_ms); return 0;
	case TRANSMIT: return *written = (uint32_t)serial_link_transmit(&link_, into, now_ms);
	default: exit(2);
	}
}

int main(void)
{
	static uint8_t head[13], bytes[1 << 20], into[4096];
	while (fread(head, 1, sizeof head, stdin) == sizeof head) {
		uint32_t number = serial_word(head + 1), now_ms = serial_word(head + 5), length = serial_word(head + 9), written = 0;
		if (length > sizeof bytes || fread(bytes, 1, length, stdin) != length)
			return 2;
		/* As much as there is, so that a read or write past it is seen. */
		uint8_t *given = malloc(length + 1);
		memcpy(given, bytes, length);
		put(operate(head[0], number, now_ms, given, length, into, &written));
		free(given);
		fwrite(into, 1, written, stdout);
		uint64_t due_ms = serial_link_due_ms(&link_, now_ms);
		const uint32_t looks[] = { (uint32_t)link_.state, (uint32_t)link_.error, link_.epoch, link_.session, link_.peer_ended, link_.in_count,
			(uint32_t)serial_link_writable(&link_), due_ms == SERIAL_NEVER ? UINT32_MAX : (uint32_t)due_ms, link_.decoder.damaged, link_.frames_repeated };
		for (unsigned i = 0; i < sizeof looks / sizeof *looks; i++)
			put(looks[i]);
	}
	return 0;
}
