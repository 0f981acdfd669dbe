/*
 * A vat's key, its self-signed certificate and its name (SHA-256 over the DER SubjectPublicKeyInfo).
 *
 * The key is P-256. It leaves this file in one form only: the record, made to be stored, holding the private scalar and the
 * certificate under a checksum. Loading a record costs no elliptic-curve arithmetic.
 */
#ifndef VATLET_TLS_IDENTITY_H
#define VATLET_TLS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>
#include "mbedtls/ssl.h"
#include "mbedtls/pk.h"
#include "mbedtls/x509_crt.h"
#include "tls-resumption.h"
#include "tls-session-cache.h"

enum {
	TLS_DIGEST_BYTES = 32,
	TLS_SCALAR_BYTES = 32,
	TLS_CERTIFICATE_BYTES_MAX = 280,
	/* mark 4, certificate length 2, scalar, certificate, checksum */
	TLS_RECORD_BYTES_MAX = 6 + TLS_SCALAR_BYTES + TLS_CERTIFICATE_BYTES_MAX + TLS_DIGEST_BYTES
};

/* What every function here and in tls-engine.h returns where it returns no count. */
enum {
	TLS_OK = 0,
	TLS_AGAIN = -1,           /* needs more ciphertext, or room for it */
	TLS_CLOSED = -2,          /* the peer ended the session in order (close_notify) */
	TLS_PLAINTEXT = -3,       /* the peer does not speak TLS */
	TLS_WRONG_DIGEST = -4,    /* the peer holds another key than the expected one */
	TLS_NO_CERTIFICATE = -5,  /* the peer showed no usable certificate */
	TLS_PROTOCOL = -6,        /* no session could be agreed, or a record was damaged */
	TLS_TRUNCATED = -7,       /* the stream ended without close_notify */
	TLS_NO_MEMORY = -8,
	TLS_NO_ENTROPY = -9,      /* the platform has no secure random source, or it failed */
	TLS_CORRUPT = -10,        /* a stored identity fails its checks */
	TLS_INVALID = -11         /* an argument is out of range: the caller's bug */
};

struct tls_identity {
	mbedtls_pk_context key;
	mbedtls_x509_crt certificate;
	mbedtls_ssl_config client;
	mbedtls_ssl_config server;
	/* Of the last server that a client of this identity spoke with. */
	struct tls_resumption resumption;
	/* Of the clients that servers of this identity spoke with. */
	struct tls_session_cache session_cache;
	uint8_t digest[TLS_DIGEST_BYTES];
	/* SHA-256 of the key's SEC1 DER: the HMAC key of derived service ids. */
	uint8_t derivation_key[TLS_DIGEST_BYTES];
	uint8_t record[TLS_RECORD_BYTES_MAX];
	size_t record_bytes;
};

/* Starts the cryptographic library once per process; refuses to go on without a working random source. */
int tls_start(void);

/* Makes a new key from the platform's random source, and its certificate. `identity` is uninitialised memory of the caller's. */
int tls_identity_generate(struct tls_identity *identity);

/* The same from an existing private scalar, big-endian (a key that was provisioned); makes a new certificate. */
int tls_identity_import(struct tls_identity *identity, const uint8_t scalar[TLS_SCALAR_BYTES]);

/* Loads what was kept of `identity->record`, or says TLS_CORRUPT. On any failure nothing is left to close. */
int tls_identity_load(struct tls_identity *identity, const uint8_t *record, size_t record_bytes);

/* Wipes the key. No engine of this identity may be open. */
void tls_identity_close(struct tls_identity *identity);

/* HMAC-SHA256 of `data` under the derivation key. */
int tls_identity_derive(const struct tls_identity *identity, const uint8_t *data, size_t length, uint8_t into[TLS_DIGEST_BYTES]);

int tls_sha256(const uint8_t *bytes, size_t length, uint8_t into[TLS_DIGEST_BYTES]);

#endif
