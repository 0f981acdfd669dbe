#include "tls-session-cache.h"
#include "tls-port.h"
#include "mbedtls/platform_util.h"
#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 32, PEER_BYTES = 32 };

typedef struct tls_cached_session entry;

static void wipe(entry *session) {
	mbedtls_platform_zeroize(session, sizeof *session);
}

/* The sessions before `at` move one back, over it. */
static entry *make_first(struct tls_session_cache *cache, int at) {
	memmove(cache->sessions + 1, cache->sessions, (size_t)at * sizeof(entry));
	return cache->sessions;
}

/* Secrets of which nothing can come any more go at the next handshake, whoever it is with. */
static void wipe_expired(struct tls_session_cache *cache, uint32_t now_s) {
	for (int i = 0; i < TLS_CACHED_SESSIONS; i++)
		if (now_s - cache->sessions[i].began_s >= TLS_SESSION_SECONDS) wipe(&cache->sessions[i]);
}

static int take_up(void *context, const unsigned char *id, size_t id_bytes, mbedtls_ssl_session *into) {
	struct tls_session_cache *cache = context;
	struct tls_cache_turn *turn = cache->turn;
	int at = 0;
	if (!turn || id_bytes != ID_BYTES) return 1;
	wipe_expired(cache, turn->now_s);
	while (at < TLS_CACHED_SESSIONS && !(cache->sessions[at].used && !memcmp(cache->sessions[at].id, id, ID_BYTES))) at++;
	if (at == TLS_CACHED_SESSIONS || (turn->pin && memcmp(cache->sessions[at].peer, turn->pin, PEER_BYTES))) return 1;
	entry found = cache->sessions[at];
	*make_first(cache, at) = found;
	memcpy(into->MBEDTLS_PRIVATE(id), found.id, ID_BYTES);
	into->MBEDTLS_PRIVATE(id_len) = ID_BYTES;
	memcpy(into->MBEDTLS_PRIVATE(master), found.master, sizeof found.master);
	/* mbedTLS goes on with it only if this is the suite that it would choose now. */
	into->MBEDTLS_PRIVATE(ciphersuite) = found.suite;
	TLS_PORT_SET_FRAGMENT_CODE(into, found.fragment_code);
	TLS_PORT_SET_VERSION(into);
	memcpy(turn->peer, found.peer, PEER_BYTES);
	turn->found = 1;
	wipe(&found);
	return 0;
}

/* Where the latest session of `peer` is, or a free place, or that of the client that has not come for longest. */
static int place_for(const struct tls_session_cache *cache, const uint8_t *peer) {
	int place = TLS_CACHED_SESSIONS - 1;
	for (int i = TLS_CACHED_SESSIONS - 1; i >= 0; i--) {
		if (!cache->sessions[i].used) place = i;
		else if (!memcmp(cache->sessions[i].peer, peer, PEER_BYTES)) return i;
	}
	return place;
}

static int keep(void *context, const unsigned char *id, size_t id_bytes, const mbedtls_ssl_session *from) {
	struct tls_session_cache *cache = context;
	const struct tls_cache_turn *turn = cache->turn;
	if (!turn || !*turn->has_peer || id_bytes != ID_BYTES) return 1;
	wipe_expired(cache, turn->now_s);
	entry *kept = make_first(cache, place_for(cache, turn->peer));
	memcpy(kept->id, id, ID_BYTES);
	memcpy(kept->master, from->MBEDTLS_PRIVATE(master), sizeof kept->master);
	memcpy(kept->peer, turn->peer, PEER_BYTES);
	kept->began_s = turn->now_s;
	kept->suite = (uint16_t)from->MBEDTLS_PRIVATE(ciphersuite);
	kept->fragment_code = TLS_PORT_FRAGMENT_CODE(from);
	kept->used = 1;
	return 0;
}

#if MBEDTLS_VERSION_MAJOR >= 3
#define take_up_callback take_up
#define keep_callback keep
#else
static int take_up_callback(void *context, mbedtls_ssl_session *session) {
	return take_up(context, session->id, session->id_len, session);
}

static int keep_callback(void *context, const mbedtls_ssl_session *session) {
	return keep(context, session->id, session->id_len, session);
}
#endif

void tls_session_cache_open(struct tls_session_cache *cache, mbedtls_ssl_config *conf) {
	if (cache->sessions) return;
	cache->sessions = calloc(TLS_CACHED_SESSIONS, sizeof *cache->sessions);
	if (cache->sessions) mbedtls_ssl_conf_session_cache(conf, cache, take_up_callback, keep_callback);
}

void tls_session_cache_close(struct tls_session_cache *cache) {
	for (int i = 0; cache->sessions && i < TLS_CACHED_SESSIONS; i++) wipe(&cache->sessions[i]);
	free(cache->sessions);
	memset(cache, 0, sizeof *cache);
}

void tls_session_cache_forget(struct tls_session_cache *cache, const uint8_t peer[32]) {
	for (int i = 0; cache->sessions && i < TLS_CACHED_SESSIONS; i++)
		if (!memcmp(cache->sessions[i].peer, peer, PEER_BYTES)) wipe(&cache->sessions[i]);
}
