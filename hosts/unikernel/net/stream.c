#include "net/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "net/linger.h"
#include "net/net.h"

#define CONNECT_SECONDS 15
#define KEEP_IDLE_MS 15000
#define KEEP_INTERVAL_MS 5000
#define KEEP_PROBES 3
#define HANDLES (NET_STREAMS + NET_LISTENERS)

struct stream streams[HANDLES];
static bool woken;

void stream_wake(struct stream *stream, int events)
{
	stream->events |= (uint8_t)events;
	net_wake();
}

void net_wake(void)
{
	woken = true;
}

bool net_take_woken(void)
{
	bool was = woken;
	woken = false;
	return was;
}

struct stream *stream_find(int handle)
{
	if (handle < 0 || handle >= HANDLES || streams[handle].state == STREAM_FREE || streams[handle].state == STREAM_QUEUED)
		return NULL;
	return &streams[handle];
}

struct stream *stream_take(bool listener)
{
	int from = listener ? NET_STREAMS : 0;
	int until = listener ? HANDLES : NET_STREAMS;
	for (int i = from; i < until; i++) {
		if (streams[i].state == STREAM_FREE) {
			memset(&streams[i], 0, sizeof streams[i]);
			streams[i].listener = -1;
			return &streams[i];
		}
	}
	return NULL;
}

static void release(struct stream *stream)
{
	sender_release(&stream->sender);
	free(stream->received);
	stream->received = NULL;
	stream->state = STREAM_FREE;
}

static void end(struct stream *stream, int error)
{
	if (stream->error == HOST_OK)
		stream->error = (int8_t)error;
	stream_wake(stream, HOST_ENDED);
}

/* The window is the ring's room: lwIP takes in no more. */
static err_t on_received(void *argument, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error)
{
	struct stream *stream = argument;
	(void)pcb;
	(void)error;
	if (pbuf == NULL) {
		end(stream, HOST_CLOSED);
		return ERR_OK;
	}
	if (pbuf->tot_len > ring_room(stream->received))
		return ERR_MEM;
	for (struct pbuf *each = pbuf; each != NULL; each = each->next)
		ring_put(stream->received, each->payload, each->len);
	pbuf_free(pbuf);
	stream_wake(stream, HOST_READABLE);
	return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t length)
{
	struct stream *stream = argument;
	(void)pcb;
	sender_acknowledged(&stream->sender, length);
	stream_wake(stream, HOST_WRITABLE);
	return ERR_OK;
}

/* lwIP has already freed the pcb. */
static void on_error(void *argument, err_t error)
{
	struct stream *stream = argument;
	bool connecting = stream->state == STREAM_CONNECTING;
	sender_release(&stream->sender);
	if (stream->state == STREAM_QUEUED)
		release(stream);
	else if (error == ERR_RST)
		end(stream, connecting ? HOST_REFUSED : HOST_RESET);
	else
		end(stream, connecting ? HOST_TIMEOUT : HOST_RESET);
}

void pcb_detach(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
}

static void tear_down(struct stream *stream)
{
	struct tcp_pcb *pcb = stream->sender.pcb;
	sender_release(&stream->sender);
	if (pcb == NULL)
		return;
	pcb_detach(pcb);
	tcp_abort(pcb);
}

static err_t on_poll(void *argument, struct tcp_pcb *pcb)
{
	struct stream *stream = argument;
	(void)pcb;
	if (stream->state != STREAM_CONNECTING || ++stream->waited_seconds < CONNECT_SECONDS)
		return ERR_OK;
	end(stream, HOST_TIMEOUT);
	tear_down(stream);
	return ERR_ABRT;
}

bool stream_attach(struct stream *stream, struct tcp_pcb *pcb)
{
	stream->received = ring_take();
	stream->sender = (struct sender){ .pcb = pcb, .ring = ring_take() };
	if (stream->received == NULL || stream->sender.ring == NULL) {
		release(stream);
		return false;
	}
	tcp_arg(pcb, stream);
	tcp_recv(pcb, on_received);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	tcp_poll(pcb, on_poll, POLL_HALF_SECONDS);
	return true;
}

void stream_set_flags(struct stream *stream, int flags)
{
	struct tcp_pcb *pcb = stream->sender.pcb;
	if (pcb == NULL)
		return;
	if (flags & HOST_TCP_NODELAY)
		tcp_nagle_disable(pcb);
	if (flags & HOST_TCP_KEEPALIVE) {
		ip_set_option(pcb, SOF_KEEPALIVE);
		pcb->keep_idle = KEEP_IDLE_MS;
		pcb->keep_intvl = KEEP_INTERVAL_MS;
		pcb->keep_cnt = KEEP_PROBES;
	}
}

void stream_remember_peer(struct stream *stream)
{
	const struct tcp_pcb *pcb = stream->sender.pcb;
	stream->remote = *ip_2_ip4(&pcb->remote_ip);
	stream->remote_port = pcb->remote_port;
	stream->local_port = pcb->local_port;
}

int host_tcp_events(int handle)
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	int events = stream->events;
	stream->events = 0;
	if (events & HOST_ENDED) {
		if (host_tcp_readable(handle) > 0) {
			stream->events = HOST_ENDED;   /* reported when everything has been read */
			events &= ~HOST_ENDED;
		} else if (stream->ended_reported) {
			events &= ~HOST_ENDED;
		} else {
			stream->ended_reported = true;
		}
	}
	return events;
}

int host_tcp_error(int handle)
{
	struct stream *stream = stream_find(handle);
	return stream == NULL ? HOST_INVALID : stream->error;
}

int host_tcp_readable(int handle)
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	return stream->received == NULL ? 0 : stream->received->used;
}

int host_tcp_writable(int handle)
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	if (stream->state != STREAM_OPEN || stream->sender.ring == NULL || (stream->error != HOST_OK && stream->error != HOST_CLOSED))
		return 0;
	return (int)ring_room(stream->sender.ring);
}

int host_tcp_read(int handle, uint8_t *into, size_t max)
{
	struct stream *stream = stream_find(handle);
	size_t count = 0;
	if (stream == NULL)
		return HOST_INVALID;
	if (stream->received == NULL)
		return 0;
	while (count < max && stream->received->used > 0) {
		uint8_t *bytes;
		size_t run = ring_run(stream->received, 0, &bytes);
		if (run > max - count)
			run = max - count;
		memcpy(into + count, bytes, run);
		ring_drop(stream->received, run);
		count += run;
	}
	if (stream->sender.pcb != NULL && count > 0)
		tcp_recved(stream->sender.pcb, (u16_t)count);
	if (stream->received->used == 0 && stream->error != HOST_OK)
		stream_wake(stream, HOST_ENDED);
	return (int)count;
}

int host_tcp_write(int handle, const uint8_t *from, size_t length)
{
	int room = host_tcp_writable(handle);
	if (room <= 0)
		return room;
	size_t count = length < (size_t)room ? length : (size_t)room;
	ring_put(streams[handle].sender.ring, from, count);
	return (int)count;
}

bool streams_output(void)
{
	bool heard = linger_push();
	for (int i = 0; i < NET_STREAMS; i++)
		if (!sender_push(&streams[i].sender))
			heard = false;
	return heard;
}

void stream_drop(struct stream *stream)
{
	tear_down(stream);
	release(stream);
}

/* Unread bytes are counted as read: otherwise lwIP answers them with a reset, which may overtake what we wrote last. */
static void see_out(struct stream *stream)
{
	struct tcp_pcb *pcb = stream->sender.pcb;
	if (stream->received->used > 0)
		tcp_recved(pcb, stream->received->used);
	tcp_setprio(pcb, TCP_PRIO_MIN);
	if (stream->sender.ring->used > 0) {
		linger(&stream->sender);
		return;
	}
	pcb_detach(pcb);
	if (tcp_close(pcb) != ERR_OK)
		tcp_abort(pcb);
}

void host_tcp_close(int handle)
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return;
	if (stream->state == STREAM_LISTENING)
		listener_close(stream);
	else if (stream->state == STREAM_CONNECTING)
		tear_down(stream);
	else if (stream->sender.pcb != NULL)
		see_out(stream);
	release(stream);
}

void host_tcp_abort(int handle)
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return;
	if (stream->state == STREAM_LISTENING)
		listener_close(stream);
	stream_drop(stream);
}

int host_tcp_local_port(int handle)
{
	struct stream *stream = stream_find(handle);
	return stream == NULL ? HOST_INVALID : stream->local_port;
}

int host_tcp_remote(int handle, char into[16])
{
	struct stream *stream = stream_find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	snprintf(into, 16, "%d.%d.%d.%d", ip4_addr1(&stream->remote), ip4_addr2(&stream->remote), ip4_addr3(&stream->remote),
		ip4_addr4(&stream->remote));
	return stream->remote_port;
}
