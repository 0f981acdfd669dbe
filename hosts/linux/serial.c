/* Serial lines are not there yet on Linux: opening one says so. */
#include "host.h"

int host_serial_open(const char *name, uint32_t baud)
{
	(void)name;
	(void)baud;
	return HOST_ABSENT;
}

int host_serial_events(int handle)
{
	(void)handle;
	return 0;
}

int host_serial_readable(int handle)
{
	(void)handle;
	return HOST_INVALID;
}

int host_serial_writable(int handle)
{
	(void)handle;
	return HOST_INVALID;
}

int host_serial_read(int handle, uint8_t *into, size_t max)
{
	(void)handle;
	(void)into;
	(void)max;
	return HOST_INVALID;
}

int host_serial_write(int handle, const uint8_t *from, size_t length)
{
	(void)handle;
	(void)from;
	(void)length;
	return HOST_INVALID;
}

void host_serial_close(int handle)
{
	(void)handle;
}
