/* lwIP's view of this machine. */
#ifndef VATLET_LWIP_CC_H
#define VATLET_LWIP_CC_H

#include <stdint.h>
#include <stdlib.h>

#include "core/panic.h"

uint32_t net_random(void);

#define BYTE_ORDER LITTLE_ENDIAN
#define LWIP_RAND() net_random()
#define LWIP_PLATFORM_DIAG(message) ((void)0)
#define LWIP_PLATFORM_ASSERT(message) panic("lwip", message, PANIC_STACK)

#endif
