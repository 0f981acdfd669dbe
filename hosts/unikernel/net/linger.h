/* Streams that their owner has closed and whose last bytes are not acknowledged yet. */
#ifndef VATLET_LINGER_H
#define VATLET_LINGER_H

#include <stdbool.h>

#include "net/sender.h"

/* Takes the sender over, sees its bytes out and ends the connection. Where too many linger, the longest is cut off. */
void linger(struct sender *sender);
/* Cuts the longest-lingering one off; false if there is none. */
bool linger_cut(void);
/* As sender_push, for all. */
bool linger_push(void);

#endif
