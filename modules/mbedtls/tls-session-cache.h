/*
 * Sessions with clients, to be taken up again when they dial once more: both ends save the elliptic-curve arithmetic of a handshake.
 *
 * Kept here by id (RFC 5246, 7.3), not handed to the client as a ticket: a ticket takes a cipher and a key that opens all of them, this takes
 * 120 bytes each, and nothing of it can outlive the process. No certificate is shown when a session is taken up, so the verify callback is
 * not called. Each is therefore kept with the digest that its client was verified under, and stands for no other.
 *
 * One session for each client: who comes with many connections takes no place of another's. Who comes with many keys does; those others shake
 * hands anew, which is all that they lose.
 */
#ifndef VATLET_TLS_SESSION_CACHE_H
#define VATLET_TLS_SESSION_CACHE_H

#include <stdint.h>
#include "mbedtls/ssl.h"

enum {
	TLS_CACHED_SESSIONS = 4,
	/* From its first handshake on, however often it is taken up. */
	TLS_SESSION_SECONDS = 3600
};

struct tls_cached_session {
	uint8_t id[32], master[48], peer[32];
	uint32_t began_s;
	uint16_t suite;
	uint8_t fragment_code, used;
};

/* What the cache has to know of the handshake that mbedTLS calls it from, and tells it. */
struct tls_cache_turn {
	uint32_t now_s;
	const uint8_t *pin;        /* the one digest whose session may be taken up; NULL: any */
	const uint8_t *has_peer;   /* whether `peer` was verified in this handshake */
	uint8_t *peer;             /* 32 bytes: of whom a session is kept; gets whose session was found */
	uint8_t found;
};

struct tls_session_cache {
	struct tls_cached_session *sessions; /* latest first; NULL until somebody listens: who never does has no memory for it */
	struct tls_cache_turn *turn;         /* while mbedTLS shakes hands */
};

/* Makes servers with `conf` use the cache. Without memory for it each of their handshakes is a whole one. */
void tls_session_cache_open(struct tls_session_cache *cache, mbedtls_ssl_config *conf);
/* Wipes the secrets, too. */
void tls_session_cache_close(struct tls_session_cache *cache);

void tls_session_cache_forget(struct tls_session_cache *cache, const uint8_t peer[32]);

#endif
