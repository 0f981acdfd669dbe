#include "tls-engine.h"
#include "tls-error.h"
#include "tls-port.h"
#include <string.h>

enum {
	CONTENT_TYPE_FIRST = 20, CONTENT_TYPE_ALERT = 21, CONTENT_TYPE_LAST = 23,
	MAJOR_VERSION = 3,
	/* Explicit nonce and tag: what a peer's sealed record has beyond its plaintext. */
	SEALED_EXTRA_BYTES = 24
};

static int fail(struct tls_engine *engine, int cause) {
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	engine->state = TLS_STATE_FAILED;
	engine->cause = cause;
	engine->gathered = 0;
	return cause;
}

static int fail_with(struct tls_engine *engine, int cause, const char *message) {
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	tls_text_set(engine->message, message);
	return fail(engine, cause);
}

/* A session that went wrong is not taken up again (RFC 5246, 7.2.2); one whose stream was cut off is. */
static void forget_session(struct tls_engine *engine) {
	struct tls_identity *identity = engine->config.identity;
	/* Whoever shows somebody's certificate in a handshake has not proved to be that one yet. */
	int taking_up = engine->state == TLS_STATE_HANDSHAKE && engine->offered && !engine->has_peer;
	if (!taking_up && engine->state != TLS_STATE_OPEN) return;
	if (engine->config.server) tls_session_cache_forget(&identity->session_cache, engine->peer);
	else if (!memcmp(identity->resumption.peer, engine->peer, TLS_DIGEST_BYTES)) tls_resumption_forget(&identity->resumption);
}

/* Names the likely cause of an error of mbedTLS. */
static int fail_library(struct tls_engine *engine, int error) {
	char *text = engine->message;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	forget_session(engine);
	if (engine->config.pin && engine->has_peer && memcmp(engine->pin, engine->peer, TLS_DIGEST_BYTES)) {
		tls_text_set(text, "the peer's key is ");
		tls_text_add_digest(text, engine->peer);
		tls_text_add(text, ", expected was ");
		tls_text_add_digest(text, engine->pin);
		tls_text_add(text, ": another vat answers at this address, or the reference is old");
		return fail(engine, TLS_WRONG_DIGEST);
	}
	if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
		/* An alert in the clear was seen on its way in; one under the session's cipher is in the record just opened. */
		const unsigned char *record = engine->ssl.MBEDTLS_PRIVATE(in_msg);
		int alert = engine->alert_used == 2 ? engine->alert[1] : record ? record[1] : -1;
		tls_text_set_alert(text, alert);
		return fail(engine, TLS_PROTOCOL);
	}
	if (engine->oversize_bytes) {
		tls_text_set(text, "the peer sent a record of ");
		tls_text_add_number(text, engine->oversize_bytes);
		tls_text_add(text, " bytes, more than this end's buffer holds; it must limit its records (Node: socket.setMaxSendFragment)");
		return fail(engine, TLS_PROTOCOL);
	}
	return fail(engine, tls_text_set_library(text, error, engine->config.server));
}

static void compact(struct tls_engine *engine) {
	uint8_t *output = engine->config.output;
	memmove(output, output + engine->output_head, engine->output_tail + engine->gathered - engine->output_head);
	engine->output_tail -= engine->output_head;
	engine->output_head = 0;
}

static int send_bytes(void *context, const unsigned char *bytes, size_t length) {
	struct tls_engine *engine = context;
	uint8_t *output = engine->config.output;
	/* An alert may come while plaintext is gathered: the plaintext moves up, and keeps the room that sealing it will take. */
	size_t kept = engine->gathered ? engine->gathered + TLS_EXPANSION_BYTES : 0;
	if (engine->output_head && engine->config.output_bytes - engine->output_tail < length + kept) compact(engine);
	size_t room = engine->config.output_bytes - engine->output_tail - kept;
	if (room < length) {
		/* Only a handshake may wait here. Later every record has its room kept, so this is a peer that provokes alerts and reads none. */
		if (engine->state != TLS_STATE_HANDSHAKE) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
		if (room == 0) return MBEDTLS_ERR_SSL_WANT_WRITE;
		length = room;
	}
	memmove(output + engine->output_tail + length, output + engine->output_tail, engine->gathered);
	memcpy(output + engine->output_tail, bytes, length);
	engine->output_tail += length;
	return (int)length;
}

static int receive_bytes(void *context, unsigned char *into, size_t length) {
	struct tls_engine *engine = context;
	struct tls_engine_config *config = &engine->config;
	if (engine->input_used == 0) return MBEDTLS_ERR_SSL_WANT_READ;
	if (length > engine->input_used) length = engine->input_used;
	size_t first = config->input_bytes - engine->input_head;
	if (first > length) first = length;
	memcpy(into, config->input + engine->input_head, first);
	memcpy(into + first, config->input, length - first);
	engine->input_head = (engine->input_head + length) % config->input_bytes;
	engine->input_used -= length;
	return (int)length;
}

/* Depth 0 is the peer's own certificate; what stands above it in a chain means nothing here. */
static int verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
	struct tls_engine *engine = context;
	*flags = 0;
	if (depth != 0) return 0;
	if (tls_sha256(certificate->pk_raw.p, certificate->pk_raw.len, engine->peer) != TLS_OK) return MBEDTLS_ERR_X509_FATAL_ERROR;
	engine->has_peer = 1;
	if (engine->config.pin && memcmp(engine->pin, engine->peer, TLS_DIGEST_BYTES)) *flags = MBEDTLS_X509_BADCERT_OTHER;
	return 0;
}

static void offer(struct tls_engine *engine) {
	engine->offered = (uint8_t)tls_resumption_offer(&engine->config.identity->resumption, &engine->ssl, engine->pin);
	if (engine->offered) memcpy(engine->peer, engine->pin, TLS_DIGEST_BYTES);
}

int tls_engine_open(struct tls_engine *engine, const struct tls_engine_config *config) {
	if (config->output_bytes < TLS_OUTPUT_BYTES_MIN || config->input_bytes < TLS_INPUT_BYTES_MIN) return TLS_INVALID;
	memset(engine, 0, sizeof *engine);
	engine->config = *config;
	if (config->pin) memcpy(engine->pin, config->pin, TLS_DIGEST_BYTES);
	engine->config.pin = config->pin ? engine->pin : NULL;
	mbedtls_ssl_init(&engine->ssl);
	struct tls_identity *identity = config->identity;
	if (mbedtls_ssl_setup(&engine->ssl, config->server ? &identity->server : &identity->client) != 0) {
		mbedtls_ssl_free(&engine->ssl);
		return TLS_NO_MEMORY;
	}
	mbedtls_ssl_set_verify(&engine->ssl, verify, engine);
	TLS_PORT_NO_HOSTNAME(&engine->ssl);
	mbedtls_ssl_set_bio(&engine->ssl, engine, send_bytes, receive_bytes, NULL);
	if (config->server) tls_session_cache_open(&identity->session_cache, &identity->server);
	else if (config->pin) offer(engine);
	return TLS_OK;
}

void tls_engine_close(struct tls_engine *engine) {
	mbedtls_ssl_free(&engine->ssl);
	engine->state = TLS_STATE_CLOSED;
	engine->output_head = engine->output_tail = engine->gathered = engine->input_used = 0;
}

/* One whole record header. */
static int inspect_header(struct tls_engine *engine) {
	const uint8_t *header = engine->header;
	size_t length = (size_t)header[3] << 8 | header[4];
	engine->any_record = 1;
	engine->header_used = 0;
	engine->record_left = (uint32_t)length;
	engine->alert_used = header[0] == CONTENT_TYPE_ALERT && length == 2 ? 0 : 3;
	if (length > MBEDTLS_SSL_IN_CONTENT_LEN + SEALED_EXTRA_BYTES) engine->oversize_bytes = length;
	return TLS_OK;
}

/* Follows record boundaries: tells plaintext from TLS by the first byte, and catches alerts that come in the clear. */
static int inspect(struct tls_engine *engine, const uint8_t *bytes, size_t length) {
	size_t at = 0;
	while (at < length) {
		if (engine->record_left) {
			size_t step = length - at < engine->record_left ? length - at : engine->record_left;
			for (size_t i = 0; i < step && engine->alert_used < 2; i++) engine->alert[engine->alert_used++] = bytes[at + i];
			engine->record_left -= (uint32_t)step;
			at += step;
			continue;
		}
		uint8_t byte = bytes[at++];
		uint8_t place = engine->header_used;
		if ((place == 0 && (byte < CONTENT_TYPE_FIRST || byte > CONTENT_TYPE_LAST)) || (place == 1 && byte != MAJOR_VERSION)) {
			if (engine->any_record) return fail_with(engine, TLS_PROTOCOL, "the peer sent bytes that are no TLS record in the middle of a session");
			return fail_with(engine, TLS_PLAINTEXT, engine->config.server
				? "the client speaks plaintext, not TLS; it was given an insecure address, or is another program"
				: "the peer answered in plaintext, not TLS; it was started without TLS (--capnp-disable-tls), or another program owns that port");
		}
		engine->header[engine->header_used++] = byte;
		if (engine->header_used == sizeof engine->header) inspect_header(engine);
	}
	return TLS_OK;
}

size_t tls_engine_feedable(const struct tls_engine *engine) {
	return engine->state == TLS_STATE_FAILED ? 0 : engine->config.input_bytes - engine->input_used;
}

size_t tls_engine_feed(struct tls_engine *engine, const uint8_t *bytes, size_t length) {
	struct tls_engine_config *config = &engine->config;
	size_t room = tls_engine_feedable(engine);
	if (length > room) length = room;
	if (length == 0 || inspect(engine, bytes, length) != TLS_OK) return length;
	size_t tail = (engine->input_head + engine->input_used) % config->input_bytes;
	size_t first = config->input_bytes - tail;
	if (first > length) first = length;
	memcpy(config->input + tail, bytes, first);
	memcpy(config->input, bytes + first, length - first);
	engine->input_used += length;
	return length;
}

int tls_engine_end(struct tls_engine *engine) {
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	if (engine->state == TLS_STATE_CLOSED) return TLS_CLOSED;
	if (engine->state == TLS_STATE_OPEN)
		return fail_with(engine, TLS_TRUNCATED, "the stream ended without close_notify; what the peer sent last may be missing");
	return fail_with(engine, TLS_PROTOCOL, engine->any_record
		? "the peer closed the connection in the middle of the TLS handshake"
		: "the peer closed the connection instead of answering the TLS handshake; it may speak plaintext (--capnp-disable-tls), or refuse clients");
}

size_t tls_engine_drainable(const struct tls_engine *engine) {
	return engine->output_tail - engine->output_head;
}

size_t tls_engine_drain(struct tls_engine *engine, uint8_t *into, size_t max) {
	size_t length = tls_engine_drainable(engine);
	if (length > max) length = max;
	memcpy(into, engine->config.output + engine->output_head, length);
	engine->output_head += length;
	if (engine->output_head == engine->output_tail && engine->gathered == 0) engine->output_head = engine->output_tail = 0;
	return length;
}

/* As far as it goes with what was fed. */
static int shake_hands(struct tls_engine *engine) {
	struct tls_session_cache *cache = &engine->config.identity->session_cache;
	struct tls_cache_turn turn = {
		.now_s = engine->config.now_s, .pin = engine->config.pin, .has_peer = &engine->has_peer, .peer = engine->peer
	};
	cache->turn = &turn;
	int result = mbedtls_ssl_handshake(&engine->ssl);
	cache->turn = NULL;
	engine->offered |= turn.found;
	return result;
}

int tls_engine_handshake(struct tls_engine *engine) {
	if (engine->state == TLS_STATE_OPEN) return TLS_OK;
	if (engine->state == TLS_STATE_CLOSED) return TLS_CLOSED;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	int result = shake_hands(engine);
	if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return TLS_AGAIN;
	if (result != 0) return fail_library(engine, result);
	/* A peer that shows no certificate has taken the session up: it knows the secret of the one that was verified. */
	if (!engine->has_peer && engine->offered) engine->has_peer = engine->resumed = 1;
	if (!engine->has_peer) return fail_with(engine, TLS_NO_CERTIFICATE, "the peer showed no certificate");
	if (!engine->config.server && engine->config.pin)
		tls_resumption_keep(&engine->config.identity->resumption, &engine->ssl, engine->peer);
	engine->state = TLS_STATE_OPEN;
	return TLS_OK;
}

/* One attempt at plaintext, with what mbedTLS wants repeated left out. `max` may be 0: opens a record and takes nothing. */
static int read_some(struct tls_engine *engine, uint8_t *into, size_t max) {
	for (;;) {
		int result = mbedtls_ssl_read(&engine->ssl, into, max);
		if (result > 0) return result;
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
		if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) continue;
#endif
		if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
		if (result == 0 && max == 0) return 0;
		if (result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
			engine->state = TLS_STATE_CLOSED;
			return TLS_CLOSED;
		}
		return fail_library(engine, result);
	}
}

int tls_engine_readable(struct tls_engine *engine) {
	if (engine->state == TLS_STATE_HANDSHAKE) return 0;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	if (engine->state == TLS_STATE_CLOSED) return TLS_CLOSED;
	size_t ready = mbedtls_ssl_get_bytes_avail(&engine->ssl);
	if (ready == 0) {
		uint8_t none;
		int result = read_some(engine, &none, 0);
		if (result < 0) return result;
		ready = mbedtls_ssl_get_bytes_avail(&engine->ssl);
	}
	return (int)ready;
}

int tls_engine_read(struct tls_engine *engine, uint8_t *into, size_t max) {
	if (engine->state == TLS_STATE_HANDSHAKE) return 0;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	if (engine->state == TLS_STATE_CLOSED) return TLS_CLOSED;
	return max == 0 ? 0 : read_some(engine, into, max);
}

/* Plaintext that one record may carry: what was agreed with the peer, and what the whole output buffer could hold sealed. */
static size_t record_payload(const struct tls_engine *engine) {
	int agreed = mbedtls_ssl_get_max_out_record_payload(&engine->ssl);
	size_t fits = engine->config.output_bytes - TLS_EXPANSION_BYTES - TLS_ALERT_BYTES;
	return agreed > 0 && (size_t)agreed < fits ? (size_t)agreed : fits;
}

size_t tls_engine_writable(const struct tls_engine *engine) {
	size_t used = tls_engine_drainable(engine) + engine->gathered + TLS_EXPANSION_BYTES + TLS_ALERT_BYTES;
	if (engine->state != TLS_STATE_OPEN || engine->finished || used >= engine->config.output_bytes) return 0;
	/* A second record would need an expansion of its own, so only the current one counts. */
	size_t room = engine->config.output_bytes - used, left = record_payload(engine) - engine->gathered;
	return room < left ? room : left;
}

int tls_engine_flush(struct tls_engine *engine) {
	size_t length = engine->gathered;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	if (length == 0) return TLS_OK;
	/* mbedTLS copies the plaintext out before it gives the sealed record back into the same place. */
	engine->gathered = 0;
	int result = mbedtls_ssl_write(&engine->ssl, engine->config.output + engine->output_tail, length);
	if (result == (int)length) return TLS_OK;
	return result < 0 ? fail_library(engine, result) : fail_with(engine, TLS_PROTOCOL, "a record was sent in part");
}

int tls_engine_write(struct tls_engine *engine, const uint8_t *from, size_t length) {
	struct tls_engine_config *config = &engine->config;
	size_t taken = 0;
	if (engine->state == TLS_STATE_FAILED) return engine->cause;
	while (taken < length) {
		size_t step = tls_engine_writable(engine);
		if (step == 0) break;
		if (step > length - taken) step = length - taken;
		size_t used = engine->output_tail + engine->gathered;
		if (used + step + TLS_EXPANSION_BYTES + TLS_ALERT_BYTES > config->output_bytes) {
			compact(engine);
			used = engine->output_tail + engine->gathered;
		}
		memcpy(config->output + used, from + taken, step);
		engine->gathered += step;
		taken += step;
		if (engine->gathered == record_payload(engine) && tls_engine_flush(engine) != TLS_OK) return engine->cause;
	}
	return (int)taken;
}

int tls_engine_finish(struct tls_engine *engine) {
	int result = tls_engine_flush(engine);
	if (result != TLS_OK || engine->finished || engine->state == TLS_STATE_HANDSHAKE) return result;
	engine->finished = 1;
	result = mbedtls_ssl_close_notify(&engine->ssl);
	return result == 0 ? TLS_OK : fail_library(engine, result);
}
