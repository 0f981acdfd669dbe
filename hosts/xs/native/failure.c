/* How a program ends when it must: one reason, the JavaScript stack, and numbers that explain a lack of memory. */
#include "xsAll.h"
#include "glue.h"

extern int32_t gluePoolFree(void);

static txMachine *gMachine;
static int gStopping, gStarted;

void glueText(const char *text)
{
	host_console(text, c_strlen(text));
}

const char *glueErrorName(int code)
{
	switch (code) {
	case HOST_AGAIN: return "busy";
	case HOST_CLOSED: return "closed";
	case HOST_REFUSED: return "refused";
	case HOST_RESET: return "reset";
	case HOST_TIMEOUT: return "timeout";
	case HOST_FULL: return "full";
	case HOST_INVALID: return "invalid";
	case HOST_ABSENT: return "absent";
	case HOST_CORRUPT: return "corrupt";
	default: return "failed";
	}
}

/* As in an error's stack: by the id that the function's code has, since functions of a ROM heap may have no property `name`. */
static const char *functionName(txMachine *the, txSlot *function)
{
	if (function->kind != XS_REFERENCE_KIND || !mxIsFunction(function->value.reference))
		return C_NULL;
	txID id = mxFunctionInstanceCode(function->value.reference)->ID;
	return id == XS_NO_ID ? "" : fxGetKeyName(the, id);
}

/* The frames as they are, without allocating: it may be memory that has run out. */
static void printFrames(txMachine *the)
{
	int count = 0;
	for (txSlot *frame = the->frame; frame && count < 16; frame = frame->next, count++) {
		const char *name = functionName(the, frame + 3);
		if (!name)
			continue;
		glueText("    at ");
		glueText(*name ? name : "(anonymous)");
		glueText("\n");
	}
}

/* An Error prints as its stack, anything else as its text. */
static void printException(txMachine *the)
{
	mxTry(the) {
		if (mxException.kind == XS_REFERENCE_KIND && mxException.value.reference) {
			mxPush(mxException);
			mxGetID(mxID(_stack));
			if (the->stack->kind == XS_UNDEFINED_KIND) {
				mxPop();
				mxPush(mxException);
			}
		}
		else
			mxPush(mxException);
		glueText(fxToString(the, the->stack));
		glueText("\n");
		mxPop();
	}
	mxCatch(the) {
		glueText("(the exception cannot be printed)\n");
	}
}

static void printMemory(txMachine *the)
{
	char line[200];
	snprintf(line, sizeof(line), "    slots %ld of %ld, chunks %ld of %ld bytes, pool free %ld bytes\n",
		(long)the->currentHeapCount, (long)the->maximumHeapCount, (long)the->currentChunksSize,
		(long)the->maximumChunksSize, (long)gluePoolFree());
	glueText(line);
}

/* What fails before the main module has been evaluated would fail again at each start. */
static void end(void)
{
	if (gStarted)
		host_give_up(1);
	host_exit(1);
}

void glueStop(txMachine *the, const char *reason)
{
	glueText("vatlet: stopped: ");
	glueText(reason);
	glueText("\n");
	if (the && !gStopping) {
		gStopping = 1;
		printFrames(the);
	}
	end();
}

void fxAbort(txMachine *the, int status)
{
	static const char *const reasons[] = {
		"", "out of memory", "stack overflow", "inconsistent heap", "a stripped feature was used", "unhandled exception",
		"out of names", "too much computation", "unhandled rejection",
	};
	int known = status >= 0 && status < (int)(sizeof(reasons) / sizeof(reasons[0]));
	gMachine = the;
	if (status == 0)
		host_exit(0);
	if (gStopping)
		end();
	gStopping = 1;
	glueText("vatlet: stopped: ");
	glueText(known ? reasons[status] : "unknown failure");
	glueText("\n");
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT)
		printException(the);
	else {
		printFrames(the);
		printMemory(the);
	}
	end();
}

/* For a host that stops on its own, a trap say: where JavaScript was. */
void host_panic_report(void)
{
	if (gMachine) {
		printFrames(gMachine);
		printMemory(gMachine);
	}
}

void glueMachine(txMachine *the)
{
	gMachine = the;
}

void glueStarted(void)
{
	gStarted = 1;
}
