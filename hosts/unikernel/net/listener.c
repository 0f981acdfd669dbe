/* Streams that others begin. */
#include "host.h"
#include "net/stream.h"

static err_t on_accepted(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct stream *listener = argument;
	struct stream *stream;
	if (error != ERR_OK || pcb == NULL || listener == NULL || (stream = stream_take(false)) == NULL || !stream_attach(stream, pcb))
		return ERR_MEM;
	stream->state = STREAM_QUEUED;
	stream->listener = (int8_t)(listener - streams);
	stream_remember_peer(stream);
	tcp_backlog_delayed(pcb);
	stream_wake(listener, HOST_ACCEPTED);
	return ERR_OK;
}

int host_tcp_listen(const uint8_t address[4], uint16_t port, int backlog)
{
	ip_addr_t local;
	struct stream *stream = stream_take(true);
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
	stream->state = STREAM_LISTENING;
	tcp_arg(listening, stream);
	tcp_accept(listening, on_accepted);
	return (int)(stream - streams);
}

int host_tcp_accept(int handle, int flags)
{
	struct stream *listener = stream_find(handle);
	if (listener == NULL || listener->state != STREAM_LISTENING)
		return HOST_INVALID;
	int accepted = HOST_AGAIN;
	for (int i = 0; i < NET_STREAMS; i++) {
		struct stream *stream = &streams[i];
		if (stream->state != STREAM_QUEUED || stream->listener != handle) continue;
		/* Told anew of the next: its own event may have been read together with that of this one. */
		stream_wake(accepted < 0 ? stream : listener, accepted < 0 ? HOST_WRITABLE : HOST_ACCEPTED);
		if (accepted >= 0) break;
		accepted = i;
		stream->state = STREAM_OPEN;
		tcp_backlog_accepted(stream->sender.pcb);
		stream_set_flags(stream, flags);
	}
	return accepted;
}

void listener_close(struct stream *listener)
{
	tcp_arg(listener->pcb, NULL);
	tcp_accept(listener->pcb, NULL);
	tcp_close(listener->pcb);
	for (int i = 0; i < NET_STREAMS; i++)
		if (streams[i].state == STREAM_QUEUED && &streams[streams[i].listener] == listener)
			stream_drop(&streams[i]);
}
