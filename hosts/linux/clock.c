/* Time: since the start for deadlines, Unix time for applications. */
#include "host.h"
#include "linux.h"

#include <time.h>

static uint64_t gStart_us;

static uint64_t clock_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void linux_clock_start(void)
{
	gStart_us = clock_us(CLOCK_MONOTONIC);
}

uint64_t host_now_us(void)
{
	return clock_us(CLOCK_MONOTONIC) - gStart_us;
}

int64_t host_wall_ms(void)
{
	return (int64_t)(clock_us(CLOCK_REALTIME) / 1000);
}
