/* From start to the last event: the machine, its main module, and the loop. */
#include "xsAll.h"
#include "glue.h"

extern void glueMachine(txMachine *the);

extern void glueStarted(void);

static GlueSource *gSources;

static void mainFulfilled(txMachine *the)
{
	(void)the;
	glueStarted();
}

static void mainRejected(txMachine *the)
{
	mxException = *mxArgv(0);
	fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
}

static void importMain(txMachine *the)
{
	fxBeginHost(the);
	{
		mxTry(the) {
			txSlot *realm = mxProgram.value.reference->next->value.module.realm;
			mxPushStringX("main");
			fxRunImport(the, realm, XS_NO_ID);
			mxDub();
			mxGetID(mxID(_then));
			mxCall();
			fxNewHostFunction(the, mainFulfilled, 1, XS_NO_ID, XS_NO_ID);
			fxNewHostFunction(the, mainRejected, 1, XS_NO_ID, XS_NO_ID);
			mxRunCount(2);
			mxPop();
		}
		mxCatch(the) {
			fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
		}
	}
	fxEndHost(the);
}

void glueSourceOpens(GlueSource *source)
{
	source->open++;
	if (source->known)
		return;
	source->known = 1;
	source->next = gSources;
	gSources = source;
}

void glueSourceCloses(GlueSource *source)
{
	source->open--;
}

static int isAnyOpen(void)
{
	for (GlueSource *source = gSources; source; source = source->next)
		if (source->open)
			return 1;
	return 0;
}

/*
 * Ends when nothing is left that could call JavaScript. A rejection that nobody handles by the time that all jobs have run
 * ends the program, as an exception does.
 */
static void loop(txMachine *the)
{
	glueJobs(the);
	fxCheckUnhandledRejections(the, 1);
	for (;;) {
		uint64_t deadline = glueTimersDeadline();
		if (deadline == UINT64_MAX && !isAnyOpen())
			return;
		host_wait(deadline);
		for (GlueSource *source = gSources; source; source = source->next)
			if (source->open)
				source->run(the);
		glueTimersRun(the, host_now_us());
		fxCheckUnhandledRejections(the, 1);
	}
}

/* A line `name=value` of the boot configuration. */
static int configured(const char *line)
{
	size_t length = c_strlen(line);
	for (const char *at = host_config(); at; at = c_strchr(at, '\n'), at = at ? at + 1 : at)
		if (!c_strncmp(at, line, length) && (at[length] == '\n' || at[length] == 0))
			return 1;
	return 0;
}

/* A damaged store may have lost the key that is this device's name: better no device than one that pretends to be new. */
static void openStore(void)
{
	int result = host_store_open(configured("reset-store=1"));
	if (result == HOST_CORRUPT)
		glueStop(C_NULL, "the store is corrupt; start once with reset-store=1 (--reset-store) to begin anew, with a new identity");
	if (result < 0 && result != HOST_ABSENT)
		glueStop(C_NULL, "the store cannot be opened");
}

/* A host may start the engine from objects that lie in flash already. */
__attribute__((weak)) txMachine *glueCreateMachine(const txCreation *creation)
{
	txMachine *the = fxCreateMachine((txCreation *)creation, "vatlet", C_NULL, XS_NO_ID);
	if (the)
		glueGlobals(the);
	return the;
}

int main(int argc, char **argv)
{
	txCreation creation = gxLinkedCreation;
	txMachine *the;
	host_start(argc, argv);
	openStore();
	if (creation.initialKeyCount < XS_ID_COUNT + gxLinkedNameCount + 16)
		creation.initialKeyCount = XS_ID_COUNT + gxLinkedNameCount + 16;
	the = glueCreateMachine(&creation);
	if (!the)
		glueStop(C_NULL, "too little memory to start the engine");
	glueMachine(the);
	importMain(the);
	loop(the);
	host_exit(0);
}
