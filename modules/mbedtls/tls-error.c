#include "tls-error.h"
#include <string.h>

struct alert { uint8_t code; const char *name; };

static const struct alert alerts[] = {
	{ 0, "close_notify" }, { 10, "unexpected_message" }, { 20, "bad_record_mac" }, { 22, "record_overflow" },
	{ 40, "handshake_failure" }, { 42, "bad_certificate" }, { 43, "unsupported_certificate" }, { 44, "certificate_revoked" },
	{ 45, "certificate_expired" }, { 46, "certificate_unknown" }, { 47, "illegal_parameter" }, { 48, "unknown_ca" },
	{ 49, "access_denied" }, { 50, "decode_error" }, { 51, "decrypt_error" }, { 70, "protocol_version" },
	{ 71, "insufficient_security" }, { 80, "internal_error" }, { 86, "inappropriate_fallback" }, { 90, "user_canceled" },
	{ 100, "no_renegotiation" }, { 109, "missing_extension" }, { 110, "unsupported_extension" }, { 116, "certificate_required" },
	{ 120, "no_application_protocol" }
};

void tls_text_add(char *text, const char *from) {
	size_t used = strlen(text), length = strlen(from), room = TLS_MESSAGE_BYTES - 1 - used;
	if (length > room) length = room;
	memcpy(text + used, from, length);
	text[used + length] = 0;
}

void tls_text_set(char *text, const char *from) {
	text[0] = 0;
	tls_text_add(text, from);
}

void tls_text_add_number(char *text, size_t number) {
	char digits[24];
	size_t at = sizeof digits - 1;
	digits[at] = 0;
	do digits[--at] = (char)('0' + number % 10); while (number /= 10);
	tls_text_add(text, digits + at);
}

static void add_hex(char *text, unsigned number) {
	char digits[] = "0x0000";
	for (int i = 5; i > 1; i--, number >>= 4) digits[i] = "0123456789abcdef"[number & 15];
	tls_text_add(text, digits);
}

void tls_text_add_digest(char *text, const uint8_t digest[TLS_DIGEST_BYTES]) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char encoded[44];
	uint32_t bits = 0;
	int held = 0, at = 0;
	for (int i = 0; i < TLS_DIGEST_BYTES; i++) {
		bits = bits << 8 | digest[i];
		for (held += 8; held >= 6; held -= 6) encoded[at++] = letters[bits >> (held - 6) & 63];
	}
	encoded[at++] = letters[bits << (6 - held) & 63];
	encoded[at] = 0;
	tls_text_add(text, "sha-256:");
	tls_text_add(text, encoded);
}

void tls_text_set_alert(char *text, int alert) {
	const char *name = "unknown";
	for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) if (alerts[i].code == alert) name = alerts[i].name;
	tls_text_set(text, "the peer ended the session with TLS alert ");
	tls_text_add(text, name);
	if (alert >= 0) {
		tls_text_add(text, " (");
		tls_text_add_number(text, (size_t)alert);
		tls_text_add(text, ")");
	}
	if (alert == 40 || alert == 70 || alert == 71) tls_text_add(text, ": it offers no TLS 1.2 with ECDHE and AES-128-GCM or ChaCha20-Poly1305, or its key is Ed25519: give it a P-256 key");
	else if (alert >= 42 && alert <= 49) tls_text_add(text, ": it does not accept this vat's key; it may expect another identity here");
	else if (alert == 22) tls_text_add(text, ": a record was too large for it");
}

int tls_text_set_library(char *text, int error, int server) {
	switch (error) {
#ifdef MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE
	case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
		tls_text_set(text, "the client showed no certificate that is known here; a vat that dials must present its own, with a P-256, P-384 or RSA key, not Ed25519");
		return TLS_NO_CERTIFICATE;
#endif
#ifdef MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN
	case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
#endif
#ifdef MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE
	case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
#endif
		tls_text_set(text, "no cipher in common; the peer must offer TLS 1.2 with ECDHE and AES-128-GCM or ChaCha20-Poly1305");
		return TLS_PROTOCOL;
	case MBEDTLS_ERR_SSL_ALLOC_FAILED:
		tls_text_set(text, "out of memory in the TLS session; allow fewer connections or a larger heap");
		return TLS_NO_MEMORY;
	case MBEDTLS_ERR_SSL_INVALID_MAC:
		tls_text_set(text, "a TLS record was damaged on its way");
		return TLS_PROTOCOL;
	case MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL:
		tls_text_set(text, "the peer provokes TLS alerts faster than it reads them");
		return TLS_PROTOCOL;
	default:
		break;
	}
	tls_text_set(text, server ? "no TLS session could be agreed with the client: mbedTLS error -" : "no TLS session could be agreed with the peer: mbedTLS error -");
	add_hex(text, (unsigned)-error);
	return TLS_PROTOCOL;
}
