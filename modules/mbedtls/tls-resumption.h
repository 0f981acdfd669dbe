/*
 * The session of the last server that was dialled, to be taken up again: both ends save the elliptic-curve arithmetic of a handshake.
 *
 * No certificate is shown then, so the verify callback is not called. The session is therefore kept with the digest that it was verified
 * under, and offered only where that very digest is asked for. One session, since a device talks to one hub.
 */
#ifndef VATLET_TLS_RESUMPTION_H
#define VATLET_TLS_RESUMPTION_H

#include <stdint.h>
#include "mbedtls/ssl.h"

struct tls_resumption {
	mbedtls_ssl_session session; /* a ticket of the server's is in mbedTLS's heap */
	uint8_t peer[32];
	uint8_t kept;
};

void tls_resumption_init(struct tls_resumption *resumption);

/* Offers the session to the server whose key has the digest `pin`; returns whether there was one. */
int tls_resumption_offer(const struct tls_resumption *resumption, mbedtls_ssl_context *ssl, const uint8_t pin[32]);

/* Keeps the session of `ssl`, whose peer was verified to have the key of `peer`, in place of the former. Without memory none is kept. */
void tls_resumption_keep(struct tls_resumption *resumption, const mbedtls_ssl_context *ssl, const uint8_t peer[32]);

void tls_resumption_forget(struct tls_resumption *resumption);

#endif
