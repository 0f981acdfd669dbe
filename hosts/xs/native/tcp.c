/*
 * ECMA-419 TCP sockets and listeners over host.h. State lives in a table indexed by the host's handle; an event costs a
 * call and no heap. The object of an open socket is kept alive by the table: an open socket is not garbage.
 */
#include "xsAll.h"
#include "glue.h"

enum { KIND_FREE, KIND_STREAM, KIND_LISTENER };
enum { FORMAT_BUFFER, FORMAT_NUMBER };
enum { BACKLOG = 8 };

typedef struct {
	txSlot object;
	txSlot onReadable;
	txSlot onWritable;
	txSlot onError;
	int kind;
	int format;
	int failed;      /* the end was reported; only close is left */
} Socket;

static Socket gSockets[HOST_TCP_MAX];
static void run(txMachine *the);
static GlueSource gSource = { .run = run };

/* Table */

static void keep(txMachine *the, int handle, int kind)
{
	Socket *socket = &gSockets[handle];
	socket->object = *mxThis;
	socket->kind = kind;
	socket->format = FORMAT_BUFFER;
	socket->failed = 0;
	fxRemember(the, &socket->object);
	fxRemember(the, &socket->onReadable);
	fxRemember(the, &socket->onWritable);
	fxRemember(the, &socket->onError);
	fxSetHostData(the, mxThis, socket);
	glueSourceOpens(&gSource);
}

static void forget(txMachine *the, Socket *socket)
{
	fxSetHostData(the, &socket->object, C_NULL);
	fxForget(the, &socket->object);
	fxForget(the, &socket->onReadable);
	fxForget(the, &socket->onWritable);
	fxForget(the, &socket->onError);
	socket->kind = KIND_FREE;
	glueSourceCloses(&gSource);
}

static Socket *socketOf(txMachine *the, txSlot *slot, int kind)
{
	Socket *socket = slot->kind == XS_REFERENCE_KIND ? fxGetHostDataIf(the, slot) : C_NULL;
	if (!socket || socket < gSockets || socket >= gSockets + HOST_TCP_MAX || socket->kind != kind)
		mxTypeError("the socket is closed");
	return socket;
}

static int handleOf(const Socket *socket)
{
	return (int)(socket - gSockets);
}

/* A socket object that is collected was closed before: the table holds the open ones. */
void xs_tcp_destructor(void *data)
{
	(void)data;
}

void xs_listener_destructor(void *data)
{
	(void)data;
}

/* Options */

/* All of the interfaces where none is named. */
static void readAddress(txMachine *the, txSlot *options, uint8_t address[4], int required)
{
	txSlot *slot = glueOption(the, options, xsID_address);
	c_memset(address, 0, 4);
	if (slot->kind != XS_UNDEFINED_KIND)
		glueAddress(the, slot, address);
	else if (required)
		mxTypeError("address is missing");
	mxPop();
}

static int readFormat(txMachine *the, txSlot *slot)
{
	txString name = fxToString(the, slot);
	if (!c_strcmp(name, "number"))
		return FORMAT_NUMBER;
	if (c_strcmp(name, "buffer"))
		mxRangeError("format %s is neither buffer nor number", name);
	return FORMAT_BUFFER;
}

static int readFormatOption(txMachine *the, txSlot *options)
{
	txSlot *slot = glueOption(the, options, xsID_format);
	int format = slot->kind == XS_UNDEFINED_KIND ? FORMAT_BUFFER : readFormat(the, slot);
	mxPop();
	return format;
}

static int readFlag(txMachine *the, txSlot *options, txID name, int flag)
{
	txBoolean set = fxToBoolean(the, glueOption(the, options, name));
	mxPop();
	return set ? flag : 0;
}

static void fail(txMachine *the, const char *what, int code)
{
	mxUnknownError("%s: %s", what, glueErrorName(code));
}

/* Streams */

/* A socket given as `from` passes its connection on and is closed itself. */
static int takeFrom(txMachine *the, txSlot *from)
{
	Socket *socket = socketOf(the, from, KIND_STREAM);
	int handle = handleOf(socket);
	forget(the, socket);
	return handle;
}

static int openStream(txMachine *the, txSlot *options)
{
	txSlot *from = glueOption(the, options, mxID(_from));
	int handle, flags;
	uint8_t address[4];
	if (from->kind != XS_UNDEFINED_KIND) {
		handle = takeFrom(the, from);
		mxPop();
		return handle;
	}
	mxPop();
	/* The SDK's documentation writes it as one word, its older sockets as two. */
	flags = readFlag(the, options, xsID_nodelay, HOST_TCP_NODELAY) | readFlag(the, options, xsID_noDelay, HOST_TCP_NODELAY);
	flags |= readFlag(the, options, xsID_keepAlive, HOST_TCP_KEEPALIVE);
	readAddress(the, options, address, 1);
	handle = host_tcp_connect(address, (uint16_t)gluePort(the, options, 1), flags);
	if (handle < 0)
		fail(the, "cannot connect", handle);
	return handle;
}

/* new TCP(options), or, from a listener, new TCP(handle). */
void xs_tcp(txMachine *the)
{
	Socket callbacks;
	int handle, format;
	if (!glueHas(the, 0))
		mxTypeError("options are missing");
	if (mxArgv(0)->kind == XS_INTEGER_KIND) {
		handle = glueInteger(the, 0, 0, HOST_TCP_MAX - 1);
		if (gSockets[handle].kind != KIND_FREE)
			mxTypeError("not an accepted connection");
		gSockets[handle].onReadable = gSockets[handle].onWritable = gSockets[handle].onError = mxUndefined;
		keep(the, handle, KIND_STREAM);
		return;
	}
	callbacks.onReadable = callbacks.onWritable = callbacks.onError = mxUndefined;
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onReadable, &callbacks.onReadable);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onWritable, &callbacks.onWritable);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onError, &callbacks.onError);
	/* A getter may have made them: kept by the stack until the table has them. */
	mxPushSlot(&callbacks.onReadable);
	mxPushSlot(&callbacks.onWritable);
	mxPushSlot(&callbacks.onError);
	format = readFormatOption(the, mxArgv(0));
	glueTarget(the, mxArgv(0));
	handle = openStream(the, mxArgv(0));
	gSockets[handle].onReadable = callbacks.onReadable;
	gSockets[handle].onWritable = callbacks.onWritable;
	gSockets[handle].onError = callbacks.onError;
	keep(the, handle, KIND_STREAM);
	gSockets[handle].format = format;
}

static void clampRange(txMachine *the, txUnsigned size, txInteger *offset, txInteger *length)
{
	*offset = glueInteger(the, 1, 0, (txInteger)size);
	*length = glueInteger(the, 2, 0, (txInteger)size - *offset);
}

/* read(buffer, offset, max): the count, 0 if there is nothing. Allocates nothing. */
static void readInto(txMachine *the, int handle)
{
	void *data;
	txUnsigned size;
	txInteger offset, max;
	_xsmcGetBuffer(the, mxArgv(0), &data, &size, 1);
	clampRange(the, size, &offset, &max);
	int count = max ? host_tcp_read(handle, (uint8_t *)data + offset, max) : 0;
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = count > 0 ? count : 0;
}

static void readNew(txMachine *the, int handle, int count)
{
	void *data;
	txUnsigned size;
	fxArrayBuffer(the, mxResult, C_NULL, count, -1);
	_xsmcGetBuffer(the, mxResult, &data, &size, 1);
	host_tcp_read(handle, data, count);
}

void xs_tcp_read(txMachine *the)
{
	Socket *socket = socketOf(the, mxThis, KIND_STREAM);
	int handle = handleOf(socket), available;
	if (mxArgc >= 3 && glueHas(the, 1)) {
		readInto(the, handle);
		return;
	}
	available = host_tcp_readable(handle);
	if (available <= 0)
		return;
	if (socket->format == FORMAT_NUMBER) {
		uint8_t byte;
		host_tcp_read(handle, &byte, 1);
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = byte;
	}
	else if (!glueHas(the, 0))
		readNew(the, handle, available);
	else if (mxArgv(0)->kind == XS_REFERENCE_KIND) {
		void *data;
		txUnsigned size;
		_xsmcGetBuffer(the, mxArgv(0), &data, &size, 1);
		if ((int)size > available)
			mxRangeError("%d bytes can be read, the buffer has %d", available, (int)size);
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = host_tcp_read(handle, data, size);
	}
	else {
		int wanted = glueInteger(the, 0, 0, 0x7fffffff);
		readNew(the, handle, wanted < available ? wanted : available);
	}
}

void xs_tcp_write(txMachine *the)
{
	Socket *socket = socketOf(the, mxThis, KIND_STREAM);
	int handle = handleOf(socket);
	void *data;
	txUnsigned size;
	if (socket->format == FORMAT_NUMBER) {
		uint8_t byte = (uint8_t)glueInteger(the, 0, -128, 255);
		if (host_tcp_write(handle, &byte, 1) != 1)
			mxUnknownError("the output buffer is full");
		return;
	}
	if (!glueHas(the, 0))
		mxTypeError("a buffer is missing");
	_xsmcGetBuffer(the, mxArgv(0), &data, &size, 0);
	if (mxArgc >= 3 && glueHas(the, 1)) {
		txInteger offset, length;
		clampRange(the, size, &offset, &length);
		int count = length ? host_tcp_write(handle, (uint8_t *)data + offset, length) : 0;
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = count > 0 ? count : 0;
		return;
	}
	int room = host_tcp_writable(handle);
	if ((int)size > room)
		mxRangeError("%d bytes can be written, the buffer has %d", room < 0 ? 0 : room, (int)size);
	int count = host_tcp_write(handle, data, size);
	/* Never a part of a buffer without a word: its rest would be missing in the stream. */
	if (count < (int)size)
		fail(the, "cannot write", count < 0 ? count : HOST_FULL);
}

void xs_tcp_get_readable(txMachine *the)
{
	int count = host_tcp_readable(handleOf(socketOf(the, mxThis, KIND_STREAM)));
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = count > 0 ? count : 0;
}

void xs_tcp_get_writable(txMachine *the)
{
	int count = host_tcp_writable(handleOf(socketOf(the, mxThis, KIND_STREAM)));
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = count > 0 ? count : 0;
}

void xs_tcp_close(txMachine *the)
{
	Socket *socket = fxGetHostDataIf(the, mxThis);
	if (!socket)
		return;
	int handle = handleOf(socketOf(the, mxThis, KIND_STREAM));
	forget(the, socket);
	host_tcp_close(handle);
}

void xs_tcp_abort(txMachine *the)
{
	Socket *socket = fxGetHostDataIf(the, mxThis);
	if (!socket)
		return;
	int handle = handleOf(socketOf(the, mxThis, KIND_STREAM));
	forget(the, socket);
	host_tcp_abort(handle);
}

void xs_tcp_get_format(txMachine *the)
{
	Socket *socket = socketOf(the, mxThis, KIND_STREAM);
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = socket->format == FORMAT_NUMBER ? "number" : "buffer";
}

void xs_tcp_set_format(txMachine *the)
{
	Socket *socket = socketOf(the, mxThis, KIND_STREAM);
	socket->format = readFormat(the, mxArgv(0));
}

void xs_tcp_get_remoteAddress(txMachine *the)
{
	char text[16];
	if (host_tcp_remote(handleOf(socketOf(the, mxThis, KIND_STREAM)), text) >= 0)
		fxString(the, mxResult, text);
}

void xs_tcp_get_remotePort(txMachine *the)
{
	char text[16];
	int port = host_tcp_remote(handleOf(socketOf(the, mxThis, KIND_STREAM)), text);
	if (port >= 0)
		fxInteger(the, mxResult, port);
}

/* Listeners */

void xs_listener(txMachine *the)
{
	Socket callbacks;
	uint8_t address[4];
	int handle;
	if (!glueHas(the, 0))
		mxTypeError("options are missing");
	callbacks.onReadable = callbacks.onError = mxUndefined;
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onReadable, &callbacks.onReadable);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onError, &callbacks.onError);
	mxPushSlot(&callbacks.onReadable);
	mxPushSlot(&callbacks.onError);
	readAddress(the, mxArgv(0), address, 0);
	glueFormat(the, mxArgv(0), "socket/tcp");
	glueTarget(the, mxArgv(0));
	handle = host_tcp_listen(address, (uint16_t)gluePort(the, mxArgv(0), 0), BACKLOG);
	if (handle < 0)
		fail(the, "cannot listen", handle);
	gSockets[handle].onReadable = callbacks.onReadable;
	gSockets[handle].onWritable = mxUndefined;
	gSockets[handle].onError = callbacks.onError;
	keep(the, handle, KIND_LISTENER);
}

/* The handle of the next connection, or -1. */
void xs_listener_accept(txMachine *the)
{
	int handle = host_tcp_accept(handleOf(socketOf(the, mxThis, KIND_LISTENER)), HOST_TCP_NODELAY | HOST_TCP_KEEPALIVE);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = handle < 0 ? -1 : handle;
}

void xs_listener_get_port(txMachine *the)
{
	fxInteger(the, mxResult, host_tcp_local_port(handleOf(socketOf(the, mxThis, KIND_LISTENER))));
}

void xs_listener_close(txMachine *the)
{
	Socket *socket = fxGetHostDataIf(the, mxThis);
	if (!socket)
		return;
	int handle = handleOf(socketOf(the, mxThis, KIND_LISTENER));
	forget(the, socket);
	host_tcp_close(handle);
}

/* Events. A callback may close this or any other socket: look at the table again after each. */

static int still(Socket *socket, txSlot *instance)
{
	return socket->kind != KIND_FREE && socket->object.value.reference == instance && !socket->failed;
}

static void deliver(txMachine *the, int handle, int events)
{
	Socket *socket = &gSockets[handle];
	txSlot *instance = socket->object.value.reference;
	if ((events & HOST_ACCEPTED) && socket->onReadable.kind == XS_REFERENCE_KIND)
		glueCall(the, &socket->onReadable, &socket->object, 1);
	if ((events & HOST_READABLE) && still(socket, instance) && socket->onReadable.kind == XS_REFERENCE_KIND) {
		int count = host_tcp_readable(handle);
		if (count > 0)
			glueCall(the, &socket->onReadable, &socket->object, count);
	}
	if ((events & HOST_WRITABLE) && still(socket, instance) && socket->onWritable.kind == XS_REFERENCE_KIND) {
		int count = host_tcp_writable(handle);
		if (count > 0)
			glueCall(the, &socket->onWritable, &socket->object, count);
	}
	if ((events & HOST_ENDED) && still(socket, instance)) {
		socket->failed = 1;
		if (socket->onError.kind == XS_REFERENCE_KIND)
			glueCallText(the, &socket->onError, &socket->object, glueErrorName(host_tcp_error(handle)));
	}
}

static void run(txMachine *the)
{
	for (int handle = 0; handle < HOST_TCP_MAX; handle++) {
		if (gSockets[handle].kind == KIND_FREE)
			continue;
		int events = host_tcp_events(handle);
		if (events > 0)
			deliver(the, handle, events);
	}
}
