/* Datagrams over epoll: taken from the kernel when they come, so that their number is known. */
#include "datagrams.h"
#include "linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
	struct linux_source source;
	struct datagrams received;
	int fd;      /* 0: free */
	int events;
} Socket;

static Socket gSockets[HOST_UDP_MAX];

static Socket *socketOf(int handle)
{
	return handle >= 0 && handle < HOST_UDP_MAX && gSockets[handle].fd > 0 ? &gSockets[handle] : NULL;
}

/* So many at a time: a flood must not keep all else waiting. What is left wakes the loop again. */
enum { ROUND_MAX = 64 };

/*
 * A program that reads has its turn when the queue is full, before more is taken: else the answer that it waits for would be lost behind
 * whatever else is sent to it. For one that does not read, what comes is dropped here and not in the kernel, whose queue would keep us awake.
 */
static void happened(struct linux_source *source, uint32_t events)
{
	static uint8_t bytes[HOST_UDP_BYTES_MAX + 1];
	Socket *socket = (Socket *)source;
	bool queued = false;
	(void)events;
	for (int i = 0; i < ROUND_MAX && !(queued && datagrams_full(&socket->received)); i++) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t count = recvfrom(socket->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			continue;   /* an earlier one could not be delivered: nobody is told in UDP */
		if (count < 0)
			return;
		struct datagram *made = datagrams_new(&socket->received, (size_t)count);
		if (!made)
			continue;
		memcpy(made->bytes, bytes, (size_t)count);
		memcpy(made->address, &from.sin_addr, 4);
		made->port = ntohs(from.sin_port);
		linux_bytes_in += (uint64_t)count;
		datagrams_put(&socket->received, made);
		socket->events = HOST_READABLE;
		queued = true;
		linux_wake();
	}
}

int host_udp_open(uint16_t port)
{
	int handle = 0;
	while (handle < HOST_UDP_MAX && gSockets[handle].fd > 0)
		handle++;
	if (handle == HOST_UDP_MAX)
		return HOST_FULL;
	Socket *entry = &gSockets[handle];
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return HOST_FAILED;
	*entry = (Socket){ .source = { happened }, .fd = fd };
	int result = bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0 ? HOST_INVALID : linux_watch(fd, &entry->source, EPOLLIN);
	if (result < 0) {
		close(fd);
		entry->fd = 0;
		return result;
	}
	return handle;
}

int host_udp_events(int handle)
{
	Socket *socket = socketOf(handle);
	if (!socket)
		return HOST_INVALID;
	int events = socket->events;
	socket->events = 0;
	return events;
}

int host_udp_waiting(int handle)
{
	Socket *socket = socketOf(handle);
	return socket ? socket->received.waiting : HOST_INVALID;
}

int host_udp_size(int handle)
{
	Socket *socket = socketOf(handle);
	return !socket ? HOST_INVALID : socket->received.first ? socket->received.first->length : HOST_AGAIN;
}

int host_udp_read(int handle, uint8_t *into, size_t max, uint8_t address[4], uint16_t *port)
{
	Socket *socket = socketOf(handle);
	return socket ? datagrams_read(&socket->received, into, max, address, port) : HOST_INVALID;
}

int host_udp_write(int handle, const uint8_t address[4], uint16_t port, const uint8_t *from, size_t length)
{
	Socket *socket = socketOf(handle);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	if (!socket || length > HOST_UDP_BYTES_MAX)
		return HOST_INVALID;
	memcpy(&to.sin_addr, address, 4);
	if (sendto(socket->fd, from, length, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) >= 0) {
		linux_bytes_out += length;
		return HOST_OK;
	}
	switch (errno) {
	case EAGAIN: case ENOBUFS: case ENOMEM: return HOST_FULL;
	/* What an earlier one met; this one may still arrive. */
	case ECONNREFUSED: return HOST_OK;
	case EINVAL: return HOST_INVALID;
	default: return HOST_FAILED;
	}
}

int host_udp_local_port(int handle)
{
	Socket *socket = socketOf(handle);
	struct sockaddr_in local;
	socklen_t size = sizeof(local);
	if (!socket || getsockname(socket->fd, (struct sockaddr *)&local, &size) < 0)
		return HOST_INVALID;
	return ntohs(local.sin_port);
}

int host_name_server(uint8_t address[4])
{
	char line[256], text[64];
	FILE *file = fopen("/etc/resolv.conf", "re");
	int result = HOST_ABSENT;
	while (file && result < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, " nameserver %63s", text) == 1 && inet_pton(AF_INET, text, address) == 1)
			result = HOST_OK;
	if (file)
		fclose(file);
	return result;
}

void host_udp_close(int handle)
{
	Socket *socket = socketOf(handle);
	if (!socket)
		return;
	datagrams_clear(&socket->received);
	close(socket->fd);
	socket->fd = 0;
}
