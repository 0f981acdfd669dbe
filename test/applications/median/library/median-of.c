#include "median.h"

/* Few numbers: each is counted against all others. */
int32_t median_of(const struct median *median)
{
	for (int i = 0; i < median->filled; i++) {
		int below = 0, same = 0;
		for (int j = 0; j < median->filled; j++) {
			below += median->values[j] < median->values[i];
			same += median->values[j] == median->values[i];
		}
		if (below <= median->filled / 2 && median->filled / 2 < below + same)
			return median->values[i];
	}
	return 0;
}
