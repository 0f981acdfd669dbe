/* There is no network on this board: the radio needs Espressif's own code. Everything goes over the serial line. */
#include "host.h"
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

int host_tcp_connect(const uint8_t address[4], uint16_t port, int flags) { (void)address, (void)port, (void)flags; return HOST_ABSENT; }
int host_tcp_listen(const uint8_t address[4], uint16_t port, int backlog) { (void)address, (void)port, (void)backlog; return HOST_ABSENT; }
int host_tcp_accept(int listener, int flags) { (void)listener, (void)flags; return HOST_ABSENT; }
int host_tcp_events(int handle) { (void)handle; return 0; }
int host_tcp_error(int handle) { (void)handle; return HOST_ABSENT; }
int host_tcp_readable(int handle) { (void)handle; return 0; }
int host_tcp_writable(int handle) { (void)handle; return 0; }
int host_tcp_read(int handle, uint8_t *into, size_t max) { (void)handle, (void)into, (void)max; return 0; }
int host_tcp_write(int handle, const uint8_t *from, size_t length) { (void)handle, (void)from, (void)length; return HOST_ABSENT; }
void host_tcp_close(int handle) { (void)handle; }
void host_tcp_abort(int handle) { (void)handle; }
int host_tcp_local_port(int handle) { (void)handle; return HOST_ABSENT; }
int host_tcp_remote(int handle, char into[16]) { (void)handle, (void)into; return HOST_ABSENT; }
