#include "tls-resumption.h"
#include "tls-port.h"
#include <string.h>

void tls_resumption_init(struct tls_resumption *resumption) {
	memset(resumption, 0, sizeof *resumption);
	mbedtls_ssl_session_init(&resumption->session);
}

void tls_resumption_forget(struct tls_resumption *resumption) {
	/* Wipes the master secret, too. */
	mbedtls_ssl_session_free(&resumption->session);
	tls_resumption_init(resumption);
}

int tls_resumption_offer(const struct tls_resumption *resumption, mbedtls_ssl_context *ssl, const uint8_t pin[32]) {
	if (!resumption->kept || memcmp(resumption->peer, pin, sizeof resumption->peer)) return 0;
	return mbedtls_ssl_set_session(ssl, &resumption->session) == 0;
}

/* Servers keep sessions themselves, and give an id, or have them kept by us, as a ticket. */
static int resumable(const mbedtls_ssl_session *session) {
#ifdef MBEDTLS_SSL_SESSION_TICKETS
	if (session->MBEDTLS_PRIVATE(ticket_len) != 0) return 1;
#endif
	return session->MBEDTLS_PRIVATE(id_len) != 0;
}

void tls_resumption_keep(struct tls_resumption *resumption, const mbedtls_ssl_context *ssl, const uint8_t peer[32]) {
	tls_resumption_forget(resumption);
	if (mbedtls_ssl_get_session(ssl, &resumption->session) != 0 || !resumable(&resumption->session)) {
		tls_resumption_forget(resumption);
		return;
	}
	memcpy(resumption->peer, peer, sizeof resumption->peer);
	resumption->kept = 1;
}
