#include "xsAll.h"
#include "glue.h"

void xs_nameServer(txMachine *the)
{
	uint8_t address[4];
	char text[16];
	if (host_name_server(address) < 0)
		return;
	snprintf(text, sizeof(text), "%d.%d.%d.%d", address[0], address[1], address[2], address[3]);
	fxString(the, mxResult, text);
}
