/* Reading what JavaScript passed, with errors that name it. */
#include "xsAll.h"
#include "glue.h"

int glueHas(txMachine *the, int index)
{
	return mxArgc > index && mxArgv(index)->kind != XS_UNDEFINED_KIND;
}

txInteger glueInteger(txMachine *the, int index, txInteger low, txInteger high)
{
	txInteger value;
	if (mxArgc <= index)
		mxTypeError("argument %d is missing", index + 1);
	value = mxArgv(index)->kind == XS_INTEGER_KIND ? mxArgv(index)->value.integer : fxToInteger(the, mxArgv(index));
	if (value < low || value > high)
		mxRangeError("argument %d is %d, outside of %d to %d", index + 1, (int)value, (int)low, (int)high);
	return value;
}

txSlot *glueOption(txMachine *the, txSlot *options, txID name)
{
	mxPushSlot(options);
	mxGetID(name);
	return the->stack;
}

static int isFunction(txMachine *the, txSlot *slot)
{
	return slot->kind == XS_REFERENCE_KIND && mxIsCallable(slot->value.reference);
}

void glueOptionFunction(txMachine *the, txSlot *options, txSlot *self, txID name, txSlot *into)
{
	txSlot *found = glueOption(the, options, name);
	if (found->kind == XS_UNDEFINED_KIND) {
		mxPop();
		found = glueOption(the, self, name);
	}
	if (found->kind != XS_UNDEFINED_KIND && !isFunction(the, found))
		mxTypeError("%s is not a function", fxGetKeyName(the, name));
	into->kind = found->kind;
	into->value = found->value;
	mxPop();
}
