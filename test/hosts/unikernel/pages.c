/*
 * A server that believes what it is told: it asks all streams for their room first, writes so much to each then, and waits for events
 * only. It closes a stream right behind the last byte of its page.
 */
#include <stdbool.h>
#include <stdio.h>

#include "host.h"
#include "probe.h"

struct page {
	bool open, due;   /* due: its room was not asked for since it was told of some */
	int sent, promised;
};

static struct page pages[HOST_TCP_MAX];
static int served, broken, written;

static void write_some(int stream, int bytes)
{
	static uint8_t piece[4096];
	struct page *page = &pages[stream];
	int left = bytes - page->sent, count = page->promised < left ? page->promised : left;
	for (int i = 0; i < count; i++)
		piece[i] = (uint8_t)((page->sent + i) * 31 >> 3);
	int taken = host_tcp_write(stream, piece, (size_t)count);
	if (taken != count)
		printf("promised %d, took %d\n", count, taken);
	page->sent += taken;
	written++;
	page->due = false;
	if (page->sent < bytes)
		return;
	host_tcp_close(stream);
	page->open = false;
	served++;
}

static void take_events(int stream)
{
	struct page *page = &pages[stream];
	int events = host_tcp_events(stream);
	if (events & HOST_WRITABLE)
		page->due = true;
	/* A page needs no question, and what nobody reads must not stop anything. */
	if ((events & HOST_ENDED) && host_tcp_error(stream) != HOST_CLOSED) {
		host_tcp_close(stream);
		page->open = false;
		broken++;
	}
}

/* Returns how many streams something was done for. */
static int turn(int listener, int bytes)
{
	int stream, before = served + broken + written, accepted = 0;
	host_tcp_events(listener);
	while ((stream = host_tcp_accept(listener, HOST_TCP_NODELAY)) >= 0) {
		pages[stream] = (struct page){ .open = true };
		accepted++;
	}
	for (stream = 0; stream < HOST_TCP_MAX; stream++)
		if (pages[stream].open)
			take_events(stream);
	for (stream = 0; stream < HOST_TCP_MAX; stream++)
		pages[stream].promised = pages[stream].open && pages[stream].due ? host_tcp_writable(stream) : 0;
	for (stream = 0; stream < HOST_TCP_MAX; stream++)
		if (pages[stream].promised > 0)
			write_some(stream, bytes);
	return served + broken + written + accepted - before;
}

void serve_pages(int count, int bytes)
{
	int listener = host_tcp_listen((const uint8_t[]){ 0, 0, 0, 0 }, 7000, 8), turns = 0, idle = 0;
	printf("listening %d\n", host_tcp_local_port(listener));
	while (served + broken < count) {
		host_wait(UINT64_MAX);
		turns++;
		if (turn(listener, bytes) == 0)
			idle++;
	}
	printf("ended %d whole, %d broken, in %d turns, %d of them for nothing\n", served, broken, turns, idle);
	host_wait(host_now_us() + 500000);   /* the last bytes leave */
}
