/*
 * TCP over epoll. Each stream has a fixed input and output buffer: input is taken from the kernel when it arrives, so that
 * "readable" is a subtraction and the end of a stream is seen at once; a write goes straight to the kernel while the output
 * buffer is empty, and what the kernel does not take waits there. `host_tcp_writable` is the room in it: all accepted.
 */
#include "host.h"
#include "linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_BYTES = 64 * 1024, OUTPUT_BYTES = 64 * 1024, CONNECT_TIMEOUT_US = 10 * 1000 * 1000 };
/* A shorter queue costs a burst of peers a second each: the kernel drops what does not fit. */
enum { BACKLOG_MIN = 128 };
enum { KEEPALIVE_IDLE_S = 60, KEEPALIVE_INTERVAL_S = 10, KEEPALIVE_PROBES = 3 };

enum { FREE, CONNECTING, OPEN, LISTENING, CLOSING };

typedef struct {
	struct linux_source source;
	int fd;
	int state;
	int events;             /* not yet read by the glue */
	int error;              /* HOST_OK until the stream has ended */
	int ended;              /* the glue was told */
	uint64_t deadline_us;   /* of a connection attempt, or of flushing after close */
	size_t inputStart, inputEnd, outputStart, outputEnd;
	int inputMore;          /* the kernel may hold more than fitted */
	uint8_t *input;
	uint8_t *output;
} Stream;

enum { SLOTS = 2 * HOST_TCP_MAX };

/*
 * A closed stream that still has output keeps its slot here until the kernel took it: twice the handles, and only the
 * first half is ever named by the glue.
 */
static Stream gStreams[SLOTS];
/* Apart from the streams, which every wait looks through. A page that no stream has used takes no memory. */
static uint8_t gInput[SLOTS][INPUT_BYTES];
static uint8_t gOutput[SLOTS][OUTPUT_BYTES];
/* Streams with a deadline: none in the long run. */
static int gDeadlines;
/* The glue's handle to our slot: a slot that lingers is not reused, its handle is. */
static int gSlots[HOST_TCP_MAX];

uint64_t linux_bytes_in, linux_bytes_out;

/* Slots */

static Stream *streamOf(int handle)
{
	return handle >= 0 && handle < HOST_TCP_MAX && gSlots[handle] >= 0 ? &gStreams[gSlots[handle]] : NULL;
}

static int freeHandle(void)
{
	for (int i = 0; i < HOST_TCP_MAX; i++)
		if (gSlots[i] < 0)
			return i;
	return HOST_FULL;
}

/* Takes the descriptor, even when it fails. */
static int adopt(int fd, int state)
{
	int handle = freeHandle(), slot = 0;
	while (slot < SLOTS && gStreams[slot].state != FREE)
		slot++;
	if (handle < 0 || slot == SLOTS) {
		close(fd);
		return HOST_FULL;
	}
	Stream *stream = &gStreams[slot];
	uint32_t events = state == LISTENING ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	if (linux_watch(fd, &stream->source, events) < 0) {
		close(fd);
		return HOST_FAILED;
	}
	stream->fd = fd;
	stream->state = state;
	stream->events = 0;
	stream->error = HOST_OK;
	stream->ended = 0;
	stream->inputStart = stream->inputEnd = stream->outputStart = stream->outputEnd = 0;
	stream->inputMore = 0;
	stream->input = gInput[slot];
	stream->output = gOutput[slot];
	gSlots[handle] = slot;
	return handle;
}

static void setDeadline(Stream *stream, uint64_t deadline_us)
{
	gDeadlines += (deadline_us != UINT64_MAX) - (stream->deadline_us != UINT64_MAX);
	stream->deadline_us = deadline_us;
}

static void drop(Stream *stream)
{
	setDeadline(stream, UINT64_MAX);
	close(stream->fd);
	stream->state = FREE;
	stream->events = 0;
}

static void signalEvent(Stream *stream, int event)
{
	stream->events |= event;
	linux_wake();
}

static int errorCode(int error)
{
	switch (error) {
	case ECONNREFUSED: return HOST_REFUSED;
	case ETIMEDOUT: return HOST_TIMEOUT;
	case ECONNRESET: case EPIPE: case ENETUNREACH: case EHOSTUNREACH: case ENETDOWN: return HOST_RESET;
	default: return HOST_FAILED;
	}
}

static void end(Stream *stream, int error)
{
	if (stream->error == HOST_OK)
		stream->error = error;
	/* What has arrived is offered before the end is told. */
	if (stream->inputStart == stream->inputEnd && !stream->ended) {
		stream->ended = 1;
		signalEvent(stream, HOST_ENDED);
	}
}

/* Moving bytes */

static void pull(Stream *stream)
{
	if (stream->inputStart == stream->inputEnd)
		stream->inputStart = stream->inputEnd = 0;
	while (stream->inputEnd < INPUT_BYTES) {
		ssize_t count = recv(stream->fd, stream->input + stream->inputEnd, INPUT_BYTES - stream->inputEnd, 0);
		if (count > 0) {
			int full = stream->inputEnd + (size_t)count == INPUT_BYTES;
			stream->inputEnd += (size_t)count;
			linux_bytes_in += (uint64_t)count;
			stream->inputMore = full;
			signalEvent(stream, HOST_READABLE);
			continue;
		}
		stream->inputMore = 0;
		if (count == 0)
			end(stream, HOST_CLOSED);
		else if (errno == EINTR)
			continue;
		else if (errno != EAGAIN && errno != EWOULDBLOCK)
			end(stream, errorCode(errno));
		return;
	}
}

static void push(Stream *stream)
{
	int had = stream->outputStart < stream->outputEnd;
	while (stream->outputStart < stream->outputEnd) {
		ssize_t count = send(stream->fd, stream->output + stream->outputStart, stream->outputEnd - stream->outputStart, MSG_NOSIGNAL);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN && errno != EWOULDBLOCK) {
				stream->outputStart = stream->outputEnd = 0;
				end(stream, errorCode(errno));
			}
			return;
		}
		stream->outputStart += (size_t)count;
		linux_bytes_out += (uint64_t)count;
	}
	stream->outputStart = stream->outputEnd = 0;
	if (had)
		signalEvent(stream, HOST_WRITABLE);
}

static void connected(Stream *stream)
{
	int error = 0;
	socklen_t size = sizeof(error);
	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	setDeadline(stream, UINT64_MAX);
	stream->state = OPEN;
	if (error)
		end(stream, errorCode(error));
	else
		signalEvent(stream, HOST_WRITABLE);
}

static void handleEvent(struct linux_source *source, uint32_t events)
{
	Stream *stream = (Stream *)source;
	if (stream->state == FREE)
		return;
	if (stream->state == LISTENING) {
		signalEvent(stream, HOST_ACCEPTED);
		return;
	}
	if (stream->state == CONNECTING) {
		if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
			return;
		connected(stream);
		if (stream->error != HOST_OK)
			return;
	}
	if (events & EPOLLOUT)
		push(stream);
	if (stream->state == CLOSING) {
		if (stream->outputStart == stream->outputEnd || (events & (EPOLLERR | EPOLLHUP)))
			drop(stream);
		return;
	}
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))
		pull(stream);
}

/* Time-outs: of attempts to connect, and of output that a peer never takes after close. */
static uint64_t expire(uint64_t now_us)
{
	uint64_t next = UINT64_MAX;
	for (int i = 0; gDeadlines && i < SLOTS; i++) {
		Stream *stream = &gStreams[i];
		if (stream->state == FREE || stream->deadline_us == UINT64_MAX)
			continue;
		if (stream->deadline_us > now_us) {
			if (stream->deadline_us < next)
				next = stream->deadline_us;
		}
		else if (stream->state == CLOSING)
			drop(stream);
		else {
			setDeadline(stream, UINT64_MAX);
			end(stream, HOST_TIMEOUT);
		}
	}
	return next;
}

void linux_tcp_start(void)
{
	linux_loop_start(expire);
	for (int i = 0; i < HOST_TCP_MAX; i++)
		gSlots[i] = -1;
	for (int i = 0; i < SLOTS; i++) {
		gStreams[i].source.happened = handleEvent;
		gStreams[i].deadline_us = UINT64_MAX;
	}
}

/* The contract */

static void setOptions(int fd, int flags)
{
	int on = 1, idle = KEEPALIVE_IDLE_S, interval = KEEPALIVE_INTERVAL_S, probes = KEEPALIVE_PROBES;
	if (flags & HOST_TCP_NODELAY)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (flags & HOST_TCP_KEEPALIVE) {
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	}
}

static struct sockaddr_in socketAddress(const uint8_t address[4], uint16_t port)
{
	struct sockaddr_in name;
	memset(&name, 0, sizeof(name));
	name.sin_family = AF_INET;
	name.sin_port = htons(port);
	memcpy(&name.sin_addr, address, 4);
	return name;
}

int host_tcp_connect(const uint8_t address[4], uint16_t port, int flags)
{
	struct sockaddr_in name = socketAddress(address, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), handle, failed = 0;
	if (fd < 0)
		return HOST_FAILED;
	setOptions(fd, flags);
	/* A failure here is told as an event, like one that takes longer. */
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0 && errno != EINPROGRESS)
		failed = errorCode(errno);
	handle = adopt(fd, CONNECTING);
	if (handle < 0)
		return handle;
	if (failed)
		end(streamOf(handle), failed);
	else
		setDeadline(streamOf(handle), host_now_us() + CONNECT_TIMEOUT_US);
	return handle;
}

int host_tcp_listen(const uint8_t address[4], uint16_t port, int backlog)
{
	struct sockaddr_in name = socketAddress(address, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0)
		return HOST_FAILED;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, backlog < BACKLOG_MIN ? BACKLOG_MIN : backlog) < 0) {
		int code = errno == EADDRINUSE ? HOST_FULL : HOST_FAILED;
		close(fd);
		return code;
	}
	return adopt(fd, LISTENING);
}

int host_tcp_accept(int listener, int flags)
{
	Stream *stream = streamOf(listener);
	if (!stream || stream->state != LISTENING)
		return HOST_INVALID;
	int fd = accept4(stream->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED ? HOST_AGAIN : HOST_FAILED;
	setOptions(fd, flags);
	int handle = adopt(fd, OPEN);
	if (handle >= 0)
		signalEvent(streamOf(handle), HOST_WRITABLE);
	return handle;
}

int host_tcp_events(int handle)
{
	Stream *stream = streamOf(handle);
	if (!stream)
		return HOST_INVALID;
	int events = stream->events;
	stream->events = 0;
	return events;
}

int host_tcp_error(int handle)
{
	Stream *stream = streamOf(handle);
	return stream ? stream->error : HOST_INVALID;
}

int host_tcp_readable(int handle)
{
	Stream *stream = streamOf(handle);
	return stream ? (int)(stream->inputEnd - stream->inputStart) : HOST_INVALID;
}

int host_tcp_writable(int handle)
{
	Stream *stream = streamOf(handle);
	if (!stream)
		return HOST_INVALID;
	if (stream->state != OPEN || stream->error != HOST_OK)
		return 0;
	return (int)(OUTPUT_BYTES - (stream->outputEnd - stream->outputStart));
}

int host_tcp_read(int handle, uint8_t *into, size_t max)
{
	Stream *stream = streamOf(handle);
	if (!stream)
		return HOST_INVALID;
	size_t count = stream->inputEnd - stream->inputStart;
	if (count > max)
		count = max;
	memcpy(into, stream->input + stream->inputStart, count);
	stream->inputStart += count;
	if (stream->inputStart == stream->inputEnd) {
		if (stream->inputMore)
			pull(stream);
		else if (stream->error != HOST_OK)
			end(stream, stream->error);
	}
	return (int)count;
}

int host_tcp_write(int handle, const uint8_t *from, size_t length)
{
	Stream *stream = streamOf(handle);
	size_t room, sent = 0;
	if (!stream || stream->state != OPEN)
		return HOST_INVALID;
	if (stream->error != HOST_OK)
		return stream->error;
	room = OUTPUT_BYTES - (stream->outputEnd - stream->outputStart);
	if (length > room)
		length = room;
	if (stream->outputStart == stream->outputEnd) {
		ssize_t count = send(stream->fd, from, length, MSG_NOSIGNAL);
		if (count > 0) {
			sent = (size_t)count;
			linux_bytes_out += sent;
		}
		else if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
			end(stream, errorCode(errno));
			return stream->error;
		}
	}
	if (sent < length) {
		if (stream->outputStart && OUTPUT_BYTES - stream->outputEnd < length - sent) {
			memmove(stream->output, stream->output + stream->outputStart, stream->outputEnd - stream->outputStart);
			stream->outputEnd -= stream->outputStart;
			stream->outputStart = 0;
		}
		memcpy(stream->output + stream->outputEnd, from + sent, length - sent);
		stream->outputEnd += length - sent;
	}
	return (int)length;
}

void host_tcp_close(int handle)
{
	Stream *stream = streamOf(handle);
	if (!stream)
		return;
	gSlots[handle] = -1;
	if (stream->state == OPEN && stream->error == HOST_OK && stream->outputStart < stream->outputEnd) {
		stream->state = CLOSING;
		setDeadline(stream, host_now_us() + CONNECT_TIMEOUT_US);
	}
	else
		drop(stream);
}

void host_tcp_abort(int handle)
{
	Stream *stream = streamOf(handle);
	struct linger reset = { 1, 0 };
	if (!stream)
		return;
	gSlots[handle] = -1;
	setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	drop(stream);
}

int host_tcp_local_port(int handle)
{
	Stream *stream = streamOf(handle);
	struct sockaddr_in name;
	socklen_t size = sizeof(name);
	if (!stream || getsockname(stream->fd, (struct sockaddr *)&name, &size) < 0)
		return HOST_INVALID;
	return ntohs(name.sin_port);
}

int host_tcp_remote(int handle, char into[16])
{
	Stream *stream = streamOf(handle);
	struct sockaddr_in name;
	socklen_t size = sizeof(name);
	if (!stream || getpeername(stream->fd, (struct sockaddr *)&name, &size) < 0)
		return HOST_INVALID;
	inet_ntop(AF_INET, &name.sin_addr, into, 16);
	return ntohs(name.sin_port);
}
