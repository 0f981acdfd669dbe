/* Pins over host.h. As with serial lines, an open pin is kept alive by the table, and an edge costs a call and no heap. */
#include "xsAll.h"
#include "glue.h"

typedef struct {
	txSlot object;
	txSlot onReadable;
	int mode;
	int open;
} Pin;

static Pin gPins[HOST_PINS_MAX];
static void run(txMachine *the);
/* Of them only those that are watched. */
static GlueSource gSource = { .run = run };

void xs_digital_destructor(void *data)
{
	(void)data;
}

static int pinOf(txMachine *the)
{
	Pin *pin = mxThis->kind == XS_REFERENCE_KIND ? fxGetHostDataIf(the, mxThis) : C_NULL;
	if (!pin || pin < gPins || pin >= gPins + HOST_PINS_MAX || !pin->open)
		mxTypeError("the pin is closed");
	return (int)(pin - gPins);
}

static txInteger option(txMachine *the, txID name, txInteger otherwise)
{
	txSlot *slot = glueOption(the, mxArgv(0), name);
	txInteger value = slot->kind == XS_UNDEFINED_KIND ? otherwise : fxToInteger(the, slot);
	mxPop();
	return value;
}

static int isInput(int mode)
{
	return mode < HOST_PIN_OUTPUT;
}

/* A callback may close its pin. */
static void run(txMachine *the)
{
	for (int number = 0; gSource.open && number < HOST_PINS_MAX; number++) {
		Pin *pin = &gPins[number];
		if (pin->open && pin->onReadable.kind == XS_REFERENCE_KIND && host_pin_events(number))
			glueCall(the, &pin->onReadable, &pin->object, 0);
	}
}

void xs_digital(txMachine *the)
{
	txSlot onReadable = mxUndefined;
	if (!glueHas(the, 0))
		mxTypeError("options are missing");
	txInteger number = option(the, xsID_pin, -1), mode = option(the, xsID_mode, -1), edges = option(the, xsID_edge, 0);
	glueOptionFunction(the, mxArgv(0), mxThis, xsID_onReadable, &onReadable);
	mxPushSlot(&onReadable);
	if (number < 0 || number >= HOST_PINS_MAX)
		mxRangeError("pin must be from 0 to %d", HOST_PINS_MAX - 1);
	if (!((mode >= HOST_PIN_INPUT && mode <= HOST_PIN_INPUT_PULL_UP_DOWN) || mode == HOST_PIN_OUTPUT || mode == HOST_PIN_OUTPUT_OPEN_DRAIN))
		mxRangeError("mode must be one of Digital's");
	if (edges < 0 || edges > (HOST_PIN_RISING | HOST_PIN_FALLING))
		mxRangeError("edge must be Digital.Rising, Digital.Falling or both");
	if (edges && !isInput(mode))
		mxTypeError("an output has no edge");
	if ((onReadable.kind == XS_REFERENCE_KIND) != (edges != 0))
		mxTypeError("onReadable and edge go together");
	int result = host_pin_open(number, mode, edges);
	if (result < 0)
		mxUnknownError("cannot open pin %d: %s", (int)number, glueErrorName(result));
	Pin *pin = &gPins[number];
	pin->object = *mxThis;
	pin->onReadable = onReadable;
	pin->mode = mode;
	pin->open = 1;
	fxRemember(the, &pin->object);
	fxRemember(the, &pin->onReadable);
	fxSetHostData(the, mxThis, pin);
	if (edges)
		glueSourceOpens(&gSource);
}

void xs_digital_read(txMachine *the)
{
	int number = pinOf(the);
	if (!isInput(gPins[number].mode))
		mxTypeError("pin %d is an output", number);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = host_pin_read(number);
}

void xs_digital_write(txMachine *the)
{
	int number = pinOf(the);
	if (isInput(gPins[number].mode))
		mxTypeError("pin %d is an input", number);
	host_pin_write(number, glueInteger(the, 0, 0, 1));
}

void xs_digital_get_format(txMachine *the)
{
	pinOf(the);
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = "number";
}

void xs_digital_close(txMachine *the)
{
	if (!fxGetHostDataIf(the, mxThis))
		return;
	int number = pinOf(the);
	Pin *pin = &gPins[number];
	fxSetHostData(the, mxThis, C_NULL);
	if (pin->onReadable.kind == XS_REFERENCE_KIND)
		glueSourceCloses(&gSource);
	fxForget(the, &pin->object);
	fxForget(the, &pin->onReadable);
	pin->open = 0;
	host_pin_close(number);
}
