/* Where the supported releases of mbedTLS (2.28, 3.6, 4.x) differ. Everything else keeps to the subset that they share. */
#ifndef VATLET_TLS_PORT_H
#define VATLET_TLS_PORT_H

#include "mbedtls/version.h"
#include "psa/crypto.h"

#if MBEDTLS_VERSION_MAJOR < 4
#include "mbedtls/psa_util.h"
/* Since 4.0 the library takes its randomness from PSA by itself. */
#define TLS_PORT_CONF_RNG(conf) mbedtls_ssl_conf_rng((conf), mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE)
#else
#define TLS_PORT_CONF_RNG(conf) ((void)(conf))
#endif

#if MBEDTLS_VERSION_MAJOR == 3
#define TLS_PORT_PARSE_KEY(key, der, length) \
	mbedtls_pk_parse_key((key), (der), (length), NULL, 0, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE)
#else
#define TLS_PORT_PARSE_KEY(key, der, length) mbedtls_pk_parse_key((key), (der), (length), NULL, 0)
#endif

/* TLS 1.2 alone, on every release: one set of states to test. */
#if MBEDTLS_VERSION_MAJOR >= 3
#define TLS_PORT_CONF_VERSION(conf) (mbedtls_ssl_conf_min_tls_version((conf), MBEDTLS_SSL_VERSION_TLS1_2), \
	mbedtls_ssl_conf_max_tls_version((conf), MBEDTLS_SSL_VERSION_TLS1_2))
/* Since 3.6.3 a client must say that it checks no name. */
#define TLS_PORT_NO_HOSTNAME(ssl) mbedtls_ssl_set_hostname((ssl), NULL)
#else
#define TLS_PORT_CONF_VERSION(conf) (mbedtls_ssl_conf_min_version((conf), MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3), \
	mbedtls_ssl_conf_max_version((conf), MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3))
#define TLS_PORT_NO_HOSTNAME(ssl) ((void)(ssl))
#endif

#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define TLS_PORT_FRAGMENT_CODE(session) ((session)->MBEDTLS_PRIVATE(mfl_code))
#define TLS_PORT_SET_FRAGMENT_CODE(session, code) ((session)->MBEDTLS_PRIVATE(mfl_code) = (code))
#else
#define TLS_PORT_FRAGMENT_CODE(session) 0
#define TLS_PORT_SET_FRAGMENT_CODE(session, code) ((void)(code))
#endif

#if MBEDTLS_VERSION_MAJOR >= 3
#define TLS_PORT_SET_VERSION(session) ((session)->MBEDTLS_PRIVATE(tls_version) = MBEDTLS_SSL_VERSION_TLS1_2, \
	(session)->MBEDTLS_PRIVATE(endpoint) = MBEDTLS_SSL_IS_SERVER)
#else
#define TLS_PORT_SET_VERSION(session) ((void)(session))
#endif

#endif
