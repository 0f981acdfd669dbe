/* There is no network on this board: the radio needs Espressif's own code. Everything goes over the serial line. */
#include "net/net.h"

void net_start(void)
{
}

uint64_t net_poll(void)
{
	return UINT64_MAX;
}

bool net_take_woken(void)
{
	return false;
}

uint32_t net_bytes_in(void)
{
	return 0;
}

uint32_t net_bytes_out(void)
{
	return 0;
}
