/* Sentences for people, written without printf: it would cost more flash than the engine. */
#ifndef VATLET_TLS_ERROR_H
#define VATLET_TLS_ERROR_H

#include "tls-engine.h"

/* `text` has TLS_MESSAGE_BYTES; what does not fit is cut. */
void tls_text_set(char *text, const char *from);
void tls_text_add(char *text, const char *from);
void tls_text_add_number(char *text, size_t number);
/* `sha-256:` and 43 characters of base64url, as in a capnp:// address. */
void tls_text_add_digest(char *text, const uint8_t digest[TLS_DIGEST_BYTES]);
/* An alert by its name (RFC 5246 §7.2), with what to do about it; -1: not known which. */
void tls_text_set_alert(char *text, int alert);
/* An error of mbedTLS; returns the TLS_… code that it means. */
int tls_text_set_library(char *text, int error, int server);

#endif
