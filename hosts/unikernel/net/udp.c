/* Datagrams over lwIP. Compiled into images whose code opens one. */
#include "lwip/opt.h"

#if LWIP_UDP

#include "lwip/udp.h"

#include "datagrams.h"
#include "net/net.h"

struct socket {
	struct udp_pcb *pcb;
	struct datagrams received;
	uint8_t events;
};

static struct socket sockets[HOST_UDP_MAX];
static bool filled;

bool udp_take_filled(void)
{
	bool was = filled;
	filled = false;
	return was;
}

static struct socket *find(int handle)
{
	return handle >= 0 && handle < HOST_UDP_MAX && sockets[handle].pcb != NULL ? &sockets[handle] : NULL;
}

static void on_received(void *argument, struct udp_pcb *pcb, struct pbuf *pbuf, const ip_addr_t *address, u16_t port)
{
	struct socket *socket = argument;
	(void)pcb;
	struct datagram *made = datagrams_new(&socket->received, pbuf->tot_len);
	if (made != NULL) {
		pbuf_copy_partial(pbuf, made->bytes, pbuf->tot_len, 0);
		memcpy(made->address, address, 4);
		made->port = port;
		datagrams_put(&socket->received, made);
		socket->events = HOST_READABLE;
		filled |= datagrams_full(&socket->received);
		net_wake();
	}
	pbuf_free(pbuf);
}

int host_udp_open(uint16_t port)
{
	int handle = 0;
	while (handle < HOST_UDP_MAX && sockets[handle].pcb != NULL)
		handle++;
	struct udp_pcb *pcb = handle < HOST_UDP_MAX ? udp_new() : NULL;
	if (pcb == NULL)
		return HOST_FULL;
	if (udp_bind(pcb, IP4_ADDR_ANY, port) != ERR_OK) {
		udp_remove(pcb);
		return HOST_INVALID;
	}
	sockets[handle] = (struct socket){ .pcb = pcb };
	udp_recv(pcb, on_received, &sockets[handle]);
	return handle;
}

int host_udp_events(int handle)
{
	struct socket *socket = find(handle);
	if (socket == NULL)
		return HOST_INVALID;
	int events = socket->events;
	socket->events = 0;
	return events;
}

int host_udp_waiting(int handle)
{
	const struct socket *socket = find(handle);
	return socket == NULL ? HOST_INVALID : socket->received.waiting;
}

int host_udp_size(int handle)
{
	const struct socket *socket = find(handle);
	return socket == NULL ? HOST_INVALID : socket->received.first == NULL ? HOST_AGAIN : socket->received.first->length;
}

int host_udp_read(int handle, uint8_t *into, size_t max, uint8_t address[4], uint16_t *port)
{
	struct socket *socket = find(handle);
	return socket == NULL ? HOST_INVALID : datagrams_read(&socket->received, into, max, address, port);
}

/* The link layer reads the bytes while they are sent, hence the copy. */
int host_udp_write(int handle, const uint8_t address[4], uint16_t port, const uint8_t *from, size_t length)
{
	struct socket *socket = find(handle);
	ip_addr_t to;
	if (socket == NULL || length > HOST_UDP_BYTES_MAX || port == 0)
		return HOST_INVALID;
	struct pbuf *pbuf = pbuf_alloc(PBUF_TRANSPORT, (u16_t)length, PBUF_RAM);
	if (pbuf == NULL)
		return HOST_FULL;
	pbuf_take(pbuf, from, (u16_t)length);
	IP_ADDR4(&to, address[0], address[1], address[2], address[3]);
	err_t error = udp_sendto(socket->pcb, pbuf, &to, port);
	pbuf_free(pbuf);
	return error == ERR_OK ? HOST_OK : error == ERR_MEM || error == ERR_BUF ? HOST_FULL : HOST_FAILED;
}

int host_udp_local_port(int handle)
{
	const struct socket *socket = find(handle);
	return socket == NULL ? HOST_INVALID : socket->pcb->local_port;
}

void host_udp_close(int handle)
{
	struct socket *socket = find(handle);
	if (socket == NULL)
		return;
	udp_remove(socket->pcb);
	datagrams_clear(&socket->received);
	socket->pcb = NULL;
}

#endif
