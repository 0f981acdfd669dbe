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
/*
 * Whether the queue of a datagram socket has become full since the last call. Its program may read it before more frames are taken: else the
 * answer that it waits for would be lost behind whatever else is sent to it. Only in images with UDP.
 */
bool udp_take_filled(void);
uint32_t net_bytes_in(void);
uint32_t net_bytes_out(void);

#endif
