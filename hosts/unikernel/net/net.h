/* The network stack as the event loop drives it. */
#ifndef VATLET_NET_H
#define VATLET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Address from the boot configuration (`address`, `netmask`, `gateway`), QEMU's user network by default. */
void net_start(void);
/* Sends what waits, takes in what came, runs due timers; returns when it wants to run again. */
uint64_t net_poll(void);
/* Whether something happened since the last call that the layer above may ask about. */
bool net_take_woken(void);
void net_wake(void);
uint32_t net_bytes_in(void);
uint32_t net_bytes_out(void);

#endif
