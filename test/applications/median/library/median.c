#include "xsmc.h"
#include "median.h"

/* The numbers are a chunk of the object's own machine: nothing to free. */
void xs_median_destructor(void *data)
{
	(void)data;
}

void xs_median(xsMachine *the)
{
	xsIntegerValue count = xsmcToInteger(xsArg(0));
	if (count < 1 || count > MODDEF_MEDIAN_LONGEST || count % 2 == 0)
		xsRangeError("a median is of an odd count, at most 15");
	struct median median = { .count = count };
	xsmcSetHostChunk(xsThis, &median, sizeof(median));
}

void xs_median_push(xsMachine *the)
{
	xsIntegerValue value = xsmcToInteger(xsArg(0));
	/* Last: a chunk may move whenever the engine is asked for something. */
	struct median *median = xsmcGetHostChunk(xsThis);
	median->values[median->next] = value;
	median->next = (median->next + 1) % median->count;
	if (median->filled < median->count)
		median->filled++;
	xsmcSetInteger(xsResult, median_of(median));
}

void xs_median_unit(xsMachine *the)
{
	xsmcSetString(xsResult, MODDEF_MEDIAN_UNIT);
}
