/*
 * host.h's TCP streams over lwIP's raw interface.
 *
 * A stream's life: FREE -> CONNECTING -> OPEN (connect), FREE -> QUEUED -> OPEN (accept), FREE -> LISTENING; when the connection ends
 * under an open stream its pcb goes and the stream stays, readable to its last byte, until the handle is closed. Closing frees the
 * handle at once; what was written leaves through a pcb that nobody owns any more, which lwIP may kill first when it runs short.
 *
 * Backpressure: the window opens again only as the application reads. Small segments are copied together, so that a peer that drips
 * single bytes cannot hold more than its window's worth of receive buffers.
 */
#include <stdio.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "host.h"
#include "net/net.h"
#include "net/stream.h"

#define CONNECT_SECONDS 15
#define POLL_HALF_SECONDS 2
#define KEEP_IDLE_MS 15000
#define KEEP_INTERVAL_MS 5000
#define KEEP_PROBES 3
#define HANDLES (NET_STREAMS + NET_LISTENERS)
/* Headers, lwIP's pbuf and its heap's own words, per queued piece. */
#define PIECE_OVERHEAD 96
/* What acknowledgements and address resolution need while every stream is full. */
#define MEMORY_RESERVE 1024

enum state { FREE, CONNECTING, QUEUED, OPEN, LISTENING };

struct stream {
	uint8_t state;
	uint8_t events;
	int8_t error;             /* HOST_OK while nothing ended the stream */
	int8_t listener;          /* QUEUED: who may accept it */
	bool ended_reported;
	bool unsent, starved;     /* starved: found no room, perhaps for what others hold, whose acknowledgements do not tell it */
	uint8_t waited_seconds;   /* CONNECTING */
	uint16_t remote_port, local_port;
	ip4_addr_t remote;
	struct tcp_pcb *pcb;      /* NULL once lwIP has freed it */
	struct pbuf *received;
};

static struct stream streams[HANDLES];
static bool woken;

static void wake(struct stream *stream, int events)
{
	stream->events |= (uint8_t)events;
	woken = true;
}

bool net_take_woken(void)
{
	bool was = woken;
	woken = false;
	return was;
}

static struct stream *find(int handle)
{
	if (handle < 0 || handle >= HANDLES || streams[handle].state == FREE || streams[handle].state == QUEUED)
		return NULL;
	return &streams[handle];
}

/* Listeners and streams have separate shares of the table, so that accepted streams cannot crowd out a listener. */
static struct stream *take(bool listener)
{
	int from = listener ? NET_STREAMS : 0;
	int until = listener ? HANDLES : NET_STREAMS;
	for (int i = from; i < until; i++) {
		if (streams[i].state == FREE) {
			memset(&streams[i], 0, sizeof streams[i]);
			streams[i].listener = -1;
			return &streams[i];
		}
	}
	return NULL;
}

static void end(struct stream *stream, int error)
{
	if (stream->error == HOST_OK)
		stream->error = (int8_t)error;
	wake(stream, HOST_ENDED);
}

static void append(struct stream *stream, struct pbuf *pbuf)
{
	struct pbuf *last = stream->received;
	if (last == NULL) {
		stream->received = pbuf;
		return;
	}
	while (last->next != NULL)
		last = last->next;
	if (received_room(last) < pbuf->tot_len) {
		pbuf_cat(stream->received, pbuf);
		return;
	}
	u16_t length = pbuf->tot_len;
	pbuf_copy_partial(pbuf, (uint8_t *)last->payload + last->len, length, 0);
	last->len += length;
	for (struct pbuf *each = stream->received; each != NULL; each = each->next)
		each->tot_len += length;
	pbuf_free(pbuf);
}

static err_t on_received(void *argument, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error)
{
	struct stream *stream = argument;
	(void)pcb;
	(void)error;
	if (pbuf == NULL) {
		end(stream, HOST_CLOSED);
		return ERR_OK;
	}
	append(stream, pbuf);
	wake(stream, HOST_READABLE);
	return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t length)
{
	(void)pcb;
	(void)length;
	wake(argument, HOST_WRITABLE);
	return ERR_OK;
}

static void drop_received(struct stream *stream)
{
	if (stream->received != NULL)
		pbuf_free(stream->received);
	stream->received = NULL;
}

/* lwIP has already freed the pcb. */
static void on_error(void *argument, err_t error)
{
	struct stream *stream = argument;
	bool connecting = stream->state == CONNECTING;
	stream->pcb = NULL;
	if (stream->state == QUEUED) {
		drop_received(stream);
		stream->state = FREE;
	} else if (error == ERR_RST) {
		end(stream, connecting ? HOST_REFUSED : HOST_RESET);
	} else {
		end(stream, connecting ? HOST_TIMEOUT : HOST_RESET);
	}
}

static void detach(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
}

static err_t on_poll(void *argument, struct tcp_pcb *pcb)
{
	struct stream *stream = argument;
	if (stream->state != CONNECTING || ++stream->waited_seconds < CONNECT_SECONDS)
		return ERR_OK;
	detach(pcb);
	stream->pcb = NULL;
	end(stream, HOST_TIMEOUT);
	tcp_abort(pcb);
	return ERR_ABRT;
}

static void attach(struct stream *stream, struct tcp_pcb *pcb)
{
	stream->pcb = pcb;
	tcp_arg(pcb, stream);
	tcp_recv(pcb, on_received);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	tcp_poll(pcb, on_poll, POLL_HALF_SECONDS);
}

static void set_flags(struct stream *stream, int flags)
{
	struct tcp_pcb *pcb = stream->pcb;
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

static void remember_peer(struct stream *stream)
{
	stream->remote = *ip_2_ip4(&stream->pcb->remote_ip);
	stream->remote_port = stream->pcb->remote_port;
	stream->local_port = stream->pcb->local_port;
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct stream *stream = argument;
	(void)pcb;
	(void)error;
	stream->state = OPEN;
	remember_peer(stream);
	wake(stream, HOST_WRITABLE);
	return ERR_OK;
}

int host_tcp_connect(const uint8_t address[4], uint16_t port, int flags)
{
	ip_addr_t remote;
	struct stream *stream = take(false);
	if (stream == NULL)
		return HOST_FULL;
	if (port == 0)
		return HOST_INVALID;
	IP_ADDR4(&remote, address[0], address[1], address[2], address[3]);
	struct tcp_pcb *pcb = tcp_new();
	if (pcb == NULL)
		return HOST_FULL;
	stream->state = CONNECTING;
	stream->remote = *ip_2_ip4(&remote);
	stream->remote_port = port;
	attach(stream, pcb);
	set_flags(stream, flags);
	err_t error = tcp_connect(pcb, &remote, port, on_connected);
	if (error != ERR_OK) {
		detach(pcb);
		tcp_abort(pcb);
		stream->state = FREE;
		return error == ERR_RTE ? HOST_FAILED : error == ERR_MEM || error == ERR_BUF ? HOST_FULL : HOST_INVALID;
	}
	stream->local_port = pcb->local_port;
	return (int)(stream - streams);
}

static err_t on_accepted(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct stream *listener = argument;
	struct stream *stream;
	if (error != ERR_OK || pcb == NULL || listener == NULL || (stream = take(false)) == NULL)
		return ERR_MEM;
	stream->state = QUEUED;
	stream->listener = (int8_t)(listener - streams);
	attach(stream, pcb);
	remember_peer(stream);
	tcp_backlog_delayed(pcb);
	wake(listener, HOST_ACCEPTED);
	return ERR_OK;
}

int host_tcp_listen(const uint8_t address[4], uint16_t port, int backlog)
{
	ip_addr_t local;
	struct stream *stream = take(true);
	if (stream == NULL)
		return HOST_FULL;
	IP_ADDR4(&local, address[0], address[1], address[2], address[3]);
	struct tcp_pcb *pcb = tcp_new();
	if (pcb == NULL)
		return HOST_FULL;
	if (tcp_bind(pcb, &local, port) != ERR_OK) {
		tcp_abort(pcb);
		return HOST_INVALID;
	}
	stream->local_port = pcb->local_port;
	struct tcp_pcb *listening = tcp_listen_with_backlog(pcb, backlog < 1 ? 1 : backlog > 255 ? 255 : (u8_t)backlog);
	if (listening == NULL) {
		tcp_abort(pcb);
		return HOST_FULL;
	}
	stream->pcb = listening;
	stream->state = LISTENING;
	tcp_arg(listening, stream);
	tcp_accept(listening, on_accepted);
	return (int)(stream - streams);
}

int host_tcp_accept(int handle, int flags)
{
	struct stream *listener = find(handle);
	if (listener == NULL || listener->state != LISTENING)
		return HOST_INVALID;
	int accepted = HOST_AGAIN;
	for (int i = 0; i < NET_STREAMS; i++) {
		struct stream *stream = &streams[i];
		if (stream->state != QUEUED || stream->listener != handle) continue;
		/* Told anew of the next: its own event may have been read together with that of this one. */
		wake(accepted < 0 ? stream : listener, accepted < 0 ? HOST_WRITABLE : HOST_ACCEPTED);
		if (accepted >= 0) break;
		accepted = i;
		stream->state = OPEN;
		tcp_backlog_accepted(stream->pcb);
		set_flags(stream, flags);
	}
	return accepted;
}

int host_tcp_events(int handle)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	int events = stream->events;
	stream->events = 0;
	if (events & HOST_ENDED) {
		if (stream->received != NULL) {
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
	struct stream *stream = find(handle);
	return stream == NULL ? HOST_INVALID : stream->error;
}

int host_tcp_readable(int handle)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	return stream->received == NULL ? 0 : stream->received->tot_len;
}

/* The heap and the segments are shared by all streams: what the others hold is not there for this one. */
static int shared_room(void)
{
	int room = MEM_SIZE - MEMORY_RESERVE - 2 * PIECE_OVERHEAD;
	int segments = MEMP_NUM_TCP_SEG - 2;
	for (int i = 0; i < NET_STREAMS; i++) {
		struct tcp_pcb *pcb = streams[i].state == OPEN ? streams[i].pcb : NULL;
		if (pcb == NULL)
			continue;
		room -= TCP_SND_BUF - tcp_sndbuf(pcb) + tcp_sndqueuelen(pcb) * PIECE_OVERHEAD;
		segments -= tcp_sndqueuelen(pcb);
	}
	return segments <= 0 || room < 0 ? 0 : room;
}

int host_tcp_writable(int handle)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	struct tcp_pcb *pcb = stream->pcb;
	if (stream->state != OPEN || pcb == NULL || (stream->error != HOST_OK && stream->error != HOST_CLOSED))
		return 0;
	int own = tcp_sndqueuelen(pcb) + 3 > TCP_SND_QUEUELEN ? 0 : tcp_sndbuf(pcb), shared = shared_room();
	if (own > shared) own = shared;
	if (own == 0) stream->starved = true;
	return own;
}

int host_tcp_read(int handle, uint8_t *into, size_t max)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	if (stream->received == NULL)
		return 0;
	size_t length = stream->received->tot_len;
	if (length > max)
		length = max;
	pbuf_copy_partial(stream->received, into, (u16_t)length, 0);
	stream->received = pbuf_free_header(stream->received, (u16_t)length);
	if (stream->pcb != NULL)
		tcp_recved(stream->pcb, (u16_t)length);
	if (stream->received == NULL && stream->error != HOST_OK)
		wake(stream, HOST_ENDED);
	return (int)length;
}

int host_tcp_write(int handle, const uint8_t *from, size_t length)
{
	int room = host_tcp_writable(handle);
	if (room <= 0)
		return room;
	struct stream *stream = &streams[handle];
	u16_t count = (u16_t)(length < (size_t)room ? length : (size_t)room);
	if (count == 0)
		return 0;
	stream->starved = tcp_write(stream->pcb, from, count, TCP_WRITE_FLAG_COPY) != ERR_OK;
	if (stream->starved) return 0;
	stream->unsent = true;
	return count;
}

void streams_output(void)
{
	for (int i = 0; i < NET_STREAMS; i++) {
		struct stream *stream = &streams[i];
		if (stream->unsent && stream->pcb != NULL) tcp_output(stream->pcb);
		stream->unsent = false;
		if (!stream->starved || stream->state != OPEN || host_tcp_writable(i) <= 0) continue;
		stream->starved = false;
		wake(stream, HOST_WRITABLE);
	}
}

static void close_listener(struct stream *listener)
{
	tcp_arg(listener->pcb, NULL);
	tcp_accept(listener->pcb, NULL);
	tcp_close(listener->pcb);
	for (int i = 0; i < NET_STREAMS; i++) {
		struct stream *stream = &streams[i];
		if (stream->state != QUEUED || &streams[stream->listener] != listener)
			continue;
		detach(stream->pcb);
		tcp_abort(stream->pcb);
		drop_received(stream);
		stream->state = FREE;
	}
}

/* Unread bytes are counted as read: otherwise lwIP answers them with a reset, which may overtake what we wrote last. */
static void close_stream(struct stream *stream)
{
	struct tcp_pcb *pcb = stream->pcb;
	u16_t unread = stream->received == NULL ? 0 : stream->received->tot_len;
	drop_received(stream);
	if (pcb == NULL)
		return;
	detach(pcb);
	if (unread > 0)
		tcp_recved(pcb, unread);
	tcp_setprio(pcb, TCP_PRIO_MIN);
	if (stream->state == CONNECTING || tcp_close(pcb) != ERR_OK)
		tcp_abort(pcb);
}

void host_tcp_close(int handle)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return;
	if (stream->state == LISTENING)
		close_listener(stream);
	else
		close_stream(stream);
	stream->state = FREE;
	stream->unsent = false;
}

void host_tcp_abort(int handle)
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return;
	if (stream->state == LISTENING) {
		host_tcp_close(handle);
		return;
	}
	drop_received(stream);
	if (stream->pcb != NULL) {
		detach(stream->pcb);
		tcp_abort(stream->pcb);
	}
	stream->state = FREE;
	stream->unsent = false;
}

int host_tcp_local_port(int handle)
{
	struct stream *stream = find(handle);
	return stream == NULL ? HOST_INVALID : stream->local_port;
}

int host_tcp_remote(int handle, char into[16])
{
	struct stream *stream = find(handle);
	if (stream == NULL)
		return HOST_INVALID;
	snprintf(into, 16, "%d.%d.%d.%d", ip4_addr1(&stream->remote), ip4_addr2(&stream->remote), ip4_addr3(&stream->remote),
		ip4_addr4(&stream->remote));
	return stream->remote_port;
}
