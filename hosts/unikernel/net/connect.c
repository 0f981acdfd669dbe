/* Streams that this device begins. */
#include "host.h"
#include "net/stream.h"

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct stream *stream = argument;
	(void)pcb;
	(void)error;
	stream->state = STREAM_OPEN;
	stream_remember_peer(stream);
	stream_wake(stream, HOST_WRITABLE);
	return ERR_OK;
}

int host_tcp_connect(const uint8_t address[4], uint16_t port, int flags)
{
	ip_addr_t remote;
	struct stream *stream = stream_take(false);
	if (stream == NULL)
		return HOST_FULL;
	if (port == 0)
		return HOST_INVALID;
	IP_ADDR4(&remote, address[0], address[1], address[2], address[3]);
	struct tcp_pcb *pcb = tcp_new();
	if (pcb == NULL)
		return HOST_FULL;
	if (!stream_attach(stream, pcb)) {
		tcp_abort(pcb);
		return HOST_FULL;
	}
	stream->state = STREAM_CONNECTING;
	stream->remote = *ip_2_ip4(&remote);
	stream->remote_port = port;
	stream_set_flags(stream, flags);
	err_t error = tcp_connect(pcb, &remote, port, on_connected);
	if (error != ERR_OK) {
		stream_drop(stream);
		return error == ERR_RTE ? HOST_FAILED : error == ERR_MEM || error == ERR_BUF ? HOST_FULL : HOST_INVALID;
	}
	stream->local_port = pcb->local_port;
	return (int)(stream - streams);
}
