/* Serial lines over host.h. As with sockets (tcp.c), an open line is kept alive by the table, and an event costs a call and no heap. */
#include "xsAll.h"
#include "glue.h"

typedef struct {
	txSlot object;
	txSlot onReadable;
	txSlot onWritable;
	txSlot onError;
	int open;
} Line;

static Line gLines[HOST_SERIAL_MAX];
static void run(txMachine *the);
static GlueSource gSource = { .run = run };

void xs_serial_destructor(void *data)
{
	(void)data;
}

static int handleOf(txMachine *the)
{
	Line *line = mxThis->kind == XS_REFERENCE_KIND ? fxGetHostDataIf(the, mxThis) : C_NULL;
	if (!line || line < gLines || line >= gLines + HOST_SERIAL_MAX || !line->open)
		mxTypeError("the serial line is closed");
	return (int)(line - gLines);
}

void xs_serial(txMachine *the)
{
	char name[64];
	txSlot onReadable = mxUndefined, onWritable = mxUndefined, onError = mxUndefined, *slot;
	txInteger baud = 0;
	if (!glueHas(the, 0))
		mxTypeError("options are missing");
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onReadable, &onReadable);
	mxPushSlot(&onReadable);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onWritable, &onWritable);
	mxPushSlot(&onWritable);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onError, &onError);
	mxPushSlot(&onError);
	slot = glueOption(the, mxArgv(0), xsID_baud);
	if (slot->kind != XS_UNDEFINED_KIND)
		baud = fxToInteger(the, slot);
	mxPop();
	if (baud < 0 || baud > 4000000)
		mxRangeError("baud %d is out of range", (int)baud);
	fxToStringBuffer(the, glueOption(the, mxArgv(0), xsID_port), name, sizeof(name));
	mxPop();
	int handle = host_serial_open(name, (uint32_t)baud);
	if (handle < 0)
		mxUnknownError("cannot open %s: %s", name, glueErrorName(handle));
	Line *line = &gLines[handle];
	line->object = *mxThis;
	line->onReadable = onReadable;
	line->onWritable = onWritable;
	line->onError = onError;
	line->open = 1;
	fxRemember(the, &line->object);
	fxRemember(the, &line->onReadable);
	fxRemember(the, &line->onWritable);
	fxRemember(the, &line->onError);
	fxSetHostData(the, mxThis, line);
	glueSourceOpens(&gSource);
}

/* The bytes of (buffer, offset, length); valid until something allocates. */
static uint8_t *range(txMachine *the, txInteger *length, txBoolean writable)
{
	void *data;
	txUnsigned size;
	if (!glueHas(the, 0))
		mxTypeError("a buffer is missing");
	_xsmcGetBuffer(the, mxArgv(0), &data, &size, writable);
	txInteger offset = glueInteger(the, 1, 0, (txInteger)size);
	*length = glueInteger(the, 2, 0, (txInteger)size - offset);
	return (uint8_t *)data + offset;
}

static void count(txMachine *the, int value)
{
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = value > 0 ? value : 0;
}

void xs_serial_read(txMachine *the)
{
	int handle = handleOf(the);
	txInteger max;
	uint8_t *into = range(the, &max, 1);
	count(the, host_serial_read(handle, into, (size_t)max));
}

void xs_serial_write(txMachine *the)
{
	int handle = handleOf(the);
	txInteger length;
	const uint8_t *from = range(the, &length, 0);
	count(the, host_serial_write(handle, from, (size_t)length));
}

void xs_serial_get_readable(txMachine *the)
{
	count(the, host_serial_readable(handleOf(the)));
}

void xs_serial_get_writable(txMachine *the)
{
	count(the, host_serial_writable(handleOf(the)));
}

void xs_serial_close(txMachine *the)
{
	if (!fxGetHostDataIf(the, mxThis))
		return;
	int handle = handleOf(the);
	Line *line = &gLines[handle];
	fxSetHostData(the, mxThis, C_NULL);
	fxForget(the, &line->object);
	fxForget(the, &line->onReadable);
	fxForget(the, &line->onWritable);
	fxForget(the, &line->onError);
	line->open = 0;
	glueSourceCloses(&gSource);
	host_serial_close(handle);
}

/* A callback may close its line. */
static void run(txMachine *the)
{
	for (int handle = 0; gSource.open && handle < HOST_SERIAL_MAX; handle++) {
		Line *line = &gLines[handle];
		int events = line->open ? host_serial_events(handle) : 0;
		if ((events & HOST_READABLE) && line->onReadable.kind == XS_REFERENCE_KIND)
			glueCall(the, &line->onReadable, &line->object, host_serial_readable(handle));
		if ((events & HOST_WRITABLE) && line->open && line->onWritable.kind == XS_REFERENCE_KIND)
			glueCall(the, &line->onWritable, &line->object, host_serial_writable(handle));
		if ((events & HOST_ENDED) && line->open && line->onError.kind == XS_REFERENCE_KIND)
			glueCall(the, &line->onError, &line->object, 0);
	}
}
