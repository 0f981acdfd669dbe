/* Hooks that lwIP calls by name. */
#ifndef VATLET_LWIP_HOOKS_H
#define VATLET_LWIP_HOOKS_H

#include "arch/cc.h"

/* RFC 6528 asks for initial sequence numbers that an outsider cannot guess: each is fresh from the random source. */
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) net_random()

#endif
