/* ECMA-419 key-value storage over host.h's records. The domain's name is in the JavaScript object; nothing is open in C. */
#include "xsAll.h"
#include "glue.h"

enum { NAME_MAX_BYTES = 64, VALUE_MAX_BYTES = 4096 };

static void fail(txMachine *the, const char *what, const char *key, int code)
{
	mxUnknownError("store: cannot %s %s: %s", what, key, glueErrorName(code));
}

static void name(txMachine *the, int index, char text[NAME_MAX_BYTES])
{
	if (!glueHas(the, index))
		mxTypeError("argument %d is missing", index + 1);
	txString string = fxToString(the, mxArgv(index));
	size_t length = c_strlen(string);
	if (!length || length >= NAME_MAX_BYTES)
		mxRangeError("a name in the store has 1 to %d bytes", NAME_MAX_BYTES - 1);
	c_memcpy(text, string, length + 1);
}

/* storeRead(domain, key, asText): ArrayBuffer or string, undefined if there is no such record */
void xs_store_read(txMachine *the)
{
	char domain[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	name(the, 0, domain);
	name(the, 1, key);
	int length = host_store_get(domain, key, C_NULL, 0);
	if (length == HOST_ABSENT)
		return;
	if (length < 0 || length > VALUE_MAX_BYTES)
		fail(the, "read", key, length < 0 ? length : HOST_FULL);
	uint8_t *into;
	if (glueHas(the, 2) && fxToBoolean(the, mxArgv(2))) {
		fxStringBuffer(the, mxResult, C_NULL, length);
		into = (uint8_t *)mxResult->value.string;
	}
	else {
		fxArrayBuffer(the, mxResult, C_NULL, length, -1);
		into = (uint8_t *)mxResult->value.reference->next->value.arrayBuffer.address;
	}
	if (host_store_get(domain, key, into, (size_t)length) != length)
		fail(the, "read", key, HOST_CORRUPT);
}

void xs_store_write(txMachine *the)
{
	char domain[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	name(the, 0, domain);
	name(the, 1, key);
	void *data;
	txUnsigned size;
	if (!glueHas(the, 2))
		mxTypeError("a value is missing");
	if (mxArgv(2)->kind == XS_REFERENCE_KIND)
		_xsmcGetBuffer(the, mxArgv(2), &data, &size, 0);
	else {
		data = fxToString(the, mxArgv(2));
		size = (txUnsigned)c_strlen(data);
	}
	if (size > VALUE_MAX_BYTES)
		mxRangeError("store: %s has %d bytes, %d are allowed", key, (int)size, VALUE_MAX_BYTES);
	int result = host_store_put(domain, key, data, size);   /* runs no JavaScript: the data stay where they are */
	if (result < 0)
		fail(the, "write", key, result);
}

void xs_store_delete(txMachine *the)
{
	char domain[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	name(the, 0, domain);
	name(the, 1, key);
	int result = host_store_delete(domain, key);
	if (result < 0 && result != HOST_ABSENT)
		fail(the, "delete", key, result);
	fxBoolean(the, mxResult, result >= 0);
}

void xs_store_key(txMachine *the)
{
	char domain[NAME_MAX_BYTES], key[NAME_MAX_BYTES];
	name(the, 0, domain);
	int length = host_store_key(domain, glueInteger(the, 1, 0, 0x7fff), key, sizeof(key));
	if (length >= 0)
		fxStringBuffer(the, mxResult, key, length);
}
