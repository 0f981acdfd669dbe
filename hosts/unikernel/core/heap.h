/*
 * The C heap, for what cannot say beforehand how much it needs (mbedTLS, XS's own tables): a fixed piece of RAM, and more out of the
 * XS pool when that is full.
 */
#ifndef VATLET_HEAP_H
#define VATLET_HEAP_H

#include <stddef.h>

/* Bytes in use, headers included. */
size_t heap_used(void);
/* At the fullest moment so far. */
size_t heap_peak(void);
size_t heap_free(void);

#endif
