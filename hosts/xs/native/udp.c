/* ECMA-419 UDP sockets over host.h. As with TCP, an open socket is kept alive by the table, and an event costs a call and no heap. */
#include "xsAll.h"
#include "glue.h"

typedef struct {
	txSlot object;
	txSlot onReadable;
	int open;
} Socket;

static Socket gSockets[HOST_UDP_MAX];
static void run(txMachine *the);
static GlueSource gSource = { .run = run };

void xs_udp_destructor(void *data)
{
	(void)data;
}

static int handleOf(txMachine *the)
{
	Socket *socket = mxThis->kind == XS_REFERENCE_KIND ? fxGetHostDataIf(the, mxThis) : C_NULL;
	if (!socket || socket < gSockets || socket >= gSockets + HOST_UDP_MAX || !socket->open)
		mxTypeError("the socket is closed");
	return (int)(socket - gSockets);
}

static void refuse(txMachine *the, txSlot *options, txID name)
{
	if (glueOption(the, options, name)->kind != XS_UNDEFINED_KIND)
		mxRangeError("%s is not supported", fxGetKeyName(the, name));
	mxPop();
}

void xs_udp(txMachine *the)
{
	txSlot onReadable = mxUndefined;
	if (!glueHas(the, 0))
		mxTypeError("options are missing");
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onReadable, &onReadable);
	mxPushSlot(&onReadable);
	glueFormat(the, mxArgv(0), "buffer");
	refuse(the, mxArgv(0), xsID_multicast);
	glueTarget(the, mxArgv(0));
	int handle = host_udp_open(gluePort(the, mxArgv(0), 0));
	if (handle < 0)
		mxUnknownError("cannot open the port: %s", glueErrorName(handle));
	Socket *socket = &gSockets[handle];
	socket->object = *mxThis;
	socket->onReadable = onReadable;
	socket->open = 1;
	fxRemember(the, &socket->object);
	fxRemember(the, &socket->onReadable);
	fxSetHostData(the, mxThis, socket);
	glueSourceOpens(&gSource);
}

/* Sets the property `name` of mxResult to what is on the stack. */
static void setResult(txMachine *the, txID name)
{
	mxPushSlot(mxResult);
	mxSetID(name);
	mxPop();
}

static void readNew(txMachine *the, int handle, int size)
{
	void *data;
	txUnsigned length;
	uint8_t address[4];
	uint16_t port;
	char text[16];
	fxArrayBuffer(the, mxResult, C_NULL, size, -1);
	_xsmcGetBuffer(the, mxResult, &data, &length, 1);
	host_udp_read(handle, data, (size_t)size, address, &port);
	snprintf(text, sizeof(text), "%d.%d.%d.%d", address[0], address[1], address[2], address[3]);
	mxPushUndefined();
	fxString(the, the->stack, text);
	setResult(the, xsID_address);
	mxPushInteger(port);
	setResult(the, xsID_port);
}

/* A datagram is read whole, or not at all. */
void xs_udp_read(txMachine *the)
{
	int handle = handleOf(the), size = host_udp_size(handle);
	void *data;
	txUnsigned length;
	uint8_t address[4];
	uint16_t port;
	if (size < 0)
		return;
	if (!glueHas(the, 0)) {
		readNew(the, handle, size);
		return;
	}
	_xsmcGetBuffer(the, mxArgv(0), &data, &length, 1);
	if (length < (txUnsigned)size)
		mxRangeError("the datagram has %d bytes, the buffer %d", size, (int)length);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = host_udp_read(handle, data, length, address, &port);
}

/* write(address, port, buffer), or, as the SDK has it by now, write(buffer, address, port) */
void xs_udp_write(txMachine *the)
{
	int handle = handleOf(the);
	uint8_t address[4];
	void *data;
	txUnsigned length;
	if (mxArgc < 3)
		mxTypeError("a buffer is missing");
	int first = mxArgv(0)->kind == XS_REFERENCE_KIND ? 1 : 0;
	txInteger port = glueInteger(the, first + 1, 1, 65535);
	glueAddress(the, mxArgv(first), address);
	_xsmcGetBuffer(the, mxArgv(first ? 0 : 2), &data, &length, 0);
	if (length > HOST_UDP_BYTES_MAX)
		mxRangeError("%d bytes are more than the %d of a datagram", (int)length, HOST_UDP_BYTES_MAX);
	int result = host_udp_write(handle, address, (uint16_t)port, data, length);
	if (result < 0)
		mxUnknownError("cannot send: %s", glueErrorName(result));
}

void xs_udp_get_port(txMachine *the)
{
	fxInteger(the, mxResult, host_udp_local_port(handleOf(the)));
}

void xs_udp_get_format(txMachine *the)
{
	handleOf(the);
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = "buffer";
}

void xs_udp_set_format(txMachine *the)
{
	handleOf(the);
	if (c_strcmp(fxToString(the, mxArgv(0)), "buffer"))
		mxRangeError("format %s is not buffer, the only one", mxArgv(0)->value.string);
}

void xs_udp_close(txMachine *the)
{
	if (!fxGetHostDataIf(the, mxThis))
		return;
	int handle = handleOf(the);
	Socket *socket = &gSockets[handle];
	fxSetHostData(the, mxThis, C_NULL);
	fxForget(the, &socket->object);
	fxForget(the, &socket->onReadable);
	socket->open = 0;
	glueSourceCloses(&gSource);
	host_udp_close(handle);
}

/* A callback may close its socket, or any other. */
static void run(txMachine *the)
{
	for (int handle = 0; gSource.open && handle < HOST_UDP_MAX; handle++) {
		Socket *socket = &gSockets[handle];
		int events = socket->open ? host_udp_events(handle) : 0;
		int waiting = events & HOST_READABLE ? host_udp_waiting(handle) : 0;
		if (waiting > 0 && socket->onReadable.kind == XS_REFERENCE_KIND)
			glueCall(the, &socket->onReadable, &socket->object, waiting);
	}
}
