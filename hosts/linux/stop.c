/* An end with a reason. */
#include "linux.h"

#include <stdio.h>
#include <stdlib.h>

void linux_stop(const char *what, const char *which)
{
	fprintf(stderr, "vatlet: %s%s%s\n", what, which ? ": " : "", which ? which : "");
	exit(1);
}
