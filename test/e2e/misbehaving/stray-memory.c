#include "xsAll.h"

static volatile txU4 *at(txMachine *the)
{
	return (volatile txU4 *)(uintptr_t)fxToUnsigned(the, mxArgv(0));
}

void xs_stray_read(txMachine *the)
{
	(void)*at(the);
}

void xs_stray_write(txMachine *the)
{
	*at(the) = 0;
}
