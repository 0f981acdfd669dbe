/* The numbers that a median is of: as they came, the oldest at `next` once there are `count`. */
#include <stdint.h>
#include "mc.defines.h"

struct median {
	int32_t values[MODDEF_MEDIAN_LONGEST];
	int count, filled, next;
};

int32_t median_of(const struct median *median);
