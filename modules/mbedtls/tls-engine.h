/*
 * A TLS 1.2 record engine: ciphertext in, ciphertext out, plaintext in, plaintext out. It owns no socket, no clock and no thread.
 *
 * Both ends show a self-signed certificate. There is no authority, name or date to check: the one check is the SHA-256 digest of
 * the peer's public key, taken while the handshake verifies it.
 *
 * Memory: the engine and its two buffers are the caller's. After tls_engine_open nothing is allocated here; mbedTLS allocates from
 * its own heap in tls_engine_open and during the handshake, and nothing while data flows.
 *
 * Life: HANDSHAKE -> OPEN -> CLOSED, or FAILED from anywhere. Whatever the state, what tls_engine_drain still gives should be sent:
 * it may be the alert that tells the peer why.
 */
#ifndef VATLET_TLS_ENGINE_H
#define VATLET_TLS_ENGINE_H

#include "tls-identity.h"

enum {
	/* Room that a sealed record needs beyond its plaintext, for either cipher: header 5, nonce 8, tag 16. */
	TLS_EXPANSION_BYTES = 29,
	/* Kept free for the closing alert. */
	TLS_ALERT_BYTES = 64,
	TLS_OUTPUT_BYTES_MIN = 512,
	TLS_INPUT_BYTES_MIN = 64,
	TLS_MESSAGE_BYTES = 224
};

struct tls_engine_config {
	struct tls_identity *identity; /* must outlive the engine */
	int server;                    /* 0: client */
	const uint8_t *pin;            /* TLS_DIGEST_BYTES, copied; NULL accepts any key and reports it */
	uint32_t now_s;                /* of a clock that never goes back: how old a client's session is */
	uint8_t *input;                /* ring of ciphertext not yet looked at; a record may be larger */
	size_t input_bytes;
	uint8_t *output;               /* ciphertext to send, and behind it plaintext gathered for the next record */
	size_t output_bytes;
};

enum tls_state { TLS_STATE_HANDSHAKE, TLS_STATE_OPEN, TLS_STATE_CLOSED, TLS_STATE_FAILED };

struct tls_engine {
	mbedtls_ssl_context ssl;
	struct tls_engine_config config;
	enum tls_state state;
	int cause;                  /* TLS_… code once FAILED */
	size_t input_head, input_used;
	size_t output_head, output_tail, gathered;
	/* Follows the records in the input: their headers are never encrypted. */
	uint8_t header[5];
	uint8_t header_used, alert_used;
	uint8_t alert[2];
	uint8_t any_record, has_peer, finished;
	uint8_t offered, resumed;   /* a session of an earlier connection was offered; and taken up */
	uint32_t record_left;
	size_t oversize_bytes;      /* length of a record that cannot fit, or 0 */
	uint8_t pin[TLS_DIGEST_BYTES];
	uint8_t peer[TLS_DIGEST_BYTES];
	char message[TLS_MESSAGE_BYTES];
};

/* `engine` is uninitialised memory of the caller's. On failure nothing is left to close. */
int tls_engine_open(struct tls_engine *engine, const struct tls_engine_config *config);
void tls_engine_close(struct tls_engine *engine);

/* Takes ciphertext from the network; returns how much, less than `length` when the ring is full. */
size_t tls_engine_feed(struct tls_engine *engine, const uint8_t *bytes, size_t length);
size_t tls_engine_feedable(const struct tls_engine *engine);
/* The network's stream has ended. What was fed can still be read; behind it a missing close_notify is TLS_TRUNCATED. */
int tls_engine_end(struct tls_engine *engine);

/* Gives ciphertext for the network. */
size_t tls_engine_drain(struct tls_engine *engine, uint8_t *into, size_t max);
size_t tls_engine_drainable(const struct tls_engine *engine);

/* TLS_OK once the session is open, TLS_AGAIN while it needs feeding or draining. */
int tls_engine_handshake(struct tls_engine *engine);

/* Opens the next record if there is one: bytes of plaintext ready, 0 for none yet, or a negative code. */
int tls_engine_readable(struct tls_engine *engine);
/* Count, 0 for none yet, or a negative code; TLS_CLOSED is the orderly end. */
int tls_engine_read(struct tls_engine *engine, uint8_t *into, size_t max);

/* Plaintext that tls_engine_write would take now. */
size_t tls_engine_writable(const struct tls_engine *engine);
/* Gathers plaintext, sealing full records; returns the count taken or a negative code. */
int tls_engine_write(struct tls_engine *engine, const uint8_t *from, size_t length);
/* Seals what was gathered into a record. */
int tls_engine_flush(struct tls_engine *engine);
/* Flushes, then says close_notify. The peer may still send. */
int tls_engine_finish(struct tls_engine *engine);

#endif
