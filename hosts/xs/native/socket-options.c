/* What the options of sockets have in common. */
#include "xsAll.h"
#include "glue.h"

void glueTarget(txMachine *the, txSlot *options)
{
	if (glueOption(the, options, xsID_target)->kind == XS_UNDEFINED_KIND) {
		mxPop();
		return;
	}
	mxPushSlot(mxThis);
	mxSetID(xsID_target);
	mxPop();
}

void glueFormat(txMachine *the, txSlot *options, const char *only)
{
	txSlot *slot = glueOption(the, options, xsID_format);
	if (slot->kind != XS_UNDEFINED_KIND && c_strcmp(fxToString(the, slot), only))
		mxRangeError("format %s is not %s, the only one", slot->value.string, only);
	mxPop();
}

void glueAddress(txMachine *the, txSlot *slot, uint8_t address[4])
{
	char text[20];
	const char *p = text;
	fxToStringBuffer(the, slot, text, sizeof(text));
	for (int i = 0; i < 4; i++) {
		int value = 0, digits = 0;
		while (*p >= '0' && *p <= '9' && digits < 3) {
			value = value * 10 + (*p++ - '0');
			digits++;
		}
		if (!digits || value > 255 || *p != (i < 3 ? '.' : 0))
			mxRangeError("address %s is not four numbers from 0 to 255 with dots between", text);
		address[i] = (uint8_t)value;
		p++;
	}
}

uint16_t gluePort(txMachine *the, txSlot *options, int low)
{
	txSlot *slot = glueOption(the, options, xsID_port);
	txInteger port = slot->kind == XS_UNDEFINED_KIND ? 0 : fxToInteger(the, slot);
	mxPop();
	if (port < low || port > 65535)
		mxRangeError("port %d is out of range", (int)port);
	return (uint16_t)port;
}
