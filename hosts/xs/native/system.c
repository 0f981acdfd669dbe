/* The `vatlet/system` module: the console, the end, the boot configuration, the global `trace`, entropy, time, measures. */
#include "xsAll.h"
#include "glue.h"

extern int32_t gluePoolFree(void);

static void number(txMachine *the, double value)
{
	if (value >= 0 && value <= 0x7fffffff && value == (txInteger)value) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = (txInteger)value;
	}
	else {
		mxResult->kind = XS_NUMBER_KIND;
		mxResult->value.number = value;
	}
}

void xs_system_print(txMachine *the)
{
	if (mxArgc)
		glueText(fxToString(the, mxArgv(0)));
	glueText("\n");
}

/* Not static: a heap in flash names its functions by their symbols. */
void xs_trace(txMachine *the)
{
	for (txInteger i = 0; i < mxArgc; i++)
		glueText(fxToString(the, mxArgv(i)));
}

void glueGlobals(txMachine *the)
{
	fxBeginHost(the);
	fxNewHostFunction(the, xs_trace, 1, xsID_trace, XS_NO_ID);
	mxPush(mxGlobal);
	mxDefineID(xsID_trace, XS_DONT_ENUM_FLAG, XS_GET_ONLY);
	mxPop();
	fxEndHost(the);
}

void xs_system_exit(txMachine *the)
{
	host_exit(glueHas(the, 0) ? fxToInteger(the, mxArgv(0)) : 0);
}

void xs_system_config(txMachine *the)
{
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = (txString)host_config();
}

void xs_system_fillEntropy(txMachine *the)
{
	void *data;
	txUnsigned size;
	if (!glueHas(the, 0))
		mxTypeError("a buffer is missing");
	_xsmcGetBuffer(the, mxArgv(0), &data, &size, 1);
	if (size && host_entropy(data, size) < 0)
		mxUnknownError("there is no source of randomness");
}

/* Doubles are not boxed: no heap. */
void xs_system_nowMs(txMachine *the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (double)host_now_us() / 1000;
}

void xs_system_wallMs(txMachine *the)
{
	int64_t now = glueWallMs();
	if (now >= 0) {
		mxResult->kind = XS_NUMBER_KIND;
		mxResult->value.number = (double)now;
	}
}

void xs_system_setWallMs(txMachine *the)
{
	double unixMs = glueHas(the, 0) ? fxToNumber(the, mxArgv(0)) : -1;
	if (!(unixMs >= 0 && unixMs < 8.64e15))
		mxRangeError("Unix time in milliseconds is from 0 to 8.64e15");
	glueSetWallMs((int64_t)unixMs);
}

void xs_system_chipCelsius(txMachine *the)
{
	int32_t millicelsius;
	if (host_chip_temperature(&millicelsius) < 0)
		return;
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = millicelsius / 1000.0;
}

void xs_system_collect(txMachine *the)
{
	fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
}

void xs_system_instructions(txMachine *the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (double)host_instructions();
}

/* The order is that of the constants in system.ts. */
void xs_system_meter(txMachine *the)
{
	txInteger which = glueInteger(the, 0, 0, 127);
	switch (which) {
	case 0: number(the, the->currentHeapCount); break;
	case 1: number(the, the->currentChunksSize); break;
	case 2: number(the, the->garbageCollectionCount); break;
	case 3: number(the, glueMallocs); break;
	case 4: number(the, the->peakHeapCount); break;
	case 5: number(the, the->peakChunksSize); break;
	case 6: number(the, the->maximumHeapCount); break;
	case 7: number(the, the->maximumChunksSize); break;
	case 8: number(the, (double)((uint8_t *)the->stackTop - (uint8_t *)the->stackPeak)); break;
	case 9: number(the, (double)((uint8_t *)the->stackTop - (uint8_t *)the->stackBottom)); break;
	case 10: number(the, glueMallocsLive); break;
	case 11: number(the, glueMallocBytes); break;
	case 12: number(the, sizeof(txSlot)); break;
	case 13: number(the, the->keyIndex); break;
	case 14: number(the, gluePoolFree()); break;
	default:
		if (which >= 32)
			number(the, host_meter(which - 32));
	}
}
