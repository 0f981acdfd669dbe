#include "tls-identity.h"
#include "tls-port.h"
#include <string.h>
#include "mbedtls/platform_util.h"

/* Certificates differ in two places only: the public point, and the signature behind it. */
#define CAPNP_NAME 0x30, 16, 0x31, 14, 0x30, 12, 6, 3, 0x55, 4, 3, 12, 5, 'c', 'a', 'p', 'n', 'p'
#define ECDSA_WITH_SHA256 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2
#define P256_OID 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7
#define P256_SPKI 0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, P256_OID, 3, 0x42, 0

enum { POINT_BYTES = 65, SEC1_BYTES = 121, MARK_BYTES = 4, HEADER_BYTES = MARK_BYTES + 2 + TLS_SCALAR_BYTES };

static const uint8_t record_mark[MARK_BYTES] = { 'V', 'I', 'D', 1 };

/* TBSCertificate (RFC 5280 §4.1) up to the public point: version 3, serial 1, CN=capnp, 1970 to 9999, no extensions. */
static const uint8_t to_be_signed[] = {
	0x30, 0x81, 181,
	0xa0, 3, 2, 1, 2, 2, 1, 1,
	ECDSA_WITH_SHA256,
	CAPNP_NAME,
	0x30, 32,
	0x17, 13, '7', '0', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z',
	0x18, 15, '9', '9', '9', '9', '1', '2', '3', '1', '2', '3', '5', '9', '5', '9', 'Z',
	CAPNP_NAME,
	P256_SPKI
};

static const uint8_t signature_algorithm[] = { ECDSA_WITH_SHA256 };

/* ECPrivateKey (RFC 5915) round the scalar and the point. */
static const uint8_t sec1_head[] = { 0x30, 119, 2, 1, 1, 4, 32 };
static const uint8_t sec1_middle[] = { 0xa0, 10, P256_OID, 0xa1, 0x44, 3, 0x42, 0 };

/* Where the point lies in a certificate: behind the outer SEQUENCE header and the template. */
enum { CERTIFICATE_POINT = 4 + sizeof to_be_signed, SIGNED_BYTES = sizeof to_be_signed + POINT_BYTES };

/* In order of preference: without hardware for it AES-GCM takes more than twice the time of ChaCha20-Poly1305. */
static const int suites[] = {
#if defined(MBEDTLS_AESNI_C) || defined(MBEDTLS_AES_ALT)
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
#else
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
#endif
	0
};

static int psa_result(psa_status_t status) {
	if (status == PSA_SUCCESS) return TLS_OK;
	if (status == PSA_ERROR_INSUFFICIENT_MEMORY) return TLS_NO_MEMORY;
	if (status == PSA_ERROR_INSUFFICIENT_ENTROPY) return TLS_NO_ENTROPY;
	return TLS_PROTOCOL;
}

int tls_start(void) {
	uint8_t probe[4];
	psa_status_t status = psa_crypto_init();
	/* An external generator is first asked here: without it a key could be made of nothing. */
	if (status == PSA_SUCCESS) status = psa_generate_random(probe, sizeof probe);
	return status == PSA_SUCCESS ? TLS_OK : status == PSA_ERROR_INSUFFICIENT_MEMORY ? TLS_NO_MEMORY : TLS_NO_ENTROPY;
}

int tls_sha256(const uint8_t *bytes, size_t length, uint8_t into[TLS_DIGEST_BYTES]) {
	size_t done;
	return psa_result(psa_hash_compute(PSA_ALG_SHA_256, bytes, length, into, TLS_DIGEST_BYTES, &done));
}

/* HMAC (RFC 2104) in two passes of SHA-256: the subset shared by all releases has no MAC without a key slot. */
int tls_identity_derive(const struct tls_identity *identity, const uint8_t *data, size_t length, uint8_t into[TLS_DIGEST_BYTES]) {
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
	uint8_t block[64];
	size_t done;
	psa_status_t status = PSA_SUCCESS;
	for (int pass = 0; pass < 2 && status == PSA_SUCCESS; pass++) {
		uint8_t pad = pass == 0 ? 0x36 : 0x5c;
		memset(block, pad, sizeof block);
		for (int i = 0; i < TLS_DIGEST_BYTES; i++) block[i] ^= identity->derivation_key[i];
		status = psa_hash_setup(&hash, PSA_ALG_SHA_256);
		if (status == PSA_SUCCESS) status = psa_hash_update(&hash, block, sizeof block);
		if (status == PSA_SUCCESS) status = pass == 0 ? psa_hash_update(&hash, data, length) : psa_hash_update(&hash, into, TLS_DIGEST_BYTES);
		if (status == PSA_SUCCESS) status = psa_hash_finish(&hash, into, TLS_DIGEST_BYTES, &done);
	}
	psa_hash_abort(&hash);
	mbedtls_platform_zeroize(block, sizeof block);
	return psa_result(status);
}

/* DER INTEGER of a big-endian unsigned number of 32 bytes; returns its length. */
static size_t put_integer(uint8_t *into, const uint8_t *number) {
	size_t skip = 0;
	while (skip < 31 && number[skip] == 0) skip++;
	size_t pad = number[skip] >> 7, length = 32 - skip + pad;
	into[0] = 2;
	into[1] = (uint8_t)length;
	if (pad) into[2] = 0;
	memcpy(into + 2 + pad, number + skip, 32 - skip);
	return 2 + length;
}

/* Writes the certificate of `point`, signed by `key`; sets its length. */
static int sign_certificate(psa_key_id_t key, const uint8_t point[POINT_BYTES], uint8_t *into, size_t *length) {
	uint8_t hash[TLS_DIGEST_BYTES], signature[64];
	uint8_t *tail = into + 4 + SIGNED_BYTES;
	memcpy(into + 4, to_be_signed, sizeof to_be_signed);
	memcpy(into + CERTIFICATE_POINT, point, POINT_BYTES);
	memcpy(tail, signature_algorithm, sizeof signature_algorithm);
	uint8_t *bits = tail + sizeof signature_algorithm;
	int result = tls_sha256(into + 4, SIGNED_BYTES, hash);
	size_t content = 0;
	/* The outer header has the long form of two bytes: a freakishly short signature, once in 2^40, is made again. */
	while (result == TLS_OK && content < 256) {
		size_t done;
		result = psa_result(psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, sizeof hash, signature, sizeof signature, &done));
		size_t integers = put_integer(bits + 5, signature);
		integers += put_integer(bits + 5 + integers, signature + 32);
		bits[0] = 3;
		bits[1] = (uint8_t)(integers + 3);
		bits[2] = 0;
		bits[3] = 0x30;
		bits[4] = (uint8_t)integers;
		content = (size_t)(bits - into) - 4 + 5 + integers;
	}
	into[0] = 0x30;
	into[1] = 0x82;
	into[2] = (uint8_t)(content >> 8);
	into[3] = (uint8_t)content;
	*length = content + 4;
	return result;
}

/* Turns a key in a PSA slot into the record; destroys the slot. */
static int make_record(struct tls_identity *identity, psa_key_id_t key) {
	uint8_t point[POINT_BYTES];
	size_t done, length = 0;
	uint8_t *record = identity->record;
	int result = psa_result(psa_export_key(key, record + MARK_BYTES + 2, TLS_SCALAR_BYTES, &done));
	if (result == TLS_OK) result = psa_result(psa_export_public_key(key, point, sizeof point, &done));
	if (result == TLS_OK) result = sign_certificate(key, point, record + HEADER_BYTES, &length);
	psa_destroy_key(key);
	if (result != TLS_OK) return result;
	memcpy(record, record_mark, MARK_BYTES);
	record[MARK_BYTES] = (uint8_t)(length >> 8);
	record[MARK_BYTES + 1] = (uint8_t)length;
	identity->record_bytes = HEADER_BYTES + length + TLS_DIGEST_BYTES;
	return tls_sha256(record, HEADER_BYTES + length, record + HEADER_BYTES + length);
}

static int check_record(const uint8_t *record, size_t bytes) {
	uint8_t sum[TLS_DIGEST_BYTES];
	if (bytes < HEADER_BYTES + CERTIFICATE_POINT + POINT_BYTES + TLS_DIGEST_BYTES || bytes > TLS_RECORD_BYTES_MAX) return TLS_CORRUPT;
	size_t length = (size_t)record[MARK_BYTES] << 8 | record[MARK_BYTES + 1];
	if (memcmp(record, record_mark, MARK_BYTES) || HEADER_BYTES + length + TLS_DIGEST_BYTES != bytes) return TLS_CORRUPT;
	int result = tls_sha256(record, bytes - TLS_DIGEST_BYTES, sum);
	if (result == TLS_OK && memcmp(sum, record + bytes - TLS_DIGEST_BYTES, sizeof sum)) result = TLS_CORRUPT;
	return result;
}

static int parse_key(struct tls_identity *identity, const uint8_t *record) {
	uint8_t der[SEC1_BYTES], *to = der;
	memcpy(to, sec1_head, sizeof sec1_head);
	to += sizeof sec1_head;
	memcpy(to, record + MARK_BYTES + 2, TLS_SCALAR_BYTES);
	to += TLS_SCALAR_BYTES;
	memcpy(to, sec1_middle, sizeof sec1_middle);
	to += sizeof sec1_middle;
	memcpy(to, record + HEADER_BYTES + CERTIFICATE_POINT, POINT_BYTES);
	int result = tls_sha256(der, sizeof der, identity->derivation_key);
	if (result == TLS_OK && TLS_PORT_PARSE_KEY(&identity->key, der, sizeof der) != 0) result = TLS_CORRUPT;
	mbedtls_platform_zeroize(der, sizeof der);
	return result;
}

/* The peer's key is checked here and not afterwards: some builds keep no copy of the peer's certificate. */
static int set_up(struct tls_identity *identity, mbedtls_ssl_config *conf, int endpoint) {
	mbedtls_x509_crt *certificate = &identity->certificate;
	int result = mbedtls_ssl_config_defaults(conf, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	if (result) return result;
	TLS_PORT_CONF_RNG(conf);
	TLS_PORT_CONF_VERSION(conf);
	mbedtls_ssl_conf_ciphersuites(conf, suites);
	/* REQUIRED wants some authority to be configured; the verify callback decides alone. */
	mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(conf, certificate, NULL);
	if (endpoint == MBEDTLS_SSL_IS_SERVER) mbedtls_ssl_conf_cert_req_ca_list(conf, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
	return mbedtls_ssl_conf_own_cert(conf, certificate, &identity->key);
}

#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
/* A client with small buffers says so; the peer then never sends a record that would not fit. */
static unsigned char fragment_code(void) {
	size_t bytes = MBEDTLS_SSL_IN_CONTENT_LEN < MBEDTLS_SSL_OUT_CONTENT_LEN ? MBEDTLS_SSL_IN_CONTENT_LEN : MBEDTLS_SSL_OUT_CONTENT_LEN;
	if (bytes >= 16384) return MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
	if (bytes >= 4096) return MBEDTLS_SSL_MAX_FRAG_LEN_4096;
	if (bytes >= 2048) return MBEDTLS_SSL_MAX_FRAG_LEN_2048;
	return bytes >= 1024 ? MBEDTLS_SSL_MAX_FRAG_LEN_1024 : MBEDTLS_SSL_MAX_FRAG_LEN_512;
}
#endif

/* Builds everything else from `identity->record`, which is good. */
static int open_record(struct tls_identity *identity) {
	size_t length = identity->record_bytes - HEADER_BYTES - TLS_DIGEST_BYTES;
	mbedtls_pk_init(&identity->key);
	mbedtls_x509_crt_init(&identity->certificate);
	mbedtls_ssl_config_init(&identity->client);
	mbedtls_ssl_config_init(&identity->server);
	tls_resumption_init(&identity->resumption);
	memset(&identity->session_cache, 0, sizeof identity->session_cache);
	int result = parse_key(identity, identity->record);
	if (result == TLS_OK && mbedtls_x509_crt_parse_der_nocopy(&identity->certificate, identity->record + HEADER_BYTES, length) != 0)
		result = TLS_CORRUPT;
	if (result == TLS_OK) result = tls_sha256(identity->certificate.pk_raw.p, identity->certificate.pk_raw.len, identity->digest);
	if (result == TLS_OK && (set_up(identity, &identity->client, MBEDTLS_SSL_IS_CLIENT) != 0
		|| set_up(identity, &identity->server, MBEDTLS_SSL_IS_SERVER) != 0)) result = TLS_NO_MEMORY;
#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
	if (result == TLS_OK && mbedtls_ssl_conf_max_frag_len(&identity->client, fragment_code()) != 0) result = TLS_INVALID;
#endif
	if (result != TLS_OK) tls_identity_close(identity);
	return result;
}

static void describe_key(psa_key_attributes_t *attributes) {
	psa_set_key_type(attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(attributes, 256);
	psa_set_key_usage_flags(attributes, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_SIGN_HASH);
	psa_set_key_algorithm(attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
}

static int open_slot(struct tls_identity *identity, psa_status_t status, psa_key_id_t key) {
	int result = psa_result(status);
	if (result == TLS_OK) result = make_record(identity, key);
	if (result == TLS_OK) return open_record(identity);
	mbedtls_platform_zeroize(identity->record, sizeof identity->record);
	return result;
}

int tls_identity_generate(struct tls_identity *identity) {
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key = 0;
	describe_key(&attributes);
	psa_status_t status = psa_generate_key(&attributes, &key);
	return open_slot(identity, status, key);
}

int tls_identity_import(struct tls_identity *identity, const uint8_t scalar[TLS_SCALAR_BYTES]) {
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key = 0;
	describe_key(&attributes);
	psa_status_t status = psa_import_key(&attributes, scalar, TLS_SCALAR_BYTES, &key);
	return open_slot(identity, status, key);
}

int tls_identity_load(struct tls_identity *identity, const uint8_t *record, size_t record_bytes) {
	int result = check_record(record, record_bytes);
	if (result != TLS_OK) return result;
	memcpy(identity->record, record, record_bytes);
	identity->record_bytes = record_bytes;
	return open_record(identity);
}

void tls_identity_close(struct tls_identity *identity) {
	tls_resumption_forget(&identity->resumption);
	tls_session_cache_close(&identity->session_cache);
	mbedtls_ssl_config_free(&identity->client);
	mbedtls_ssl_config_free(&identity->server);
	mbedtls_x509_crt_free(&identity->certificate);
	mbedtls_pk_free(&identity->key);
	mbedtls_platform_zeroize(identity, sizeof *identity);
}
