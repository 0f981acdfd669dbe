/* Calls from the loop into JavaScript, and the promise jobs that they leave. */
#include "xsAll.h"
#include "glue.h"

void fxQueuePromiseJobs(txMachine *the)
{
	the->promiseJobs = 1;
}

void glueJobs(txMachine *the)
{
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
}

/* A text, or without one a number. */
static void call(txMachine *the, txSlot *function, txSlot *self, txInteger number, const char *text)
{
	fxBeginHost(the);
	{
		mxTry(the) {
			mxPushSlot(self);
			mxPushSlot(function);
			mxCall();
			if (text)
				mxPushStringX((txString)text);
			else
				mxPushInteger(number);
			mxRunCount(1);
			mxPop();
		}
		mxCatch(the) {
			fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
		}
	}
	fxEndHost(the);
	glueJobs(the);
}

void glueCall(txMachine *the, txSlot *function, txSlot *self, txInteger argument)
{
	call(the, function, self, argument, C_NULL);
}

void glueCallText(txMachine *the, txSlot *function, txSlot *self, const char *argument)
{
	call(the, function, self, 0, argument);
}
