/* The C heap: a fixed piece of RAM for what cannot say beforehand how much it needs (mbedTLS, XS's own tables). */
#ifndef VATLET_HEAP_H
#define VATLET_HEAP_H

#include <stddef.h>

/* Bytes in use, headers included, at the fullest moment so far. */
size_t heap_peak(void);
size_t heap_free(void);

#endif
