#include "xsmc.h"

void xs_checksum(xsMachine *the)
{
	uint8_t *bytes;
	xsUnsignedValue count;
	int sum = 0;
	xsmcGetBufferReadable(xsArg(0), (void **)&bytes, &count);
	while (count > 0)
		sum += bytes[--count];
	xsmcSetInteger(xsResult, sum);
}
