#include "net/sender.h"

#include <stdlib.h>

#include "net/linger.h"
#include "net/stream.h"

static struct ring *released;

struct ring *ring_take(void)
{
	struct ring *ring;
	net_free_sent();
	while ((ring = malloc(sizeof *ring)) == NULL) {
		if (!linger_cut())
			return NULL;
		net_free_sent();
	}
	ring->from = ring->used = 0;
	return ring;
}

void ring_release(struct ring *ring)
{
	if (ring == NULL)
		return;
	ring->next = released;
	released = ring;
}

void rings_free(void)
{
	while (released != NULL) {
		struct ring *ring = released;
		released = ring->next;
		free(ring);
	}
}

/* A piece that lwIP would cut into more segments than a stream may have would never be taken. */
static size_t segment_bytes(const struct tcp_pcb *pcb)
{
	size_t half_window = pcb->snd_wnd_max / 2;
	return half_window == 0 || half_window > tcp_mss(pcb) ? tcp_mss(pcb) : half_window;
}

bool sender_push(struct sender *sender)
{
	struct tcp_pcb *pcb = sender->pcb;
	struct ring *ring = sender->ring;
	bool any = false, refused = false;
	if (pcb == NULL || ring == NULL || sender->given == ring->used)
		return true;
	while (sender->given < ring->used && tcp_sndqueuelen(pcb) + SEGMENT_PBUFS <= TCP_SND_QUEUELEN) {
		uint8_t *bytes;
		size_t length = ring_run(ring, sender->given, &bytes), most = segment_bytes(pcb);
		if (length > most)
			length = most;
		refused = tcp_write(pcb, bytes, (u16_t)length, 0) != ERR_OK;
		if (refused)
			break;
		sender->given += (uint16_t)length;
		any = true;
	}
	if (any)
		tcp_output(pcb);
	return !refused || tcp_sndqueuelen(pcb) > 0;
}

void sender_acknowledged(struct sender *sender, uint16_t length)
{
	ring_drop(sender->ring, length);
	sender->given -= length;
}

void sender_release(struct sender *sender)
{
	ring_release(sender->ring);
	sender->ring = NULL;
	sender->pcb = NULL;
	sender->given = 0;
}
