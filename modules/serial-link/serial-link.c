/* Sessions, the window and time. Function by function the equal of src/net/serial-link.ts, where the reasons stand. */
#include "serial-link.h"

#include <string.h>

#define VERSION 1
#define OPEN_INTERVAL_MS 250
#define RETRANSMIT_FIRST_MS 300
#define RETRANSMIT_MIN_MS 200
#define RETRANSMIT_MAX_MS 2000
#define KEEPALIVE_MS 3000
#define SILENCE_MS 10000

enum { OPEN = 1, ACCEPT, DATA, END, ACK, RESET };
enum { KIND = 0x0f, POLL = 0x80, GAP = 0x40 };

static void refuse(struct serial_link *link, uint32_t session)
{
	link->reset_due = true;
	link->reset_session = session;
}

static void forget_offer(struct serial_link *link)
{
	link->candidate = link->candidate_nonce = 0;
	link->accept_due = false;
}

/* An offer of another session stands: its dialler may be ending the present one only now. A late frame of a dead session begins nothing. */
static void forget_session(struct serial_link *link)
{
	if (link->candidate == link->session)
		forget_offer(link);
	link->session = 0;
}

static void leave(struct serial_link *link, int error)
{
	link->state = SERIAL_IDLE;
	link->error = error;
	forget_session(link);
	link->in_head = link->in_count = 0;
	link->unacknowledged = link->next = link->sent = link->filled = link->edge = 0;
	link->expected = link->edge_told = 0;
	link->peer_ended = link->end_queued = link->gap_told = false;
	link->ack_due = link->gap_due = link->poll_due = false;
	link->retransmit_at_ms = link->poll_at_ms = SERIAL_NEVER;
	link->went_back_to = link->timed_frame = -1;
	link->round_trip8 = link->deviation4 = 0;
	link->retransmit_ms = RETRANSMIT_FIRST_MS;
	link->confirmed = false;
}

void serial_link_init(struct serial_link *link)
{
	memset(link, 0, sizeof *link);
	leave(link, SERIAL_OK);
}

void serial_link_abort(struct serial_link *link)
{
	if (link->state == SERIAL_OPEN)
		refuse(link, link->session);
	leave(link, SERIAL_OK);
}

void serial_link_dial(struct serial_link *link, uint32_t nonce, uint64_t now_ms)
{
	serial_link_abort(link);
	forget_offer(link);
	link->nonce = nonce;
	link->state = SERIAL_OPENING;
	link->open_at_ms = link->heard_ms = now_ms;
}

void serial_link_listen(struct serial_link *link, uint32_t seed)
{
	link->listening = true;
	link->own_nonce = seed;
	if (link->session == 0)
		refuse(link, 0);
}

void serial_link_deafen(struct serial_link *link)
{
	link->listening = false;
	forget_offer(link);
}

/* The stream */

static uint8_t window_edge(const struct serial_link *link)
{
	uint32_t frames = (SERIAL_RECEIVED_BYTES_MAX - link->in_count) / SERIAL_PAYLOAD_BYTES_MAX;
	return (uint8_t)(link->expected + (frames < SERIAL_WINDOW ? frames : SERIAL_WINDOW));
}

size_t serial_link_read(struct serial_link *link, uint8_t *into, size_t max)
{
	uint32_t count = max < link->in_count ? (uint32_t)max : link->in_count;
	uint32_t first = SERIAL_RECEIVED_BYTES_MAX - link->in_head;
	if (first > count)
		first = count;
	memcpy(into, link->in + link->in_head, first);
	memcpy(into + first, link->in, count - first);
	link->in_head = (link->in_head + count) % SERIAL_RECEIVED_BYTES_MAX;
	link->in_count -= count;
	if (link->state == SERIAL_OPEN && (uint8_t)(window_edge(link) - link->edge_told) >= SERIAL_WINDOW / 2)
		link->ack_due = true;
	return count;
}

static uint32_t room_in_last(const struct serial_link *link)
{
	if (link->filled == link->sent || link->end_queued)
		return 0;
	return SERIAL_PAYLOAD_BYTES_MAX - link->out_bytes[(uint8_t)(link->filled - 1) % SERIAL_WINDOW];
}

size_t serial_link_writable(const struct serial_link *link)
{
	if (link->state != SERIAL_OPEN || link->end_queued)
		return 0;
	return (SERIAL_WINDOW - (uint32_t)(uint8_t)(link->filled - link->unacknowledged)) * SERIAL_PAYLOAD_BYTES_MAX;
}

static void fill(struct serial_link *link, uint8_t kind)
{
	uint32_t place = link->filled % SERIAL_WINDOW;
	link->out_bytes[place] = 0;
	link->out_kinds[place] = kind;
	link->filled++;
}

size_t serial_link_write(struct serial_link *link, const uint8_t *from, size_t length)
{
	size_t taken = 0, room = serial_link_writable(link) + (link->state == SERIAL_OPEN ? room_in_last(link) : 0), end = length < room ? length : room;
	while (taken < end) {
		size_t left = room_in_last(link);
		if (left == 0) {
			fill(link, DATA);
			left = SERIAL_PAYLOAD_BYTES_MAX;
		}
		uint32_t place = (uint8_t)(link->filled - 1) % SERIAL_WINDOW;
		size_t count = end - taken < left ? end - taken : left;
		memcpy(link->out + place * SERIAL_PAYLOAD_BYTES_MAX + link->out_bytes[place], from + taken, count);
		link->out_bytes[place] = (uint8_t)(link->out_bytes[place] + count);
		taken += count;
	}
	return taken;
}

bool serial_link_end(struct serial_link *link)
{
	if (link->state != SERIAL_OPEN || link->end_queued)
		return true;
	if ((uint8_t)(link->filled - link->unacknowledged) == SERIAL_WINDOW)
		return false;
	fill(link, END);
	link->end_queued = true;
	return true;
}

static void store(struct serial_link *link, const uint8_t *payload, uint32_t count)
{
	uint32_t tail = (link->in_head + link->in_count) % SERIAL_RECEIVED_BYTES_MAX;
	uint32_t first = SERIAL_RECEIVED_BYTES_MAX - tail;
	if (first > count)
		first = count;
	memcpy(link->in + tail, payload, first);
	memcpy(link->in, payload + first, count - first);
	link->in_count += count;
}

/* Out */

static bool may_transmit(const struct serial_link *link)
{
	uint8_t room = (uint8_t)(link->edge - link->next);
	return link->next != link->filled && room != 0 && room <= SERIAL_WINDOW;
}

uint64_t serial_link_due_ms(const struct serial_link *link, uint64_t now_ms)
{
	if (link->reset_due || link->accept_due)
		return now_ms;
	if (link->state == SERIAL_OPENING)
		return link->open_at_ms;
	if (link->session == 0)
		return SERIAL_NEVER;
	if (link->ack_due || link->poll_due || may_transmit(link))
		return now_ms;
	if (link->state != SERIAL_OPEN)
		return SERIAL_NEVER;
	uint64_t silence = link->heard_ms + SILENCE_MS;
	uint64_t due = link->ask_at_ms < silence ? link->ask_at_ms : silence;
	if (link->poll_at_ms < due)
		due = link->poll_at_ms;
	return link->retransmit_at_ms < due ? link->retransmit_at_ms : due;
}

static void go_back(struct serial_link *link)
{
	link->next = link->unacknowledged;
	link->timed_frame = -1;
}

static void keep_time(struct serial_link *link, uint64_t now_ms)
{
	if (now_ms - link->heard_ms >= SILENCE_MS) {
		refuse(link, link->session);
		leave(link, SERIAL_TIMEOUT);
		return;
	}
	if (now_ms >= link->retransmit_at_ms) {
		link->retransmit_ms = link->retransmit_ms * 2 < RETRANSMIT_MAX_MS ? link->retransmit_ms * 2 : RETRANSMIT_MAX_MS;
		go_back(link);
		link->retransmit_at_ms = now_ms + link->retransmit_ms;
	}
	bool shut = link->next != link->filled && link->edge == link->next && link->unacknowledged == link->sent;
	if (!shut && link->confirmed)
		link->poll_at_ms = SERIAL_NEVER;
	else if (now_ms >= link->poll_at_ms) {
		link->poll_due = true;
		link->poll_at_ms = now_ms + link->retransmit_ms;
	}
	else if (link->poll_at_ms == SERIAL_NEVER)
		link->poll_at_ms = now_ms + link->retransmit_ms;
	if (now_ms < link->ask_at_ms)
		return;
	link->poll_due = true;
	link->ask_at_ms = now_ms + KEEPALIVE_MS;
}

/* The payload is in the body already. */
static size_t frame(struct serial_link *link, uint8_t kind, uint32_t session, uint32_t length, uint8_t *into)
{
	uint8_t *body = link->body, edge = window_edge(link);
	bool within = kind == DATA || kind == END || kind == ACK;
	body[0] = (uint8_t)(kind | (within && link->poll_due ? POLL : 0) | (within && link->gap_due ? GAP : 0));
	body[1] = kind == DATA || kind == END ? link->next : 0;
	body[2] = within ? link->expected : 0;
	body[3] = within ? (uint8_t)(edge - link->expected) : 0;
	serial_put_word(body + 4, session);
	if (within) {
		link->edge_told = edge;
		link->ack_due = link->gap_due = link->poll_due = false;
	}
	link->frames_out++;
	return serial_frame_encode(body, SERIAL_HEADER_BYTES + length, into);
}

static size_t transmit_next(struct serial_link *link, uint8_t *into, uint64_t now_ms)
{
	uint32_t place = link->next % SERIAL_WINDOW, length = link->out_bytes[place];
	memcpy(link->body + SERIAL_HEADER_BYTES, link->out + place * SERIAL_PAYLOAD_BYTES_MAX, length);
	if (link->next == link->sent) {
		link->sent++;
		if (link->timed_frame < 0) {
			link->timed_frame = link->next;
			link->timed_ms = now_ms;
		}
	}
	else
		link->frames_repeated++;
	if (link->retransmit_at_ms == SERIAL_NEVER)
		link->retransmit_at_ms = now_ms + link->retransmit_ms;
	size_t written = frame(link, link->out_kinds[place], link->session, length, into);
	link->next++;
	return written;
}

size_t serial_link_transmit(struct serial_link *link, uint8_t *into, uint64_t now_ms)
{
	if (!link->reset_due && link->state == SERIAL_OPEN)
		keep_time(link, now_ms);
	if (link->reset_due) {
		link->reset_due = false;
		return frame(link, RESET, link->reset_session, 0, into);
	}
	if (link->state == SERIAL_OPENING) {
		if (now_ms < link->open_at_ms)
			return 0;
		link->open_at_ms = now_ms + OPEN_INTERVAL_MS;
		link->body[SERIAL_HEADER_BYTES] = VERSION;
		return frame(link, OPEN, link->nonce, 1, into);
	}
	if (link->accept_due) {
		link->accept_due = false;
		serial_put_word(link->body + SERIAL_HEADER_BYTES, link->candidate_nonce);
		return frame(link, ACCEPT, link->candidate, 4, into);
	}
	if (link->session == 0)
		return 0;
	if (may_transmit(link))
		return transmit_next(link, into, now_ms);
	return link->ack_due || link->poll_due ? frame(link, ACK, link->session, 0, into) : 0;
}

/* In */

static void close_session(struct serial_link *link)
{
	link->state = SERIAL_CLOSED;
	link->retransmit_at_ms = link->poll_at_ms = SERIAL_NEVER;
	link->next = link->sent = link->unacknowledged = link->filled;
}

static void close_if_done(struct serial_link *link)
{
	if (link->state == SERIAL_OPEN && link->peer_ended && link->end_queued && link->unacknowledged == link->filled)
		close_session(link);
}

static void begin(struct serial_link *link, uint32_t session, uint64_t now_ms)
{
	if (session == link->session) {
		forget_offer(link);
		return;
	}
	if (session == link->candidate)
		link->nonce = link->candidate_nonce;
	forget_offer(link);
	leave(link, SERIAL_OK);
	link->session = session;
	link->state = SERIAL_OPEN;
	link->epoch++;
	link->heard_ms = now_ms;
	link->ask_at_ms = now_ms + KEEPALIVE_MS;
	link->edge = SERIAL_WINDOW;
}

static void receive_open(struct serial_link *link, uint32_t length, uint32_t nonce)
{
	if (!link->listening || length <= SERIAL_HEADER_BYTES || link->decoder.body[SERIAL_HEADER_BYTES] != VERSION) {
		refuse(link, nonce);
		return;
	}
	link->accept_due = true;
	if (nonce == link->candidate_nonce && link->candidate != 0)
		return;
	link->candidate_nonce = nonce;
	if (nonce == link->nonce && link->session != 0) {
		link->candidate = link->session;
		return;
	}
	link->accepted++;
	serial_put_word(link->body, nonce);
	serial_put_word(link->body + 4, link->own_nonce);
	serial_put_word(link->body + 8, link->accepted);
	link->candidate = serial_crc32(link->body, 12);
	if (link->candidate == 0)
		link->candidate = 1;
}

static void receive_accept(struct serial_link *link, uint32_t length, uint32_t session, uint64_t now_ms)
{
	if (length != SERIAL_HEADER_BYTES + 4 || serial_word(link->decoder.body + SERIAL_HEADER_BYTES) != link->nonce || session == 0)
		return;
	if (link->state == SERIAL_OPENING)
		begin(link, session, now_ms);
	if (session == link->session)
		link->ack_due = true;
}

static void receive_reset(struct serial_link *link, uint32_t session)
{
	if (link->state == SERIAL_OPENING && session == link->nonce)
		leave(link, SERIAL_REFUSED);
	else if (link->session != 0 && (session == link->session || session == 0)) {
		if (link->state == SERIAL_CLOSED || (link->peer_ended && link->end_queued))
			close_session(link);
		else
			leave(link, SERIAL_RESET);
		forget_session(link);
	}
}

static void measure(struct serial_link *link, uint64_t now_ms)
{
	int32_t trip_ms = (int32_t)(now_ms - link->timed_ms);
	link->timed_frame = -1;
	if (link->round_trip8 == 0) {
		link->round_trip8 = trip_ms * 8;
		link->deviation4 = trip_ms * 2;
	}
	else {
		int32_t error = trip_ms - (link->round_trip8 >> 3);
		link->round_trip8 += error;
		link->deviation4 += (error < 0 ? -error : error) - (link->deviation4 >> 2);
	}
	int32_t wished = (link->round_trip8 >> 3) + link->deviation4;
	if (wished < RETRANSMIT_MIN_MS)
		wished = RETRANSMIT_MIN_MS;
	link->retransmit_ms = wished < RETRANSMIT_MAX_MS ? (uint32_t)wished : RETRANSMIT_MAX_MS;
}

static void acknowledge(struct serial_link *link, uint8_t acknowledged, uint8_t credit, bool gap, uint64_t now_ms)
{
	uint8_t count = (uint8_t)(acknowledged - link->unacknowledged);
	if (count > (uint8_t)(link->sent - link->unacknowledged) || credit > SERIAL_WINDOW)
		return;
	uint8_t edge = (uint8_t)(acknowledged + credit);
	if ((uint8_t)(edge - link->unacknowledged) > (uint8_t)(link->edge - link->unacknowledged))
		link->edge = edge;
	if (count > 0) {
		if (link->timed_frame >= 0 && (uint8_t)(link->timed_frame - link->unacknowledged) < count)
			measure(link, now_ms);
		if ((uint8_t)(link->next - link->unacknowledged) < count)
			link->next = acknowledged;
		link->unacknowledged = acknowledged;
		link->went_back_to = -1;
		link->retransmit_at_ms = link->unacknowledged == link->sent ? SERIAL_NEVER : now_ms + link->retransmit_ms;
	}
	if (gap && link->unacknowledged != link->sent && link->went_back_to != link->unacknowledged) {
		link->went_back_to = link->unacknowledged;
		go_back(link);
	}
	close_if_done(link);
}

static void receive_within(struct serial_link *link, uint32_t length, uint8_t kind, uint64_t now_ms)
{
	const uint8_t *body = link->decoder.body;
	link->heard_ms = now_ms;
	link->ask_at_ms = now_ms + KEEPALIVE_MS;
	link->confirmed = true;
	if (body[0] & POLL)
		link->ack_due = true;
	acknowledge(link, body[2], body[3], (body[0] & GAP) != 0, now_ms);
	if (kind == ACK)
		return;
	link->ack_due = true;
	if (link->state == SERIAL_CLOSED)
		return;
	uint8_t ahead = (uint8_t)(body[1] - link->expected);
	if (ahead != 0) {
		if (ahead < SERIAL_WINDOW && !link->gap_told)
			link->gap_due = link->gap_told = true;
		return;
	}
	if (link->peer_ended || length - SERIAL_HEADER_BYTES > SERIAL_RECEIVED_BYTES_MAX - link->in_count)
		return;
	store(link, body + SERIAL_HEADER_BYTES, length - SERIAL_HEADER_BYTES);
	link->expected++;
	link->gap_told = false;
	if (kind == END)
		link->peer_ended = true;
	close_if_done(link);
}

static void receive_frame(struct serial_link *link, uint32_t length, uint64_t now_ms)
{
	uint8_t kind = link->decoder.body[0] & KIND;
	uint32_t session = serial_word(link->decoder.body + 4);
	if (kind == OPEN)
		receive_open(link, length, session);
	else if (kind == ACCEPT)
		receive_accept(link, length, session, now_ms);
	else if (kind == RESET)
		receive_reset(link, session);
	else if (kind == DATA || kind == END || kind == ACK) {
		if (session == link->candidate && session != 0)
			begin(link, session, now_ms);
		if (session == link->session && session != 0)
			receive_within(link, length, kind, now_ms);
		else
			refuse(link, session);
	}
}

void serial_link_receive(struct serial_link *link, const uint8_t *from, size_t length, uint64_t now_ms)
{
	uint32_t frame_length;
	for (size_t i = 0; i < length; i++) {
		if (serial_frame_take(&link->decoder, from[i], &frame_length)) {
			link->frames_in++;
			receive_frame(link, frame_length, now_ms);
		}
	}
}
