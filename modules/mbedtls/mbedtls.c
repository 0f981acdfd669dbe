/* XS binding of the TLS engine. Nothing of it allocates in the XS heap but constructors and `message`. */
#include "xsmc.h"
#include <stdlib.h>
#include <string.h>
#include "tls-engine.h"

/* Sessions point at their identity: it lives until the last of them is gone, whatever order the collector takes. */
struct shared_identity {
	struct tls_identity identity;
	int references;
};

struct session {
	struct tls_engine engine;
	struct shared_identity *owner;
	/* followed by the input ring and the output buffer */
};

static void identity_release(struct shared_identity *shared) {
	if (--shared->references > 0) return;
	tls_identity_close(&shared->identity);
	free(shared);
}

static void session_free(struct session *session) {
	struct shared_identity *owner = session->owner;
	tls_engine_close(&session->engine);
	free(session);
	identity_release(owner);
}

static struct shared_identity *identity_of(xsMachine *the, xsSlot *slot) {
	struct shared_identity *shared = xsmcGetHostData(*slot);
	if (!shared) xsTypeError("not a TLS identity");
	return shared;
}

static struct tls_engine *engine_of(xsMachine *the) {
	struct session *session = xsmcGetHostData(xsThis);
	if (!session) xsTypeError("the TLS session is closed");
	return &session->engine;
}

/* The bytes of argument `index` from the offset in argument `index + 1`, `length` of them. Valid until something allocates. */
static uint8_t *range(xsMachine *the, int index, xsIntegerValue offset, xsIntegerValue length, int writable) {
	void *bytes;
	xsUnsignedValue size;
	if (writable) xsmcGetBufferWritable(xsArg(index), &bytes, &size);
	else xsmcGetBufferReadable(xsArg(index), &bytes, &size);
	if (offset < 0 || length < 0 || (xsUnsignedValue)offset > size || (xsUnsignedValue)length > size - (xsUnsignedValue)offset)
		xsRangeError("range outside of the buffer");
	return (uint8_t *)bytes + offset;
}

static void refuse(xsMachine *the, int code) {
	switch (code) {
	case TLS_NO_ENTROPY: xsUnknownError("no secure source of randomness on this machine; refusing to make or use a key");
	case TLS_NO_MEMORY: xsUnknownError("out of memory in TLS");
	case TLS_CORRUPT: xsUnknownError("the stored identity fails its checks");
	case TLS_INVALID: xsRangeError("a TLS buffer is too small");
	default: xsUnknownError("TLS could not start");
	}
}

/* Identity */

void xs_tls_identity_destructor(void *data) {
	if (data) identity_release(data);
}

void xs_tls_identity(xsMachine *the) {
	int stored = xsmcArgc > 0 && xsmcTest(xsArg(0));
	uint8_t record[TLS_RECORD_BYTES_MAX];
	size_t length = 0;
	if (stored) {
		void *bytes;
		xsUnsignedValue size;
		xsmcGetBufferReadable(xsArg(0), &bytes, &size);
		if (size > sizeof record) refuse(the, TLS_CORRUPT);
		memcpy(record, bytes, length = size);
	}
	int result = tls_start();
	if (result != TLS_OK) refuse(the, result);
	struct shared_identity *shared = calloc(1, sizeof *shared);
	if (!shared) refuse(the, TLS_NO_MEMORY);
	result = stored ? tls_identity_load(&shared->identity, record, length) : tls_identity_generate(&shared->identity);
	memset(record, 0, sizeof record);
	if (result != TLS_OK) {
		free(shared);
		refuse(the, result);
	}
	shared->references = 1;
	xsmcSetHostData(xsThis, shared);
}

void xs_tls_identity_save(xsMachine *the) {
	struct tls_identity *identity = &identity_of(the, &xsThis)->identity;
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = (xsIntegerValue)identity->record_bytes;
	memcpy(range(the, 0, offset, length, 1), identity->record, (size_t)length);
	xsmcSetInteger(xsResult, length);
}

void xs_tls_identity_digest(xsMachine *the) {
	struct tls_identity *identity = &identity_of(the, &xsThis)->identity;
	xsIntegerValue offset = xsmcToInteger(xsArg(1));
	memcpy(range(the, 0, offset, TLS_DIGEST_BYTES, 1), identity->digest, TLS_DIGEST_BYTES);
}

void xs_tls_identity_derive(xsMachine *the) {
	struct tls_identity *identity = &identity_of(the, &xsThis)->identity;
	xsIntegerValue offset = xsmcToInteger(xsArg(2));
	void *data;
	xsUnsignedValue size;
	xsmcGetBufferReadable(xsArg(0), &data, &size);
	int result = tls_identity_derive(identity, data, size, range(the, 1, offset, TLS_DIGEST_BYTES, 1));
	if (result != TLS_OK) refuse(the, result);
}

void xs_tls_sha256(xsMachine *the) {
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2)), into = xsmcToInteger(xsArg(4));
	uint8_t *to = range(the, 3, into, TLS_DIGEST_BYTES, 1);
	int result = tls_sha256(range(the, 0, offset, length, 0), (size_t)length, to);
	if (result != TLS_OK) refuse(the, result);
}

/* Session */

void xs_tls_engine_destructor(void *data) {
	if (data) session_free(data);
}

void xs_tls_engine(xsMachine *the) {
	struct shared_identity *shared = identity_of(the, &xsArg(0));
	xsIntegerValue input = xsmcToInteger(xsArg(3)), output = xsmcToInteger(xsArg(4));
	if (input < TLS_INPUT_BYTES_MIN || output < TLS_OUTPUT_BYTES_MIN || input > 65536 || output > 65536) refuse(the, TLS_INVALID);
	const uint8_t *pin = xsmcTest(xsArg(2)) ? range(the, 2, 0, TLS_DIGEST_BYTES, 0) : NULL;
	struct session *session = malloc(sizeof *session + (size_t)input + (size_t)output);
	if (!session) refuse(the, TLS_NO_MEMORY);
	uint8_t *buffers = (uint8_t *)(session + 1);
	struct tls_engine_config config = {
		.identity = &shared->identity, .server = xsmcTest(xsArg(1)), .pin = pin, .now_s = (uint32_t)xsmcToInteger(xsArg(5)),
		.input = buffers, .input_bytes = (size_t)input, .output = buffers + input, .output_bytes = (size_t)output
	};
	int result = tls_engine_open(&session->engine, &config);
	if (result != TLS_OK) {
		free(session);
		refuse(the, result);
	}
	session->owner = shared;
	shared->references++;
	xsmcSetHostData(xsThis, session);
}

void xs_tls_engine_close(xsMachine *the) {
	struct session *session = xsmcGetHostData(xsThis);
	if (!session) return;
	xsmcSetHostData(xsThis, NULL);
	session_free(session);
}

void xs_tls_engine_feed(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2));
	xsmcSetInteger(xsResult, (xsIntegerValue)tls_engine_feed(engine, range(the, 0, offset, length, 0), (size_t)length));
}

void xs_tls_engine_get_feedable(xsMachine *the) {
	xsmcSetInteger(xsResult, (xsIntegerValue)tls_engine_feedable(engine_of(the)));
}

void xs_tls_engine_drain(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), max = xsmcToInteger(xsArg(2));
	xsmcSetInteger(xsResult, (xsIntegerValue)tls_engine_drain(engine, range(the, 0, offset, max, 1), (size_t)max));
}

void xs_tls_engine_get_drainable(xsMachine *the) {
	xsmcSetInteger(xsResult, (xsIntegerValue)tls_engine_drainable(engine_of(the)));
}

void xs_tls_engine_handshake(xsMachine *the) {
	xsmcSetInteger(xsResult, tls_engine_handshake(engine_of(the)));
}

void xs_tls_engine_readable(xsMachine *the) {
	xsmcSetInteger(xsResult, tls_engine_readable(engine_of(the)));
}

void xs_tls_engine_read(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), max = xsmcToInteger(xsArg(2));
	xsmcSetInteger(xsResult, tls_engine_read(engine, range(the, 0, offset, max, 1), (size_t)max));
}

void xs_tls_engine_get_writable(xsMachine *the) {
	xsmcSetInteger(xsResult, (xsIntegerValue)tls_engine_writable(engine_of(the)));
}

void xs_tls_engine_write(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2));
	xsmcSetInteger(xsResult, tls_engine_write(engine, range(the, 0, offset, length, 0), (size_t)length));
}

void xs_tls_engine_flush(xsMachine *the) {
	xsmcSetInteger(xsResult, tls_engine_flush(engine_of(the)));
}

void xs_tls_engine_finish(xsMachine *the) {
	xsmcSetInteger(xsResult, tls_engine_finish(engine_of(the)));
}

void xs_tls_engine_end(xsMachine *the) {
	xsmcSetInteger(xsResult, tls_engine_end(engine_of(the)));
}

void xs_tls_engine_peerDigest(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsIntegerValue offset = xsmcToInteger(xsArg(1));
	uint8_t *into = range(the, 0, offset, TLS_DIGEST_BYTES, 1);
	if (engine->has_peer) memcpy(into, engine->peer, TLS_DIGEST_BYTES);
	xsmcSetBoolean(xsResult, engine->has_peer);
}

void xs_tls_engine_get_resumed(xsMachine *the) {
	xsmcSetBoolean(xsResult, engine_of(the)->resumed);
}

void xs_tls_engine_get_message(xsMachine *the) {
	struct tls_engine *engine = engine_of(the);
	xsmcSetString(xsResult, engine->state == TLS_STATE_FAILED ? engine->message : "");
}
