/*
 * A life: FREE -> TALKING (close; bytes that lwIP has not taken yet) -> ENDING (it has them all, and the end of the stream) -> FREE (all
 * acknowledged, or the connection is gone). A peer that takes nothing for LINGER_SECONDS is cut off.
 */
#include "net/linger.h"

#include "net/stream.h"

#define LINGER_SECONDS 30

enum { FREE, TALKING, ENDING };

struct lingering {
	struct sender sender;
	uint8_t state;
	uint8_t waited_seconds;   /* since the last acknowledgement */
	uint32_t since;           /* counts closings */
};

static struct lingering lingering[NET_LINGERING];
static uint32_t closings;

static void leave(struct lingering *it)
{
	if (it->sender.pcb != NULL)
		pcb_detach(it->sender.pcb);
	sender_release(&it->sender);
	it->state = FREE;
}

static void cut(struct lingering *it)
{
	struct tcp_pcb *pcb = it->sender.pcb;
	leave(it);
	tcp_abort(pcb);
}

/* What still comes has nobody to read it. */
static err_t on_received(void *argument, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error)
{
	(void)argument;
	(void)error;
	if (pbuf != NULL) {
		tcp_recved(pcb, pbuf->tot_len);
		pbuf_free(pbuf);
	}
	return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t length)
{
	struct lingering *it = argument;
	(void)pcb;
	it->waited_seconds = 0;
	sender_acknowledged(&it->sender, length);
	if (it->state == ENDING && it->sender.ring->used == 0)
		leave(it);
	return ERR_OK;
}

static void on_error(void *argument, err_t error)
{
	struct lingering *it = argument;
	(void)error;
	it->sender.pcb = NULL;
	leave(it);
}

static err_t on_poll(void *argument, struct tcp_pcb *pcb)
{
	struct lingering *it = argument;
	(void)pcb;
	if (++it->waited_seconds < LINGER_SECONDS)
		return ERR_OK;
	cut(it);
	return ERR_ABRT;
}

static bool push(struct lingering *it)
{
	bool heard = sender_push(&it->sender);
	if (it->state == TALKING && it->sender.given == it->sender.ring->used) {
		it->state = ENDING;
		if (tcp_close(it->sender.pcb) != ERR_OK)
			cut(it);
	}
	return heard;
}

static struct lingering *find_free(void)
{
	for (int i = 0; i < NET_LINGERING; i++)
		if (lingering[i].state == FREE)
			return &lingering[i];
	return NULL;
}

void linger(struct sender *sender)
{
	struct lingering *it;
	while ((it = find_free()) == NULL)
		linger_cut();
	*it = (struct lingering){ .sender = *sender, .state = TALKING, .since = closings++ };
	*sender = (struct sender){ 0 };
	tcp_arg(it->sender.pcb, it);
	tcp_recv(it->sender.pcb, on_received);
	tcp_sent(it->sender.pcb, on_sent);
	tcp_err(it->sender.pcb, on_error);
	tcp_poll(it->sender.pcb, on_poll, POLL_HALF_SECONDS);
	push(it);
}

bool linger_cut(void)
{
	struct lingering *longest = NULL;
	for (int i = 0; i < NET_LINGERING; i++)
		if (lingering[i].state != FREE && (longest == NULL || closings - lingering[i].since > closings - longest->since))
			longest = &lingering[i];
	if (longest != NULL)
		cut(longest);
	return longest != NULL;
}

bool linger_push(void)
{
	bool heard = true;
	for (int i = 0; i < NET_LINGERING; i++)
		if (lingering[i].state != FREE && !push(&lingering[i]))
			heard = false;
	return heard;
}
